import { type GitOptions, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import {
  type ChangedEntry,
  changedEntries,
  entriesByObject,
  hasForeignName,
  type IndexLine,
  LINK,
  NOTHING,
  patchBetween,
  putIntoIndex,
  SUBMODULE,
  splitAtNul,
} from "../../git/git-entries.ts";
import { objectSizes, readObjects } from "../../git/read-objects.ts";
import { apart, gitFolderWithin, type Repository } from "../../git/repository.ts";
import type { ChangedPath, WorkTreeStatus } from "../../git/work-tree-status.ts";
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
  MAX_FILE_BYTES,
  type Scan,
} from "../exclusions.ts";
import { leadsOutside, linksInIndex } from "../links.ts";
import { partsFor, splitPatch } from "../split-patch.ts";
import { sortByFile } from "./candidate-files.ts";

export interface WorkTreePatch {
  readonly patch: Buffer;
  readonly files: readonly string[];
  readonly excluded: readonly Exclusion[];
}

/** Why paths stay here, by path. */
type Reasons = Map<string, string>;

/**
 * The difference between a commit and the work tree as a patch, without what must stay here.
 *
 * Git reads every file once, into a folder apart; rules and scan look at what it read, and the patch is made of that: a
 * file that changes meanwhile changes nothing.
 *
 * @param base - null: nothing
 */
export async function workTreeAsPatch(
  repository: Repository,
  status: WorkTreeStatus,
  base: string | null,
  temporary: string,
  scan: Scan,
): Promise<WorkTreePatch> {
  const { root } = repository;
  const options: GitOptions = { env: apart(repository, temporary) };
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
    // Into one pack instead of a file for each, which takes ten times as long.
    const inPack = ["-c", "core.bigFileThreshold=1"];
    // Not `add`: it refuses a path that is a file here and was a folder in the base, and follows what is ignored.
    const all = ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"];
    await gitBytes(root, [...inPack, ...all], { ...options, stdin });
  }
  if (modesAreInIndex) await putIntoIndex(root, await modesToCorrect(root, present, options), options);
  let entries = await changedEntries(root, from, null, options);
  await sortByContent(repository, entries, reasons, scan, options);
  for (;;) {
    const returning = entries.filter(({ path }) => reasons.has(path));
    if (returning.length > 0) {
      await putIntoIndex(root, returning.map(asInBase), options);
      const kept = await changedEntries(root, from, null, options);
      const paths = new Set(kept.map(({ path }) => path));
      for (const { path } of entries) {
        if (!paths.has(path) && !reasons.has(path)) reasons.set(path, "something that stays here is in its place");
      }
      entries = kept;
    }
    const patch = await patchBetween(root, from, null, options);
    const found = reasons.size;
    await sortByRemovedText(patch, entries, reasons, scan);
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

/** Where files have no mode for programs, git keeps it in the person's index; the one apart does not know. */
async function modesToCorrect(
  root: string,
  changed: readonly ChangedPath[],
  options: GitOptions,
): Promise<IndexLine[]> {
  const modes = new Map(changed.flatMap(({ path, mode }) => (mode?.startsWith("100") ? [[path, mode]] : [])));
  return splitAtNul(await gitBytes(root, ["ls-files", "-s", "-z"], options)).flatMap((entry) => {
    const pathBytes = entry.subarray(entry.indexOf(9) + 1);
    const path = pathBytes.toString();
    const [is = "", object = ""] = entry.toString("latin1", 0, 80).split(" ");
    const mode = modes.get(path);
    return mode === undefined || mode === is || !is.startsWith("100") ? [] : [{ pathBytes, mode, object }];
  });
}

async function sortByContent(
  repository: Repository,
  entries: readonly ChangedEntry[],
  reasons: Reasons,
  scan: Scan,
  options: GitOptions,
): Promise<void> {
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
  await sortLinks(repository, entries, reasons, scan, options);
}

function reasonByEntry(entry: ChangedEntry, sizes: ReadonlyMap<string, number>): string | null {
  if (hasForeignName(entry)) return HAS_FOREIGN_NAME;
  if (!isOfFile(entry)) return IS_REPOSITORY;
  if ((sizes.get(entry.to.object) ?? 0) > MAX_FILE_BYTES) return IS_TOO_LARGE;
  // The patch holds both sides.
  if ((sizes.get(entry.from.object) ?? 0) > MAX_FILE_BYTES) return "what it was is larger than 2 MiB";
  return excludedByName(entry.path);
}

function isOfFile({ from, to }: ChangedEntry): boolean {
  return from.mode !== SUBMODULE && to.mode !== SUBMODULE;
}

function objectsOf({ from, to }: ChangedEntry): string[] {
  return [from, to].filter(({ mode }) => mode !== NOTHING).map(({ object }) => object);
}

async function sortLinks(
  repository: Repository,
  entries: readonly ChangedEntry[],
  reasons: Reasons,
  scan: Scan,
  options: GitOptions,
): Promise<void> {
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

function asInBase({ pathBytes, from }: ChangedEntry): IndexLine {
  return { pathBytes, mode: from.mode, object: from.object };
}

/** A patch also holds what was taken away, and that may be the secret. */
async function sortByRemovedText(
  patch: Buffer,
  entries: readonly ChangedEntry[],
  reasons: Reasons,
  scan: Scan,
): Promise<void> {
  const parts = splitPatch(patch);
  let at = 0;
  for (const entry of entries) {
    const count = partsFor(entry);
    const removed = Buffer.concat(parts.slice(at, at + count).map(({ removedText }) => removedText()));
    at += count;
    if (removed.length === 0) continue;
    const reason = await excludedBySecret(entry.path, removed, scan);
    if (reason !== null) reasons.set(entry.path, `${reason}, in what it was before`);
  }
  if (at !== parts.length) throw new Error("git wrote a patch that does not fit what it changes.");
}
