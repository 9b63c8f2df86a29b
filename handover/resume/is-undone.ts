import { existsSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../../client/disk/private-file.ts";
import { sha256Hex } from "../../client/disk/sha256-hex.ts";
import { runGit } from "../../client/git/git.ts";

/** Where this machine applied a handover's work. */
export interface ResumedWork {
  /** The handover's. */
  readonly id: string;
  /** This machine's milliseconds since 1970. */
  readonly at: number;
  /** The root of the repository in which it was resumed. */
  readonly root: string;
  /** The folder that held the work: a new one, or the root. */
  readonly folder: string;
  /** The new branch; null if the work was applied onto the branch that was checked out. */
  readonly branch: string | null;
  /** Git's own folder of the new work tree, which stays the same if that is moved; null if there is none or it is unknown. */
  readonly gitFolder: string | null;
  /** The newest of the commits that came with it; null if there were none, or if another branch here had them before. */
  readonly tip: string | null;
  /** The changed files; empty if there were too many to look at. */
  readonly files: readonly string[];
  /** What identifies each file's content, see {@link contentOf}, in the same order; null for a deleted one. */
  readonly contents: readonly (string | null)[];
  /** Whether the work was found to be undone since. */
  readonly isUndone: boolean;
}

/** What identifies the content of a file; null if it cannot be read. */
export function contentOf(folder: string, path: string): string | null {
  const content = readIfThere(join(folder, path));
  return content && sha256Hex(content).slice(0, CONTENT_CHARS);
}

const CONTENT_CHARS = 16;

/**
 * Whether applied work is gone, as the printed command leaves it, and the repository has nothing of it:
 *
 * - Neither the new folder nor its work tree and branch exist, also not moved or renamed; or, without a new folder, the files
 *   have no changes.
 * - No ref and no work tree contains the unpushed commits, as after a merge.
 * - No commit since then, a stash included, changes one of the files.
 * - No work tree has one of the files with the content that it had in the work.
 *
 * In doubt it is not undone: the sender must not do again what may be done. A copy outside of the repository is not found.
 */
export async function isUndone(work: ResumedWork): Promise<boolean> {
  const { root, folder, branch, gitFolder, files, at } = work;
  if (branch !== null && (gitFolder === null || existsSync(gitFolder) || existsSync(folder))) return false;
  const git = async (...args: string[]) => {
    const { code, stdout } = await runGit(root, args);
    return code === 0 ? stdout.toString().trim() : null;
  };
  const those = files.length === 0 ? [] : ["--", ...files];
  try {
    if (branch === null && (await git("status", "--porcelain", ...those)) !== "") return false;
    if (branch !== null && (await git("for-each-ref", `refs/heads/${branch}`)) !== "") return false;
    const since = new Date(at).toISOString();
    if ((await git("log", "--all", "-1", "--format=%h", `--since=${since}`, ...those)) !== "") return false;
    const trees = worktreesIn((await git("worktree", "list", "--porcelain")) ?? "");
    if (trees.length === 0 || trees.some((tree) => hasContent(tree.folder, work))) return false;
    return await isUnreachable(work, trees, git);
  } catch {
    return false; // the repository is gone, or git does not answer
  }
}

interface Worktree {
  readonly folder: string;
  /** Its checked-out commit; null before the first one. */
  readonly head: string | null;
}

function worktreesIn(list: string): Worktree[] {
  return list.split("\n\n").flatMap((lines) => {
    const folder = /^worktree (.+)$/m.exec(lines)?.[1];
    return folder === undefined ? [] : [{ folder, head: /^HEAD ([0-9a-f]+)$/m.exec(lines)?.[1] ?? null }];
  });
}

function hasContent(folder: string, { files, contents }: ResumedWork): boolean {
  return files.some((path, at) => typeof contents[at] === "string" && contentOf(folder, path) === contents[at]);
}

async function isUnreachable(
  { tip }: ResumedWork,
  trees: readonly Worktree[],
  git: (...args: string[]) => Promise<string | null>,
): Promise<boolean> {
  if (tip === null) return true;
  if ((await git("for-each-ref", "--count=1", `--contains=${tip}`)) !== "") return false;
  for (const { head } of trees) {
    // A work tree may have a commit checked out that no ref contains.
    if (head !== null && /[1-9a-f]/.test(head) && (await git("merge-base", head, tip)) === tip) return false;
  }
  return true;
}
