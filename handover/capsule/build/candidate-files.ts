import { constants, type Stats } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { join } from "node:path";
import { dirname } from "node:path/posix";
import { gitBytes, gitText } from "../../../client/git/git.ts";
import { type FileFilters, fileFilters } from "../../git/file-filters.ts";
import { SUBMODULE, splitAtNul } from "../../git/git-entries.ts";
import type { ChangedPath } from "../../git/work-tree-status.ts";
import { MAX_FILE_BYTES, MAX_FILES } from "../patch-file.ts";
import { excludedByName, hasForeignFilter, IS_IN_LFS, IS_REPOSITORY, IS_TOO_LARGE } from "./exclusions.ts";

/** Limit for all changed files together, before compression. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/** Why the work is too much for a capsule, as a sentence for a person. */
export class TooMuchWork extends Error {
  override readonly name = "TooMuchWork";
}

/** Changed paths that may go into the capsule. */
export interface Candidates {
  readonly present: readonly ChangedPath[];
  /** Files that were deleted. */
  readonly gone: readonly ChangedPath[];
}

/** Excludes files by name, kind, size and git attributes, before git reads them. Adds the reasons to `reasons`. */
export async function sortByFile(
  root: string,
  changed: readonly ChangedPath[],
  reasons: Map<string, string>,
): Promise<Candidates> {
  if (changed.length > MAX_FILES) {
    throw new TooMuchWork(`${changed.length} files are changed or new, which is more than a capsule can hold.`);
  }
  const [filters, hidden] = await Promise.all([
    fileFilters(
      root,
      changed.map(({ path }) => path),
    ),
    hiddenChanges(root),
  ]);
  for (const path of hidden) reasons.set(path, "git is told to ignore its changes");
  const isFolder = folderCheck(root);
  const present: ChangedPath[] = [];
  const gone: ChangedPath[] = [];
  let bytes = 0;
  for (const each of changed) {
    const file = join(root, each.path);
    const byName = excludedByName(each.path) ?? reasonByKind(each, filters);
    // Git reports a path behind a link, or one that is now a folder, as an error.
    const isGone = byName === null && (!(await isFolder(dirname(each.path))) || (await isFolder(each.path)));
    const stats = byName === null && !isGone ? await lstat(file).catch(() => null) : null;
    const reason = byName ?? (stats === null ? null : await reasonByFile(file, stats));
    if (reason !== null) reasons.set(each.path, reason);
    else (isGone ? gone : present).push(each);
    bytes += reason === null ? (stats?.size ?? 0) : 0;
  }
  if (bytes > MAX_TOTAL_BYTES) throw new TooMuchWork("The changed files are too large for a capsule.");
  return { present, gone };
}

/** Applies to deleted files too: a deleted one may have been renamed to one that is excluded. */
function reasonByKind({ path, mode, isRepository }: ChangedPath, { byPath, foreign }: FileFilters): string | null {
  if (isRepository || mode === SUBMODULE) return IS_REPOSITORY;
  const filter = byPath.get(path);
  // Git would turn it into a pointer to content that only this machine has.
  if (filter === "lfs") return IS_IN_LFS;
  return filter !== undefined && foreign.has(filter) ? hasForeignFilter(filter) : null;
}

async function reasonByFile(file: string, stats: Stats): Promise<string | null> {
  if (stats.isSymbolicLink()) return null; // checked with the other links
  if (!stats.isFile()) return "it is not a file";
  if (stats.size > MAX_FILE_BYTES) return IS_TOO_LARGE;
  return (await access(file, constants.R_OK).catch(() => "no")) === "no" ? "it cannot be read" : null;
}

/** Makes a check, with a cache, of whether a path is a folder that is not behind a link. */
function folderCheck(root: string): (path: string) => Promise<boolean> {
  const known = new Map<string, boolean>([[".", true]]);
  return async function isFolder(path: string): Promise<boolean> {
    const before = known.get(path);
    if (before !== undefined) return before;
    const stats = (await isFolder(dirname(path))) ? await lstat(join(root, path)).catch(() => null) : null;
    known.set(path, stats?.isDirectory() === true);
    return stats?.isDirectory() === true;
  };
}

/** A sparse checkout marks every file that it leaves out. Only this many are looked up. */
const MAX_MARKED = 2_000;

/** `h`: assume-unchanged, `S`: skip-worktree, `s`: both. */
const MARKED = /^([hsS]) \d{6} ([0-9a-f]+) 0\t([\s\S]+)$/;

/** Changed files that git ignores because they are marked assume-unchanged or skip-worktree. */
async function hiddenChanges(root: string): Promise<string[]> {
  const entries = splitAtNul(await gitBytes(root, ["ls-files", "-v", "-s", "-z"]));
  const marked = entries.filter((entry) => entry[0] !== 0x48).slice(0, MAX_MARKED);
  const there: { path: string; object: string }[] = [];
  for (const entry of marked) {
    const [, , object = "", path = ""] = MARKED.exec(entry.toString()) ?? [];
    const stats = path === "" || path.includes("\n") ? null : await lstat(join(root, path)).catch(() => null);
    if (stats?.isFile() === true) there.push({ path, object });
  }
  if (there.length === 0) return [];
  const stdin = Buffer.from(there.map(({ path }) => `${path}\n`).join(""));
  const objects = (await gitText(root, ["hash-object", "--stdin-paths"], { stdin })).split("\n");
  return there.filter(({ object }, at) => objects[at] !== object).map(({ path }) => path);
}
