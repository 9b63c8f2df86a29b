import { resolve } from "node:path";
import { gitBytes } from "../../../client/git/git.ts";
import { printable } from "../../../client/text/printable.ts";
import { type ChangedEntry, changedEntries, NOTHING, splitAtNul } from "../../git/git-entries.ts";
import { hooksFolderWithin } from "../../git/repository.ts";
import type { CapsuleContent } from "../capsule-file.ts";
import { fileFilters } from "../file-filters.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { commitOf } from "./base-commit.ts";
import { mergeOnto } from "./merge-onto.ts";
import { keepObjects, type OpenCapsule, openCapsule } from "./open-capsule.ts";
import { NotApplied, type PatchedFile } from "./patched-files.ts";
import { runsByItself } from "./runs-by-itself.ts";
import { withoutInterrupts } from "./without-interrupts.ts";
import { refuseInTheWay, refuseWorkHere, writeHere } from "./write-here.ts";
import { type Target, writeWorktree } from "./write-worktree.ts";

/** What applying would do; nothing has been done. Every name in it is fit to be shown. */
export interface CapsulePlan {
  /** By the uncommitted changes, and by the commits that come along. */
  readonly files: readonly PatchedFile[];
  /** Those of them that may run, or be obeyed, without being asked for. */
  readonly runsByItself: readonly string[];
  /** For applying here: files that were changed differently here. Not empty: it cannot be applied here. */
  readonly conflicts: readonly string[];
}

export interface AppliedCapsule extends CapsulePlan {
  /** The folder that has the work now. */
  readonly folder: string;
  /** Filters that were not run, as they are defined in the repository alone: their files are as git stores them. */
  readonly unfiltered: readonly string[];
  /** null: the branch that was there. */
  readonly branch: string | null;
  /** The command that undoes it, for a shell, as long as nothing else was changed. */
  readonly undo: string;
}

/**
 * Works out what a capsule would change in a repository. Nothing of it is written there; a missing base is fetched.
 *
 * @param here - onto what is checked out, instead of onto the commit that it was made from
 * @throws NotApplied when it cannot be applied at all
 */
export function planCapsule(folder: string, content: CapsuleContent, here: boolean): Promise<CapsulePlan> {
  return apart(async (temporary) => {
    const opened = await openCapsule(folder, content, here, temporary);
    return planOf(opened, here ? (await mergeOnto(opened)).conflicts : []);
  });
}

/**
 * Applies a capsule into a new branch in a new folder beside the repository. All of it or nothing.
 *
 * @param target - the new folder, and the name of the new branch
 * @throws NotApplied with nothing changed
 */
export function applyInWorktree(folder: string, content: CapsuleContent, target: Target): Promise<AppliedCapsule> {
  return apart(async (temporary) => {
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
 * Applies a capsule onto what is checked out, which must be clean; where both changed a file, three ways. Its commits come
 * as uncommitted changes. All of it or nothing.
 *
 * @throws NotApplied with nothing changed
 */
export function applyHere(folder: string, content: CapsuleContent): Promise<AppliedCapsule> {
  return apart(async (temporary) => {
    const opened = await openCapsule(folder, content, true, temporary);
    const { repository, head, entries } = opened;
    await refuseWorkHere(repository);
    const { tree, conflicts } = await mergeOnto(opened);
    if (tree === null) throw new NotApplied(`These files were changed here in another way: ${conflicts.join(", ")}.`);
    await refuseInTheWay(repository, head, tree, opened.options);
    await keepObjects(opened);
    const undo = await withoutInterrupts(() => writeHere(repository, head, tree));
    const unfiltered = await filtersNotRun(repository.root, entries);
    return { ...(await planOf(opened, [])), folder: repository.root, branch: null, undo, unfiltered };
  });
}

/** @param entries - what was written; null: everything in the folder */
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

/** Whatever goes wrong in a folder apart is one thing to who wants to apply a capsule. */
async function apart<Result>(run: (temporary: string) => Promise<Result>): Promise<Result> {
  try {
    return await inTemporaryFolder(run);
  } catch (error) {
    if (error instanceof NotApplied) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NotApplied(`It could not be applied: ${why}`, { cause: error });
  }
}
