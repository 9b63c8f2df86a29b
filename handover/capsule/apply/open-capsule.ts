import { open } from "node:fs/promises";
import { join } from "node:path";
import { firstComplaint, type GitOptions, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { type ChangedEntry, changedEntries } from "../../git/git-entries.ts";
import { apart, findRepository, type Repository } from "../../git/repository.ts";
import type { CapsuleContent } from "../capsule-file.ts";
import { unfoldsToTooMuch } from "../patch-size.ts";
import { partsFor, splitPatch } from "../split-patch.ts";
import { type Base, emptyTree, findBase } from "./base-commit.ts";
import { frugal } from "./frugal.ts";
import { checkedEntries, NotApplied } from "./patched-files.ts";

/** A capsule as objects in a folder apart: the repository knows nothing of them yet. */
export interface OpenCapsule {
  readonly repository: Repository;
  readonly base: Base;
  /** The work as it was, everything in it. */
  readonly tree: string;
  /** The commit that is checked out; null before the first. */
  readonly head: string | null;
  /** A commit or tree: what the work is the difference from. */
  readonly start: string;
  /** That difference. */
  readonly entries: readonly ChangedEntry[];
  /** The folder apart. */
  readonly temporary: string;
  /** With which git sees the objects. */
  readonly options: GitOptions;
}

/**
 * Unfolds a capsule and checks it.
 *
 * @param here - the difference is the one from what is checked out, as far as both have it
 * @param temporary - a folder that is there for as long as the result is used
 * @throws NotApplied when it cannot be applied at all
 */
export async function openCapsule(
  folder: string,
  content: CapsuleContent,
  here: boolean,
  temporary: string,
): Promise<OpenCapsule> {
  const repository = await findRepository(folder);
  if (typeof repository === "string") throw new NotApplied(repository);
  const { root } = repository;
  if (unfoldsToTooMuch(content.patch)) throw new NotApplied("It unfolds to more than a session's work can be.");
  const options = { env: apart(repository, temporary), network: true };
  const base = await findBase(root, content, options);
  await gitBytes(root, ["read-tree", base.commit], options);
  if (content.patch.length > 0) await applyToIndex(root, content.patch, options);
  const tree = await gitText(root, ["write-tree", "--missing-ok"], options);
  await refuseOddPatch(root, content.patch, base.commit, tree, options);
  const found = await runGit(root, ["rev-parse", "-q", "--verify", "HEAD^{commit}"]);
  const head = found.code === 0 ? found.stdout.toString().trim() : null;
  const start = await startOf(root, base, here ? head : null, options);
  const entries = await checkedEntries(repository, start, tree, options);
  return { repository, base, tree, head, start, entries, temporary, options };
}

/** Commits that come along are work, too, unless they are here. */
async function startOf(root: string, { commit, pushed, wasHere }: Base, head: string | null, options: GitOptions) {
  if (pushed === null || (wasHere && head === null)) return commit;
  return commonWith(root, commit, head === null ? pushed : [head, ...pushed], options);
}

/** The newest commit that one and the others together share; an empty tree when they share none. */
async function commonWith(
  root: string,
  commit: string,
  others: readonly string[],
  options: GitOptions,
): Promise<string> {
  if (others.length === 0) return emptyTree(root, options);
  const { code, stdout } = await runGit(root, ["merge-base", commit, ...others], options);
  return code === 0 ? stdout.toString().trim() : emptyTree(root, options);
}

async function applyToIndex(root: string, patch: Buffer, options: GitOptions): Promise<void> {
  const { code, stderr } = await runGit(root, [...APPLY, "-"], frugal(options, patch));
  if (code !== 0) throw new NotApplied(`The patch does not fit what it is for: ${firstComplaint(stderr)}`);
}

/** One that names a file twice, or takes one from another, is none that was made here: git would do as it says. */
async function refuseOddPatch(root: string, patch: Buffer, base: string, tree: string, options: GitOptions) {
  const entries = await changedEntries(root, base, tree, options);
  const parts = entries.reduce((sum, entry) => sum + partsFor(entry), 0);
  if (splitPatch(patch).length !== parts) throw new NotApplied("The patch is not one that a capsule has.");
}

/** Whatever the person's settings for patches are. */
export const APPLY = ["apply", "--cached", "--binary", "--whitespace=nowarn", "--no-ignore-whitespace"];

/** Copies what was unfolded apart into the repository; no name leads to it yet. */
export async function keepObjects({ repository, temporary, options }: OpenCapsule): Promise<void> {
  const { root } = repository;
  const alone = { env: { ...options.env, GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined } };
  const list = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"];
  const names = await gitBytes(root, list, alone);
  if (names.length === 0) return;
  // It is unpacked at once: nothing to gain from making it small. By way of a file: it may be larger than memory allows.
  const quick = ["-c", "pack.compression=1", "pack-objects", "-q", "--window=0", join(temporary, "kept")];
  const name = await gitText(root, quick, { ...options, stdin: names });
  const pack = await open(join(temporary, `kept-${name}.pack`));
  try {
    await gitBytes(root, ["unpack-objects", "-q"], { stdin: pack.fd });
  } finally {
    await pack.close();
  }
}
