import { resolve } from "node:path";
import { type ChangedEntry, changedEntries, NOTHING } from "../../git/git-entries.ts";
import { hooksFolderWithin } from "../../git/repository.ts";
import { type AppliedBefore, appliedBefore } from "../applied-before.ts";
import type { CapsuleContent } from "../capsule-file.ts";
import { printable } from "../file-names.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { commitOf, emptyTree } from "./base-commit.ts";
import { type Merged, mergeOnto } from "./merge-onto.ts";
import { NotApplied } from "./not-applied.ts";
import { keepObjects, type OpenCapsule, openCapsule } from "./open-capsule.ts";
import { runsByItself } from "./runs-by-itself.ts";
import { type UnusableFilter, unusableFilters } from "./unusable-filters.ts";
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
  /** Why it cannot be applied here, as a sentence; null if it can, or if that was not asked. */
  readonly notHere: string | null;
  /** Filters that Photon would not run in a new folder. */
  readonly unfiltered: readonly UnusableFilter[];
}

/** The plan of a capsule, and whether its work is here already. */
export interface PlannedCapsule extends CapsulePlan {
  /** The folder that already has this work, or null. */
  readonly before: AppliedBefore | null;
}

export interface AppliedCapsule extends CapsulePlan {
  /** The folder that now holds the work. */
  readonly folder: string;
  /** Filters that were not run. Their files are as git stores them. */
  readonly unfiltered: readonly UnusableFilter[];
  /** Whether the work has unpushed commits. In a new folder they are on the branch, here they are staged changes. */
  readonly hasCommits: boolean;
  /** Whether it has more than those. */
  readonly hasChanges: boolean;
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
export function planCapsule(folder: string, content: CapsuleContent, here: boolean): Promise<PlannedCapsule> {
  return inScratchFolder(async (temporary) => {
    const opened = await openCapsule(folder, content, here, temporary);
    const { unusable: unfiltered } = await unusableFilters(opened, null);
    const before = await appliedBefore(opened);
    if (!here) return { ...(await planOf(opened)), unfiltered, before };
    const merged = await mergeOnto(opened);
    return {
      ...(await planOf(opened, merged.conflicts)),
      unfiltered,
      before,
      notHere: await whyNotHere(opened, merged),
    };
  });
}

/** The same reasons for which {@link applyHere} would change nothing. */
async function whyNotHere({ repository, head, options }: OpenCapsule, { tree }: Merged): Promise<string | null> {
  if (tree === null) return "Files were also changed here, in another way.";
  try {
    await refuseWorkHere(repository);
    await refuseInTheWay(repository, head, tree, options);
    return null;
  } catch (error) {
    if (error instanceof NotApplied) return error.message;
    // A filter of a file here fails, for example. A new folder is not affected.
    return printable(`Git cannot look for work here: ${error instanceof Error ? error.message : error}.`);
  }
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
    const filters = await unusableFilters(opened, null);
    await keepObjects(opened);
    const absolute = { ...target, folder: resolve(target.folder) };
    const work = { base: base.commit, commit, entries, filters };
    const { undo, unusable } = await withoutInterrupts(() => writeWorktree(repository, absolute, work));
    const { folder: where, branch } = absolute;
    return { ...(await planOf(opened)), ...kindsIn(content), folder: where, branch, undo, unfiltered: unusable };
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
    const { repository, head } = opened;
    await refuseWorkHere(repository);
    const { tree, conflicts } = await mergeOnto(opened);
    if (tree === null)
      throw new NotApplied(`These files were also changed here, in another way: ${conflicts.join(", ")}.`);
    await refuseInTheWay(repository, head, tree, opened.options);
    const filters = await unusableFilters(opened, await entriesHere(opened, tree));
    await keepObjects(opened);
    const undo = await withoutInterrupts(() => writeHere(repository, head, tree, filters));
    const { unusable: unfiltered } = filters;
    const plan = await planOf(opened);
    return { ...plan, ...kindsIn(content), folder: repository.root, branch: null, undo, unfiltered };
  });
}

function kindsIn({ bundle, patch }: CapsuleContent): Pick<AppliedCapsule, "hasCommits" | "hasChanges"> {
  return { hasCommits: bundle !== null, hasChanges: patch.length > 0 };
}

/** What applying here would write. */
async function entriesHere({ repository, head, options }: OpenCapsule, tree: string): Promise<ChangedEntry[]> {
  const { root } = repository;
  return changedEntries(root, head ?? (await emptyTree(root, options)), tree, options);
}

async function planOf({ repository, entries }: OpenCapsule, conflicts: readonly string[] = []): Promise<CapsulePlan> {
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
    notHere: null,
    unfiltered: [],
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
