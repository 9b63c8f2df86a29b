import { constants, type Stats } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { join } from "node:path";
import { dirname } from "node:path/posix";
import { SUBMODULE } from "../../git/git-entries.ts";
import type { ChangedPath } from "../../git/work-tree-status.ts";
import {
  excludedByName,
  hasForeignFilter,
  IS_IN_LFS,
  IS_REPOSITORY,
  IS_TOO_LARGE,
  MAX_FILE_BYTES,
} from "../exclusions.ts";
import { type FileFilters, fileFilters } from "../file-filters.ts";
import { MAX_FILES } from "../patch-size.ts";
import { unwatchedChanges } from "./unwatched-changes.ts";

/** Changed files are at most this many bytes together, before they are packed: 256 MiB. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/** Work that is too much to carry. The message is a sentence for a person. */
export class TooMuchWork extends Error {
  override readonly name = "TooMuchWork";
}

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
  if (changed.length > MAX_FILES) {
    throw new TooMuchWork(`${changed.length} files are changed or new, which is more than a capsule carries.`);
  }
  const [filters, unwatched] = await Promise.all([
    fileFilters(
      root,
      changed.map(({ path }) => path),
    ),
    unwatchedChanges(root),
  ]);
  for (const path of unwatched) reasons.set(path, "git was told not to look at it");
  const isFolder = folderCheck(root);
  const present: ChangedPath[] = [];
  const gone: ChangedPath[] = [];
  let bytes = 0;
  for (const each of changed) {
    const file = join(root, each.path);
    const byName = excludedByName(each.path) ?? reasonByKind(each, filters);
    // Behind a link, or with a folder in its place, git calls it an error.
    const isGone = byName === null && (!(await isFolder(dirname(each.path))) || (await isFolder(each.path)));
    const stats = byName === null && !isGone ? await lstat(file).catch(() => null) : null;
    const reason = byName ?? (stats === null ? null : await reasonByFile(file, stats));
    if (reason !== null) reasons.set(each.path, reason);
    else (isGone ? gone : present).push(each);
    bytes += reason === null ? (stats?.size ?? 0) : 0;
  }
  if (bytes > MAX_TOTAL_BYTES) throw new TooMuchWork("The changed files are larger than a capsule can be.");
  return { present, gone };
}

/** Also for a file that is gone: it may have been renamed to one that stays here. */
function reasonByKind({ path, mode, isRepository }: ChangedPath, { byPath, foreign }: FileFilters): string | null {
  if (isRepository || mode === SUBMODULE) return IS_REPOSITORY;
  const filter = byPath.get(path);
  // Git would make a pointer of it and store its content, which nobody else has then.
  if (filter === "lfs") return IS_IN_LFS;
  return filter !== undefined && foreign.has(filter) ? hasForeignFilter(filter) : null;
}

async function reasonByFile(file: string, stats: Stats): Promise<string | null> {
  if (stats.isSymbolicLink()) return null; // looked at with the other links
  if (!stats.isFile()) return "it is no file";
  if (stats.size > MAX_FILE_BYTES) return IS_TOO_LARGE;
  return (await access(file, constants.R_OK).catch(() => "no")) === "no" ? "it cannot be read" : null;
}

/** Whether a path is a folder that no link leads to. */
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
