import { existsSync } from "node:fs";
import { gitText, runGit } from "../../client/git/git.ts";
import { printable } from "./file-names.ts";

/** A folder that Photon made, and its branch. Both are safe to print. */
export interface AppliedBefore {
  readonly folder: string;
  readonly branch: string;
}

/** What `worktreeTarget` puts before the name of every branch. */
const OURS = /^photon[/-]/;

/** The work of a capsule: its base commit and its tree, in a repository. */
interface Work {
  readonly repository: { readonly root: string };
  readonly base: { readonly commit: string };
  readonly tree: string;
}

/**
 * Finds the folder in which the same work was applied before, from this or another capsule, and which still exists. It is
 * found after further commits, too: `writeWorktree` makes the branch at the work and then moves it to the base, so
 * the branch's reflog begins with the work. Without reflogs nothing is found.
 */
export async function appliedBefore({ repository, base, tree }: Work): Promise<AppliedBefore | null> {
  const { root } = repository;
  for (const { folder, branch } of await worktreesOf(root)) {
    if (!OURS.test(branch) || !existsSync(folder)) continue;
    const log = await runGit(root, ["log", "-g", "--format=%T %P", `refs/heads/${branch}`, "--"]);
    if (log.stdout.toString().split("\n").includes(`${tree} ${base.commit}`))
      return { folder: printable(folder), branch: printable(branch) };
  }
  return null;
}

async function worktreesOf(root: string): Promise<AppliedBefore[]> {
  const list = await gitText(root, ["worktree", "list", "--porcelain"]);
  return [...list.matchAll(/^worktree (.*)\n(?:.+\n)*?branch refs\/heads\/(.*)$/gm)].map(
    ([, folder = "", branch = ""]) => ({ folder, branch }),
  );
}
