import { type GitOptions, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import {
  type ChangedEntry,
  changedEntries,
  entriesByObject,
  hasForeignName,
  type IndexEntry,
  LINK,
  NOTHING,
  patchBetween,
  putIntoIndex,
  SUBMODULE,
  splitAtNul,
} from "../../git/git-entries.ts";
import { objectSizes, readObjects } from "../../git/read-objects.ts";
import { gitFolderWithin, type Repository, scratchObjects } from "../../git/repository.ts";
import type { ChangedPath, WorkTreeStatus } from "../../git/work-tree-status.ts";
import { leadsOutside, linksInIndex } from "../links.ts";
import { MAX_FILE_BYTES, partsFor, splitPatch } from "../patch-file.ts";
import { sortByFile } from "./candidate-files.ts";
import {
  type Exclusion,
  excludedByContent,
  excludedByName,
  excludedBySecret,
  excludedBySecretName,
  HAS_FOREIGN_NAME,
  IS_REPOSITORY,
  IS_TOO_LARGE,
  LEADS_OUTSIDE,
  type Scan,
} from "./exclusions.ts";

export interface WorkTreePatch {
  readonly patch: Buffer;
  readonly files: readonly string[];
  readonly excluded: readonly Exclusion[];
}

/** Why each excluded path stays here. */
type Reasons = Map<string, string>;

/** What the checks of changed files read. They add what they find to `reasons`. */
interface Checks {
  readonly repository: Repository;
  readonly entries: readonly ChangedEntry[];
  readonly reasons: Reasons;
  readonly scan: Scan;
  readonly options: GitOptions;
}

/**
 * Makes a patch of the differences between a commit and the work tree, without the files that must stay here.
 *
 * Git reads every file once, into a temporary object folder. Both the checks and the patch use these objects, so a file
 * that changes during the build makes no difference.
 *
 * @param base - null means an empty project
 */
export async function workTreeAsPatch(
  repository: Repository,
  status: WorkTreeStatus,
  base: string | null,
  temporary: string,
  scan: Scan,
): Promise<WorkTreePatch> {
  const { root } = repository;
  const options: GitOptions = { env: scratchObjects(repository, temporary) };
  const reasons: Reasons = new Map();
  const [from, { present, gone }, modesAreInIndex] = await Promise.all([
    base ?? gitText(root, ["hash-object", "-t", "tree", "-w", "--stdin"], { ...options, stdin: Buffer.alloc(0) }),
    sortByFile(root, status.changed, reasons),
    hasNoFileModes(root),
    status.head === null ? null : gitBytes(root, ["read-tree", status.head], options),
  ]);
  const nothing = { mode: NOTHING, object: "0".repeat(from.length) };
  await putIntoIndex(
    root,
    gone.map(({ path }) => ({ pathBytes: Buffer.from(path), ...nothing })),
    options,
  );
  if (present.length > 0) {
    const stdin = Buffer.from(present.map(({ path }) => `${path}\0`).join(""));
    // Writing one pack is ten times as fast as writing a file per object.
    const inPack = ["-c", "core.bigFileThreshold=1"];
    // `git add` would refuse a path that is a file here and a folder in the base, and it applies .gitignore.
    const all = ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"];
    await gitBytes(root, [...inPack, ...all], { ...options, stdin });
  }
  if (modesAreInIndex) await putIntoIndex(root, await modesToCorrect(root, present, options), options);
  let entries = await changedEntries(root, from, null, options);
  await excludeByContent({ repository, entries, reasons, scan, options });
  for (;;) {
    const returning = entries.filter(({ path }) => reasons.has(path));
    if (returning.length > 0) {
      await putIntoIndex(root, returning.map(asInBase), options);
      const kept = await changedEntries(root, from, null, options);
      const paths = new Set(kept.map(({ path }) => path));
      for (const { path } of entries) {
        if (!paths.has(path) && !reasons.has(path)) reasons.set(path, "a file that must stay here is in its place");
      }
      entries = kept;
    }
    const patch = await patchBetween(root, from, null, options);
    const found = reasons.size;
    await excludeByRemovedText(patch, { entries, reasons, scan });
    if (reasons.size > found) continue;
    const excluded = [...reasons]
      .map(([path, reason]) => ({ path, reason }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    return { patch, files: entries.map(({ path }) => path), excluded };
  }
}

async function hasNoFileModes(root: string): Promise<boolean> {
  const { stdout } = await runGit(root, ["config", "--type=bool", "core.fileMode"]);
  return stdout.toString().trim() === "false";
}

/** On file systems without executable bits, git keeps them in the person's index; the temporary index lacks them. */
async function modesToCorrect(
  root: string,
  changed: readonly ChangedPath[],
  options: GitOptions,
): Promise<IndexEntry[]> {
  const modes = new Map(changed.flatMap(({ path, mode }) => (mode?.startsWith("100") ? [[path, mode]] : [])));
  return splitAtNul(await gitBytes(root, ["ls-files", "-s", "-z"], options)).flatMap((entry) => {
    const pathBytes = entry.subarray(entry.indexOf(9) + 1);
    const path = pathBytes.toString();
    const [is = "", object = ""] = entry.toString("latin1", 0, 80).split(" ");
    const mode = modes.get(path);
    return mode === undefined || mode === is || !is.startsWith("100") ? [] : [{ pathBytes, mode, object }];
  });
}

async function excludeByContent(checks: Checks): Promise<void> {
  const { repository, entries, reasons, scan, options } = checks;
  const { root } = repository;
  const sizes = await objectSizes(root, entries.filter(isOfFile).flatMap(objectsOf), options);
  for (const entry of entries) {
    const reason = reasonByEntry(entry, sizes);
    if (reason !== null) reasons.set(entry.path, reason);
  }
  const paths = entries.map(({ path }) => path).filter((path) => !reasons.has(path));
  for (const [path, reason] of await excludedBySecretName(paths, scan)) reasons.set(path, reason);
  const files = entries.filter(({ path, to }) => !reasons.has(path) && to.mode !== NOTHING && to.mode !== LINK);
  const byObject = entriesByObject(files);
  const toRead = new Map([...sizes].filter(([object]) => byObject.has(object)));
  for await (const [object, content] of readObjects(root, toRead, options)) {
    for (const { path } of byObject.get(object) ?? []) {
      const reason = await excludedByContent(path, content, scan);
      if (reason !== null) reasons.set(path, reason);
    }
  }
  await excludeLinks(checks);
}

function reasonByEntry(entry: ChangedEntry, sizes: ReadonlyMap<string, number>): string | null {
  if (hasForeignName(entry)) return HAS_FOREIGN_NAME;
  if (!isOfFile(entry)) return IS_REPOSITORY;
  if ((sizes.get(entry.to.object) ?? 0) > MAX_FILE_BYTES) return IS_TOO_LARGE;
  // The patch contains both sides.
  if ((sizes.get(entry.from.object) ?? 0) > MAX_FILE_BYTES) return "its earlier version is larger than 2 MiB";
  return excludedByName(entry.path);
}

function isOfFile({ from, to }: ChangedEntry): boolean {
  return from.mode !== SUBMODULE && to.mode !== SUBMODULE;
}

function objectsOf({ from, to }: ChangedEntry): string[] {
  return [from, to].filter(({ mode }) => mode !== NOTHING).map(({ object }) => object);
}

async function excludeLinks({ repository, entries, reasons, scan, options }: Checks): Promise<void> {
  const changed = entries.filter(({ path, to }) => to.mode === LINK && !reasons.has(path));
  if (changed.length === 0) return;
  const links = await linksInIndex(repository.root, options);
  const gitFolder = gitFolderWithin(repository);
  for (const { path } of changed) {
    const target = links.get(path);
    const leadsOut = target === undefined || leadsOutside(path, target, { links, gitFolder });
    const reason = leadsOut ? LEADS_OUTSIDE : await excludedBySecret(path, Buffer.from(target), scan);
    if (reason !== null) reasons.set(path, reason);
  }
}

function asInBase({ pathBytes, from }: ChangedEntry): IndexEntry {
  return { pathBytes, mode: from.mode, object: from.object };
}

/** A patch also contains removed lines, and a secret may be in them. */
async function excludeByRemovedText(
  patch: Buffer,
  { entries, reasons, scan }: Pick<Checks, "entries" | "reasons" | "scan">,
): Promise<void> {
  const parts = splitPatch(patch);
  let at = 0;
  for (const entry of entries) {
    const count = partsFor(entry);
    const removed = Buffer.concat(parts.slice(at, at + count).map(({ removedText }) => removedText()));
    at += count;
    if (removed.length === 0) continue;
    const reason = await excludedBySecret(entry.path, removed, scan);
    if (reason !== null) reasons.set(entry.path, `${reason}, in its earlier version`);
  }
  if (at !== parts.length) throw new Error("git wrote a patch that does not match the changed files.");
}
