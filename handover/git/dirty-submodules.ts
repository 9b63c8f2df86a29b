import { existsSync } from "node:fs";
import { join } from "node:path";
import { git } from "../../client/git/git.ts";

/** Each needs a run of git. */
const MAX_SUBMODULES = 20;

/**
 * Submodules with uncommitted changes. Runs git in each of them: run in the project, git would start itself there under
 * the submodule's own settings, which may name programs.
 *
 * @param leftMs - returns the time left, in milliseconds
 */
export function dirtySubmodules(root: string, leftMs: () => number): string[] {
  return submodulesOf(root, leftMs).paths.filter((path) =>
    Boolean(git(join(root, path), ["status", "--porcelain", "-z"], leftMs())),
  );
}

/**
 * Submodules with commits that were made here and that no remote has. Git fetches the pinned commit by its hash, so it may
 * be on no remote's branch that this clone knows; only the reflog says what was made here. Commits that it no longer names
 * are left out.
 */
export function unpushedSubmodules(root: string, leftMs: () => number): string[] {
  return submodulesOf(root, leftMs).paths.filter((path) => {
    const ask = (args: readonly string[]) => (git(join(root, path), args, leftMs()) ?? "").split("\n").filter(Boolean);
    const unpushed = new Set(ask(["rev-list", MAX_COMMITS, "--branches", "HEAD", "--not", "--remotes"]));
    if (unpushed.size === 0) return false;
    return ask(["log", "--walk-reflogs", MAX_COMMITS, "--format=%H %gs", "HEAD"]).some((line) => {
      const [, commit = "", action = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
      return unpushed.has(commit) && MADE_HERE.test(action);
    });
  });
}

const MAX_COMMITS = "--max-count=1000";

/** What the reflog says of a new commit; not of one that was only checked out, fetched or fast-forwarded to. */
const MADE_HERE =
  /^commit\b|^(?:(?:cherry-pick|revert|am)|[^:]*\((?:pick|reword|edit|squash|fixup|continue|merge)\)): (?!fast-forward)|: Merge made by /;

/** Submodules that are checked out, the first {@link MAX_SUBMODULES}, and how many more there are. */
export function submodulesOf(
  root: string,
  leftMs: () => number,
): { readonly paths: readonly string[]; readonly rest: number } {
  if (!existsSync(join(root, ".gitmodules"))) return { paths: [], rest: 0 };
  const listed = git(root, ["config", "-z", "--file", ".gitmodules", "--get-regexp", "\\.path$"], leftMs()) ?? "";
  const paths = listed
    .split("\0")
    .map((entry) => entry.slice(entry.indexOf("\n") + 1))
    .filter((path) => path !== "" && !path.split(/[\\/]/).includes("..") && existsSync(join(root, path, ".git")));
  return { paths: paths.slice(0, MAX_SUBMODULES), rest: Math.max(paths.length - MAX_SUBMODULES, 0) };
}
