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
  return submodulesOf(root, leftMs).filter((path) =>
    Boolean(git(join(root, path), ["status", "--porcelain", "-z"], leftMs())),
  );
}

/** Submodules with commits that no remote has. */
export function unpushedSubmodules(root: string, leftMs: () => number): string[] {
  const commits = ["rev-list", "--max-count=1", "--branches", "HEAD", "--not", "--remotes"];
  return submodulesOf(root, leftMs).filter((path) => Boolean(git(join(root, path), commits, leftMs())));
}

/** Submodules that are checked out, the first {@link MAX_SUBMODULES}. */
function submodulesOf(root: string, leftMs: () => number): string[] {
  if (!existsSync(join(root, ".gitmodules"))) return [];
  const listed = git(root, ["config", "-z", "--file", ".gitmodules", "--get-regexp", "\\.path$"], leftMs()) ?? "";
  const paths = listed
    .split("\0")
    .map((entry) => entry.slice(entry.indexOf("\n") + 1))
    .filter((path) => path !== "" && !path.split(/[\\/]/).includes("..") && existsSync(join(root, path, ".git")));
  return paths.slice(0, MAX_SUBMODULES);
}
