import { resolve } from "node:path";
import { gitBytes } from "../../../client/git/git.ts";
import { fileFilters } from "../../git/file-filters.ts";
import { type ChangedEntry, changedEntries, NOTHING, splitAtNul } from "../../git/git-entries.ts";
import { hooksFolderWithin } from "../../git/repository.ts";
import type { CapsuleContent } from "../capsule-file.ts";
import { printable } from "../file-names.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { commitOf } from "./base-commit.ts";
import { mergeOnto } from "./merge-onto.ts";
import { NotApplied } from "./not-applied.ts";
import { keepObjects, type OpenCapsule, openCapsule } from "./open-capsule.ts";
import { runsByItself } from "./runs-by-itself.ts";
import { refuseInTheWay, refuseWorkHere, writeHere } from "./write-here.ts";
import { withoutInterrupts } from "./write-safely.ts";
import { type Target, writeWorktree } from "./write-worktree.ts";

/** One file that a capsule changes. */
export interface PatchedFile {
  /** Safe to print. */
  readonly path: string;
  readonly change: "added" | "changed" | "deleted";
}

/** What applying would do. Nothing has been changed yet. Every name in it is safe to print. */
export interface CapsulePlan {
  /** Files that the uncommitted changes and the unpushed commits change. */
  readonly files: readonly PatchedFile[];
  /** Those of them that may run, or that a tool obeys, without anyone starting them. */
  readonly runsByItself: readonly string[];
  /** Files that were also changed here, in another way. If there is one, the capsule cannot be applied here. */
  readonly conflicts: readonly string[];
}

export interface AppliedCapsule extends CapsulePlan {
  /** The folder that now holds the work. */
  readonly folder: string;
  /** Filters that Photon did not run because only the repository defines them. Their files are as git stores them. */
  readonly unfiltered: readonly string[];
  /** The new branch; null if the work was applied onto the branch that was checked out. */
  readonly branch: string | null;
  /** A shell command that undoes it, as long as nothing else has changed. */
  readonly undo: string;
}

/**
 * Computes what a capsule would change in a repository. Writes none of it there; fetches the base commit if it is missing.
 *
 * @param here - apply onto the checked-out commit instead of the commit that the capsule was made from
 * @throws NotApplied if the capsule cannot be applied at all
 */
export function planCapsule(folder: string, content: CapsuleContent, here: boolean): Promise<CapsulePlan> {
  return inScratchFolder(async (temporary) => {
    const opened = await openCapsule(folder, content, here, temporary);
    return planOf(opened, here ? (await mergeOnto(opened)).conflicts : []);
  });
}

/**
 * Applies a capsule, completely or not at all, into a new work tree on a new branch.
 *
 * @throws NotApplied if nothing was changed
 */
export function applyInWorktree(folder: string, content: CapsuleContent, target: Target): Promise<AppliedCapsule> {
  return inScratchFolder(async (temporary) => {
    const opened = await openCapsule(folder, content, false, temporary);
    const { repository, base, tree, options } = opened;
    const commit = await commitOf(repository.root, tree, [base.commit], "Work that was resumed", options);
    const entries = await changedEntries(repository.root, base.commit, commit, options);
    await keepObjects(opened);
    const absolute = { ...target, folder: resolve(target.folder) };
    const work = { base: base.commit, commit, entries };
    const undo = await withoutInterrupts(() => writeWorktree(repository, absolute, work));
    const unfiltered = await filtersNotRun(absolute.folder, null);
    return { ...(await planOf(opened, [])), folder: absolute.folder, branch: target.branch, undo, unfiltered };
  });
}

/**
 * Applies a capsule, completely or not at all, onto the checked-out commit. The work tree must be clean. A file that both
 * sides changed is merged three ways. Commits in the capsule become uncommitted changes.
 *
 * @throws NotApplied if nothing was changed
 */
export function applyHere(folder: string, content: CapsuleContent): Promise<AppliedCapsule> {
  return inScratchFolder(async (temporary) => {
    const opened = await openCapsule(folder, content, true, temporary);
    const { repository, head, entries } = opened;
    await refuseWorkHere(repository);
    const { tree, conflicts } = await mergeOnto(opened);
    if (tree === null)
      throw new NotApplied(`These files were also changed here, in another way: ${conflicts.join(", ")}.`);
    await refuseInTheWay(repository, head, tree, opened.options);
    await keepObjects(opened);
    const undo = await withoutInterrupts(() => writeHere(repository, head, tree));
    const unfiltered = await filtersNotRun(repository.root, entries);
    return { ...(await planOf(opened, [])), folder: repository.root, branch: null, undo, unfiltered };
  });
}

/** @param entries - what was written; null means every file in the folder */
async function filtersNotRun(folder: string, entries: readonly ChangedEntry[] | null): Promise<string[]> {
  const { foreign } = await fileFilters(folder, []);
  if (foreign.size === 0) return [];
  const written = entries?.filter(({ to }) => to.mode !== NOTHING).map(({ path }) => path);
  const paths = written ?? splitAtNul(await gitBytes(folder, ["ls-files", "-z"])).map(String);
  const { byPath } = await fileFilters(folder, paths);
  return [...new Set(byPath.values())].filter((filter) => foreign.has(filter)).map(printable);
}

async function planOf({ repository, entries }: OpenCapsule, conflicts: readonly string[]): Promise<CapsulePlan> {
  const hooks = await hooksFolderWithin(repository);
  const files = entries.map(
    ({ path, from, to }): PatchedFile => ({
      path,
      change: from.mode === NOTHING ? "added" : to.mode === NOTHING ? "deleted" : "changed",
    }),
  );
  return {
    files: files.map(({ path, change }) => ({ path: printable(path), change })),
    runsByItself: files
      .filter(({ path, change }) => change !== "deleted" && runsByItself(path, hooks))
      .map(({ path }) => printable(path)),
    conflicts: conflicts.map(printable),
  };
}

/** Turns every failure of git or the disk into a {@link NotApplied}. */
async function inScratchFolder<Result>(run: (temporary: string) => Promise<Result>): Promise<Result> {
  try {
    return await inTemporaryFolder(run);
  } catch (error) {
    if (error instanceof NotApplied) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NotApplied(`The capsule could not be applied: ${why}`, { cause: error });
  }
}
