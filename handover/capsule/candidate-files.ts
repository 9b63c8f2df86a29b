import { constants } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { join } from "node:path";
import { dirname } from "node:path/posix";
import { excludedByName, IS_IN_LFS, IS_REPOSITORY, IS_TOO_LARGE, MAX_FILE_BYTES } from "./exclusions.ts";
import { SUBMODULE, splitAtNul } from "./git-entries.ts";
import { runGit } from "./run-git.ts";
import type { ChangedPath } from "./work-tree-status.ts";

/** Changed paths that git may read. */
export interface Candidates {
  readonly present: readonly ChangedPath[];
  /** Files that are no longer there. */
  readonly gone: readonly ChangedPath[];
}

/** Leaves out what its name, its kind, its size or an attribute speaks against, before it is read. */
export async function sortByFile(
  root: string,
  changed: readonly ChangedPath[],
  reasons: Map<string, string>,
): Promise<Candidates> {
  const inLfs = await pathsInLfs(root, changed);
  const isFolder = folderCheck(root);
  const present: ChangedPath[] = [];
  const gone: ChangedPath[] = [];
  for (const each of changed) {
    const reason = excludedByName(each.path) ?? (await reasonByFile(join(root, each.path), each, inLfs));
    if (reason !== null) reasons.set(each.path, reason);
    // Behind a link, or with a folder in its place, git calls it an error.
    else if ((await isFolder(dirname(each.path))) && !(await isFolder(each.path))) present.push(each);
    else gone.push(each);
  }
  return { present, gone };
}

async function reasonByFile(
  file: string,
  { path, mode, isRepository }: ChangedPath,
  inLfs: ReadonlySet<string>,
): Promise<string | null> {
  if (isRepository || mode === SUBMODULE) return IS_REPOSITORY;
  const stats = await lstat(file).catch(() => null);
  if (stats === null || stats.isSymbolicLink()) return null; // deleted, or looked at with the other links
  if (stats.isDirectory()) return null; // a file that became a folder: its own path is gone
  if (!stats.isFile()) return "it is no file";
  if (stats.size > MAX_FILE_BYTES) return IS_TOO_LARGE;
  if (inLfs.has(path)) return IS_IN_LFS;
  return (await access(file, constants.R_OK).catch(() => "no")) === "no" ? "it cannot be read" : null;
}

/** Whether a path is a folder that no link leads to. */
function folderCheck(root: string): (path: string) => Promise<boolean> {
  const known = new Map<string, boolean>([[".", true]]);
  return async function isFolder(path) {
    const before = known.get(path);
    if (before !== undefined) return before;
    const stats = (await isFolder(dirname(path))) ? await lstat(join(root, path)).catch(() => null) : null;
    known.set(path, stats?.isDirectory() === true);
    return stats?.isDirectory() === true;
  };
}

/** Git would make a pointer of each and store its content, which nobody else has then. */
async function pathsInLfs(root: string, changed: readonly ChangedPath[]): Promise<Set<string>> {
  if (changed.length === 0) return new Set();
  const stdin = Buffer.from(changed.map(({ path }) => `${path}\0`).join(""));
  const { code, stdout } = await runGit(root, ["check-attr", "-z", "--stdin", "filter"], { stdin });
  const fields = code === 0 ? splitAtNul(stdout).map(String) : [];
  return new Set(fields.filter((_, at) => at % 3 === 0 && fields[at + 2] === "lfs"));
}
