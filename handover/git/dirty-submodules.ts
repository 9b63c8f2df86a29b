import { existsSync } from "node:fs";
import { join } from "node:path";
import { git } from "../../client/git/git.ts";

/** Each is asked by itself. */
const MAX_SUBMODULES = 20;

/**
 * Submodules in which something is not committed. Git is asked in each: asked in the project, it would start itself in
 * them under their own settings, which may name programs.
 *
 * @param leftMs - tells how many milliseconds are left
 */
export function dirtySubmodules(root: string, leftMs: () => number): string[] {
  if (!existsSync(join(root, ".gitmodules"))) return [];
  const listed = git(root, ["config", "-z", "--file", ".gitmodules", "--get-regexp", "\\.path$"], leftMs()) ?? "";
  const paths = listed
    .split("\0")
    .map((entry) => entry.slice(entry.indexOf("\n") + 1))
    .filter((path) => path !== "" && !path.split(/[\\/]/).includes("..") && existsSync(join(root, path, ".git")));
  return paths.slice(0, MAX_SUBMODULES).filter((path) => {
    return Boolean(git(join(root, path), ["status", "--porcelain", "-z"], leftMs()));
  });
}
