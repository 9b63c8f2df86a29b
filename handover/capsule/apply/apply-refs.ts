import { gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { findRepository, hooksFolderWithin, isPartialClone, scratchObjects } from "../../git/repository.ts";
import type { CapsuleContent } from "../capsule-file.ts";
import { parseRefsBundle } from "../carried-refs.ts";
import { printable } from "../file-names.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { findTips } from "./base-commit.ts";
import { checkedRefs } from "./checked-refs.ts";
import { NotApplied } from "./not-applied.ts";
import { keepObjects, type OpenCapsule } from "./open-capsule.ts";
import { type PlacedRef, placeRefs } from "./place-refs.ts";
import { runsByItself } from "./runs-by-itself.ts";
import { undoRefs } from "./undo-refs.ts";
import { WRITE_OFFLINE, withoutInterrupts } from "./write-safely.ts";

/** What applying a capsule of branches and stashes would do. Nothing has been changed yet. Every name is safe to print. */
export interface RefsPlan {
  readonly refs: readonly PlacedRef[];
  /** Files on the branches that run, or that a tool obeys, once such a branch is checked out. */
  readonly runsByItself: readonly string[];
}

export interface AppliedRefs extends RefsPlan {
  /** A shell command that removes what was added and has not changed since; null if everything was here already. */
  readonly undo: string | null;
}

interface OpenRefs extends Pick<OpenCapsule, "repository" | "temporary" | "options">, RefsPlan {}

/**
 * Computes which branches and stashes a capsule would add to a repository. Fetches what they build on, if it is missing.
 *
 * @param machine - the sender; part of the names of branches whose own name is taken here
 * @throws NotApplied if the capsule cannot be applied at all
 */
export function planRefs(folder: string, content: CapsuleContent, machine: string): Promise<RefsPlan> {
  return inScratchFolder(folder, content, machine, async ({ refs, runsByItself: files }) => ({
    refs,
    runsByItself: files,
  }));
}

/**
 * Adds a capsule's branches and stashes to a repository, all or none. Creates branches, and never moves one; stashes go on
 * top of the others. What is here already is left out. No file in a work tree changes.
 *
 * @throws NotApplied if nothing was changed
 */
export function applyRefs(folder: string, content: CapsuleContent, machine: string): Promise<AppliedRefs> {
  return inScratchFolder(folder, content, machine, async (opened) => {
    const { repository, refs, runsByItself: files } = opened;
    const fresh = refs.filter(({ isHere }) => !isHere);
    if (fresh.length > 0) {
      await keepObjects(opened);
      await withoutInterrupts(() => write(repository.root, fresh));
    }
    return { refs, runsByItself: files, undo: fresh.length === 0 ? null : undoRefs(repository.root, fresh) };
  });
}

async function inScratchFolder<Result>(
  folder: string,
  content: CapsuleContent,
  machine: string,
  run: (opened: OpenRefs) => Promise<Result>,
): Promise<Result> {
  try {
    return await inTemporaryFolder(async (temporary) => run(await openRefs(folder, content, machine, temporary)));
  } catch (error) {
    if (error instanceof NotApplied) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NotApplied(`The capsule could not be applied: ${why}`, { cause: error });
  }
}

async function openRefs(
  folder: string,
  content: CapsuleContent,
  machine: string,
  temporary: string,
): Promise<OpenRefs> {
  const repository = await findRepository(folder);
  if (typeof repository === "string") throw new NotApplied(repository);
  const { root } = repository;
  const parsed = content.isRefs && content.bundle !== null ? parseRefsBundle(content.bundle) : null;
  if (parsed === null) throw new NotApplied("The capsule's branches are damaged.");
  const { bundle, refs } = parsed;
  const options = { env: scratchObjects(repository, temporary), network: await isPartialClone(root) };
  await findTips(root, bundle, [...new Set(refs.map(({ commit }) => commit))], options);
  const paths = await checkedRefs(repository, refs, bundle.prerequisites, options);
  const hooks = await hooksFolderWithin(repository);
  return {
    ...{ repository, temporary, options },
    refs: await placeRefs(root, refs, machine, options),
    runsByItself: paths.filter((path) => runsByItself(path, hooks)).map(printable),
  };
}

/** The branches are created in one transaction. If a stash cannot be added, all of them are removed again. */
async function write(root: string, fresh: readonly PlacedRef[]): Promise<void> {
  const branches = fresh.filter(({ kind }) => kind === "branch");
  const stashes = fresh.filter(({ kind }) => kind === "stash");
  const update = (line: (ref: PlacedRef) => string) => {
    const stdin = Buffer.from(branches.map((ref) => `${line(ref)}\n`).join(""));
    return gitBytes(root, ["update-ref", "--stdin", "-m", "photon: resumed"], { ...WRITE_OFFLINE, stdin });
  };
  await update(({ as, commit }) => `create refs/heads/${as} ${commit}`);
  const stored: string[] = [];
  try {
    // Git lists the newest first, and each goes on top.
    for (const { commit } of [...stashes].sort((a, b) => Number(b.name) - Number(a.name))) {
      const subject = await gitText(root, ["log", "-1", "--format=%s", commit]);
      await gitBytes(root, ["stash", "store", "-q", "-m", subject, commit], WRITE_OFFLINE);
      stored.push(commit);
    }
  } catch (error) {
    for (const commit of stored) await dropStash(root, commit);
    await update(({ as, commit }) => `delete refs/heads/${as} ${commit}`);
    throw error;
  }
}

/** Git drops a stash only by its number, and somebody may have stashed meanwhile. */
async function dropStash(root: string, commit: string): Promise<void> {
  const list = await gitText(root, ["stash", "list", "--format=%H %gd"]);
  const [, name] =
    list
      .split("\n")
      .map((line) => line.split(" "))
      .find(([id]) => id === commit) ?? [];
  if (name) await runGit(root, ["stash", "drop", "-q", name], WRITE_OFFLINE);
}
