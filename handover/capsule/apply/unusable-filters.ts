import { lutimes, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { firstComplaint, type GitOptions, type GitRun, GitTimeout, gitBytes, runGit } from "../../../client/git/git.ts";
import { type FileFilters, fileFilters } from "../../git/file-filters.ts";
import { type ChangedEntry, LINK, NOTHING, putIntoIndex, SUBMODULE, splitAtNul } from "../../git/git-entries.ts";
import type { Repository } from "../../git/repository.ts";
import { printable } from "../file-names.ts";

/** A filter that Photon does not run. Its files are written as git stores them, perhaps encrypted. */
export interface UnusableFilter {
  /** Safe to print. */
  readonly filter: string;
  /** A sentence. */
  readonly why: string;
}

/** The filters of files to write, and which of them work. */
export interface Filters {
  readonly unusable: readonly UnusableFilter[];
  /** Names of all filters of these files that the person's own settings define. */
  readonly own: readonly string[];
  /** Settings that switch the unusable ones off. Without them, git would stop at the first file. */
  readonly off: readonly string[];
  /** The same for putting back the files that were here before, which may have other filters. */
  readonly undo: {
    readonly own: readonly string[];
    readonly off: readonly string[];
    /** Those of these files that have a filter. */
    readonly paths: readonly string[];
  };
}

interface Question {
  readonly repository: Repository;
  /** Options whose index holds the files. */
  readonly options: GitOptions;
  /** A folder for temporary files. */
  readonly temporary: string;
}

const PROBE_TIMEOUT_MS = 20_000;

/**
 * Finds the filters that would fail for the files of a new folder, or for given files of the checked-out one. Runs each of
 * the person's own filters once, on one file, into nowhere.
 *
 * @param entries - the files to write here; null means every file, in a new folder
 */
export async function unusableFilters(question: Question, entries: readonly ChangedEntry[] | null): Promise<Filters> {
  const { options } = question;
  const { root } = question.repository;
  const isInNewFolder = entries === null;
  const objects = isInNewFolder ? await objectsInIndex(root, options) : objectsOf(entries, "to");
  const { byPath, foreign } = await fileFilters(root, [...objects.keys()], options);
  const { unusable, own, off } = await tried(question, { objects, byPath, foreign, isInNewFolder });
  const undo = isInNewFolder ? NOTHING_BEFORE : await filtersBefore(question, entries);
  return { unusable: unusable.map(shown), own, off, undo };
}

/** A new folder is removed as a whole. */
const NOTHING_BEFORE = { own: [], off: [], paths: [] };

/** Filters of the files that applying here replaces or deletes. The files' attributes are those of the work tree. */
async function filtersBefore(question: Question, entries: readonly ChangedEntry[]): Promise<Filters["undo"]> {
  const objects = objectsOf(entries, "from");
  const filters = await fileFilters(question.repository.root, [...objects.keys()]);
  const { own, off } = await tried(question, { objects, ...filters, isInNewFolder: false });
  return { own, off, paths: [...filters.byPath.keys()] };
}

interface Filtered extends FileFilters {
  /** Objects by path. */
  readonly objects: ReadonlyMap<string, string>;
  readonly isInNewFolder: boolean;
}

async function tried(question: Question, { objects, byPath, foreign, isInNewFolder }: Filtered) {
  const oneFile = new Map<string, string>();
  for (const [path, filter] of byPath) if (!oneFile.has(filter)) oneFile.set(filter, path);
  const defined = await definedFilters(question.repository.root);
  const unusable: UnusableFilter[] = [];
  const own: string[] = [];
  for (const [filter, path] of oneFile) {
    const isOwn = !foreign.has(filter) && defined.has(filter);
    if (isOwn) own.push(filter);
    const why = foreign.has(filter)
      ? IS_FOREIGN
      : isOwn
        ? await whyItFails(question, { path, object: objects.get(path) ?? "" }, isInNewFolder)
        : "It is not set up on this machine.";
    if (why !== null) unusable.push({ filter, why });
  }
  const failing = own.filter((filter) => unusable.some((each) => each.filter === filter));
  return { unusable, own, off: settingsOff(failing) };
}

export const IS_FOREIGN = "Photon does not run filters that only this repository's own settings define.";

export function shown({ filter, why }: UnusableFilter): UnusableFilter {
  return { filter: printable(filter), why: printable(why) };
}

/** Arguments for git that switch filters off. A name with `=` cannot be written so; its filter stays on. */
export function settingsOff(filters: readonly string[]): string[] {
  return filters
    .filter((filter) => !filter.includes("="))
    .flatMap((filter) => [
      ...["clean=", "smudge=", "process=", "required=false"].map((end) => `filter.${filter}.${end}`),
    ])
    .flatMap((setting) => ["-c", setting]);
}

async function objectsInIndex(root: string, options: GitOptions): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  for (const entry of splitAtNul(await gitBytes(root, ["ls-files", "-s", "-z"], options))) {
    const [mode = "", object = ""] = entry.toString("latin1", 0, 80).split(" ");
    if (isFile(mode)) objects.set(entry.subarray(entry.indexOf(9) + 1).toString(), object);
  }
  return objects;
}

function objectsOf(entries: readonly ChangedEntry[], side: "from" | "to"): Map<string, string> {
  return new Map(entries.filter((entry) => isFile(entry[side].mode)).map((entry) => [entry.path, entry[side].object]));
}

function isFile(mode: string): boolean {
  return mode !== NOTHING && mode !== LINK && mode !== SUBMODULE;
}

/** Names of the filters that any settings define. */
async function definedFilters(root: string): Promise<Set<string>> {
  const { stdout } = await runGit(root, ["config", "-z", "--name-only", "--get-regexp", "^filter\\..*\\."]);
  return new Set(splitAtNul(stdout).map((name) => name.toString().replace(/^filter\.(.*)\.[^.]*$/s, "$1")));
}

/** @returns why a filter cannot convert a file, as a sentence; null if it can, or if that is not the filter's fault */
async function whyItFails(
  { repository, options, temporary }: Question,
  { path, object }: { readonly path: string; readonly object: string },
  isInNewFolder: boolean,
): Promise<string | null> {
  const { root } = repository;
  if ((await runGit(root, ["cat-file", "-e", object], options)).code !== 0) return null; // a partial clone
  const place = isInNewFolder ? await pretendWorktree(repository, temporary) : {};
  // Git LFS would download the file.
  const env = { ...options.env, ...place, GIT_LFS_SKIP_SMUDGE: "1" };
  const run = { ...options, env, timeoutMs: PROBE_TIMEOUT_MS, maxOutputBytes: MAX_PROBE_BYTES };
  const convert = runGit(root, ["cat-file", "--filters", `--path=${path}`, object], run);
  const { code, stderr } = await convert.catch(failedRun);
  return code === 0 && !FAILED.test(stderr) ? null : `It does not work there: ${firstComplaint(stderr)}.`;
}

/** A filter may make a file much larger. */
const MAX_PROBE_BYTES = 256 * 1024 * 1024;

/** A filter that is not required may fail without stopping git. */
const FAILED = /^error: (?:external filter|cannot (?:run|fork|feed)|initialization for subprocess)/m;

function failedRun(error: unknown): GitRun {
  const why = error instanceof GitTimeout ? "it did not end in time" : error instanceof Error ? error.message : "";
  return { code: 1, stdout: Buffer.alloc(0), stderr: why };
}

/**
 * Git's folder of a worktree that does not exist. A filter that keeps its key in git's folder (git-crypt) finds none there,
 * as it will find none in the new folder.
 */
async function pretendWorktree({ objects }: Repository, temporary: string): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(temporary, "worktree-"));
  const tree = join(folder, "tree");
  await mkdir(tree);
  await writeFile(join(folder, "HEAD"), "ref: refs/heads/photon/probe\n");
  await writeFile(join(folder, "commondir"), `${dirname(objects)}\n`);
  await writeFile(join(folder, "gitdir"), `${join(tree, ".git")}\n`);
  return { GIT_DIR: folder, GIT_WORK_TREE: tree };
}

/** Long enough before now for every file system's clock. */
const BEFORE_MS = 60_000;

/**
 * Makes git take files that were written without their filter for unchanged. Git distrusts what was written in the same
 * moment as its index: it would run the filter on such a file, and report it as changed. What the work changes is staged
 * for the same reason, and so that checking such a file out again does not restore its earlier version.
 *
 * @param isNewFolder - if not, only the work's files are touched: the person's other files were written with their filter,
 *   and git would find them changed
 * @param entries - what the work changes
 */
export async function settleUnfiltered(
  { folder, isNewFolder }: { readonly folder: string; readonly isNewFolder: boolean },
  unusable: readonly UnusableFilter[],
  entries: readonly ChangedEntry[],
  git: GitOptions,
): Promise<void> {
  if (unusable.length === 0) return;
  const names = new Set(unusable.map(({ filter }) => filter));
  const changed = entries.filter(({ to }) => isFile(to.mode));
  const known = isNewFolder ? splitAtNul(await gitBytes(folder, ["ls-files", "-z"])).map(String) : [];
  const paths = [...new Set([...known, ...changed.map(({ path }) => path)])];
  const { byPath } = await fileFilters(folder, paths);
  const theirs = paths.filter((path) => names.has(printable(byPath.get(path) ?? "")));
  const staged = changed.filter(({ path }) => theirs.includes(path));
  await putIntoIndex(
    folder,
    staged.map(({ pathBytes, to }) => ({ pathBytes, ...to })),
    git,
  );
  const off = settingsOff([...new Set(theirs.map((path) => byPath.get(path) ?? ""))]);
  await takeForUnchanged(folder, theirs, off, git);
}

/** @param off - settings that switch off the filters of the files that were written without them */
export async function takeForUnchanged(
  folder: string,
  paths: readonly string[],
  off: readonly string[],
  git: GitOptions,
): Promise<void> {
  const before = new Date(Date.now() - BEFORE_MS);
  // Not the file that a link leads to, which may be anywhere.
  for (const path of paths) await lutimes(join(folder, path), before, before).catch(() => undefined);
  await runGit(folder, [...off, "update-index", "-q", "--refresh"], git);
}
