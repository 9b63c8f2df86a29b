import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "../../client/disk/sha256-hex.ts";
import { gitBytes } from "../../client/git/git.ts";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { buildRefs } from "../capsule/build/build-refs.ts";
import { printable } from "../capsule/file-names.ts";
import { splitAtNul } from "../git/git-entries.ts";
import type { Repository } from "../git/repository.ts";
import { reachableRemotes } from "../git/shared-remote.ts";
import { workTreeStatus } from "../git/work-tree-status.ts";
import { type CapsuleOutcome, capsuleSection, tryBuildCapsule } from "../publish/work-capsule.ts";
import { type KnownRepository, openRepository, shortFolder, type Worktree } from "./known-repositories.ts";
import { commitsOnNoBranch, type LocalRef, localRefs, localTags } from "./local-refs.ts";
import { notCarried } from "./not-carried.ts";

/** A capsule that is ready to send, in a file. */
export interface Parcel {
  /** Names what is in it, the same each time: a later parcel of the same name replaces it. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
}

/** A worktree with work that no branch has, and what of it travels. */
export interface PackedWorktree {
  readonly root: string;
  /** null if HEAD is detached. */
  readonly branch: string | null;
  /** Uncommitted files, the excluded ones included. */
  readonly uncommitted: number;
  /** Commits of a detached HEAD that no branch has. */
  readonly detached: number;
  /** How many files the capsule changes. */
  readonly files: number;
  /** null if nothing of it travels. */
  readonly parcel: Parcel | null;
  /** What stays here and why, each a line, safe to print. */
  readonly stays: readonly string[];
  /** The part of the handover that lists the capsule. */
  readonly section: string;
}

/** Branches and stashes in one capsule. */
export interface PackedRefs {
  readonly refs: readonly LocalRef[];
  readonly parcel: Parcel;
}

/** What a repository would lose with this machine. */
export interface PackedRepository {
  readonly project: string | null;
  readonly root: string;
  readonly worktrees: readonly PackedWorktree[];
  readonly refs: readonly PackedRefs[];
  /** Branches and stashes that stay here, with the reason as a sentence about "they", the commits. */
  readonly left: readonly { readonly ref: LocalRef; readonly why: string }[];
  /** Ignored files and folders, by worktree: they never travel. Masked and safe to print. */
  readonly ignored: readonly string[];
  /** What is not known or not carried, and why git could not say everything, each a sentence. */
  readonly troubles: readonly string[];
}

/** For one repository, whose capsules take seconds. A git that hangs must not block the others. */
const REPOSITORY_MS = 120_000;

/**
 * Finds what one repository would lose and packs it, into files in a folder. One capsule at a time is in memory. Never
 * throws: if git fails, or does not answer in time, that is among the troubles.
 *
 * @param folder - exists, and only this user can read it
 */
export async function packRepository(
  known: KnownRepository,
  folder: string,
  limitMs: number = REPOSITORY_MS,
): Promise<PackedRepository> {
  const packed: Packed = { ...known, worktrees: [], refs: [], left: [], ignored: [], troubles: [] };
  const end = performance.now() + limitMs;
  const isLate = () => performance.now() > end;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), limitMs);
  });
  const trouble = await Promise.race([pack(packed, folder, isLate).catch(wordsOf), late]);
  clearTimeout(timer);
  const seconds = Math.ceil(limitMs / 1_000);
  if (trouble === "late") packed.troubles.push(`Git did not answer within ${seconds} s, so the rest is not known.`);
  else if (trouble !== null) packed.troubles.push(trouble);
  // What is late goes on unheeded, and ends with this process.
  return structuredClone(packed);
}

/** {@link PackedRepository} while it grows. */
interface Packed {
  readonly project: string | null;
  readonly root: string;
  readonly worktrees: PackedWorktree[];
  readonly refs: PackedRefs[];
  readonly left: { readonly ref: LocalRef; readonly why: string }[];
  readonly ignored: string[];
  readonly troubles: string[];
}

function wordsOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

/**
 * Branches first: reading them runs no filter, so it rarely hangs. Tags last: a clone may have many from its remote that no
 * branch there holds any more.
 */
async function pack(packed: Packed, folder: string, isLate: () => boolean): Promise<null> {
  const { repository, worktrees } = await openRepository(packed);
  const remotes = await reachableRemotes(repository.root);
  const refs = await localRefs(repository, worktrees, remotes);
  await packRefs(packed, repository, refs, folder);
  for (const worktree of worktrees) {
    if (!worktree.exists || isLate()) continue;
    await packWorktree(packed, worktree, remotes, folder).catch((error) =>
      packed.troubles.push(`${shortFolder(worktree.root)}: ${wordsOf(error)}`),
    );
  }
  const tags = await localTags(repository, remotes);
  packed.troubles.push(...(await notCarried(repository, worktrees, [...refs, ...tags], remotes)));
  await packRefs(packed, repository, tags, folder);
  return null;
}

const NEEDS_FOLDER =
  "Branches build on commits that only a remote in a folder of this machine has: the other machine needs that folder.";

async function packRefs(
  packed: Packed,
  repository: Repository,
  refs: readonly LocalRef[],
  folder: string,
): Promise<void> {
  for await (const some of buildRefs(repository, refs)) {
    if (some.packed === null) {
      packed.left.push({ ref: some.refs[0], why: (await maskSecrets(printable(some.why))).text });
      continue;
    }
    const parcel = await parcelOf(`refs-${packed.refs.length + 1}`, packed.root, some.packed, folder);
    packed.refs.push({ refs: some.refs, parcel });
    if (some.needsFolder && !packed.troubles.includes(NEEDS_FOLDER)) packed.troubles.push(NEEDS_FOLDER);
  }
}

async function packWorktree(
  packed: Packed,
  { root, branch, head }: Worktree,
  remotes: readonly string[],
  folder: string,
): Promise<void> {
  const { changed, foreign } = await workTreeStatus(root);
  const uncommitted = changed.length + foreign.length;
  const detached = branch === null && head !== null ? await commitsOnNoBranch(root, head, remotes) : 0;
  packed.ignored.push(...(await ignoredIn(root)));
  if (uncommitted === 0 && detached === 0) return;
  const outcome = await tryBuildCapsule(root);
  const { built } = outcome;
  const parcel = built && (await parcelOf("worktree", root, built, folder));
  packed.worktrees.push({
    ...{ root, branch, uncommitted, detached, parcel },
    files: built?.files.length ?? 0,
    stays: staysIn(outcome),
    section: capsuleSection(outcome, built?.sha256 ?? null),
  });
}

async function parcelOf(
  kind: string,
  root: string,
  { bytes }: { readonly bytes: Buffer },
  folder: string,
): Promise<Parcel> {
  const name = `${kind}-${sha256Hex(root).slice(0, 16)}`;
  const file = join(folder, name);
  await writeFile(file, bytes, { mode: 0o600 });
  return { name, file, bytes: bytes.length };
}

function staysIn(outcome: CapsuleOutcome): string[] {
  if (outcome.built === null) return outcome.leavesWork ? [outcome.why] : [];
  const { excluded, commitsLeftOut, needsRemote } = outcome.built;
  const sentences = [commitsLeftOut, needsRemote].filter((sentence) => sentence !== null);
  return [...excluded.map(({ path, reason }) => `${path}: ${reason}`), ...sentences];
}

/** Enough to recognise what is left behind. A folder with only ignored files counts as one. */
async function ignoredIn(root: string): Promise<string[]> {
  const list = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
  const names = splitAtNul(await gitBytes(root, list)).map((name) => printable(name.toString()));
  return (await maskSecrets(names.join("\n"))).text.split("\n").filter(Boolean);
}
