import { open } from "node:fs/promises";
import { join } from "node:path";
import { firstComplaint, type GitOptions, type GitRun, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { type ChangedEntry, changedEntries } from "../../git/git-entries.ts";
import { findRepository, isPartialClone, type Repository, scratchObjects } from "../../git/repository.ts";
import type { CapsuleContent } from "../capsule-file.ts";
import { partsFor, splitPatch, unpacksToTooMuch } from "../patch-file.ts";
import { type Base, emptyTree, findBase, withMemoryLimit } from "./base-commit.ts";
import { checkedEntries } from "./checked-entries.ts";
import { NotApplied, UNPACKS_TO_TOO_MUCH } from "./not-applied.ts";

/** A capsule unpacked into git objects in a scratch folder. The repository does not have them yet. */
export interface OpenCapsule {
  readonly repository: Repository;
  readonly base: Base;
  /** The complete project as it was on the other machine. */
  readonly tree: string;
  /** The checked-out commit; null before the first commit. */
  readonly head: string | null;
  /** The commit or tree that the work is compared with. */
  readonly start: string;
  /** The differences between `start` and `tree`. */
  readonly entries: readonly ChangedEntry[];
  /** The scratch folder. */
  readonly temporary: string;
  /** Options with which git sees the objects. */
  readonly options: GitOptions;
}

/**
 * Unpacks a capsule and checks it.
 *
 * @param here - compare the work with its common ancestor with the checked-out commit
 * @param temporary - a scratch folder that must exist as long as the result is used
 * @throws NotApplied if the capsule cannot be applied at all
 */
export async function openCapsule(
  folder: string,
  content: CapsuleContent,
  here: boolean,
  temporary: string,
): Promise<OpenCapsule> {
  if (content.isRefs) throw new NotApplied("It holds branches and stashes: `photon resume --all` applies it.");
  const repository = await findRepository(folder);
  if (typeof repository === "string") throw new NotApplied(repository);
  const { root } = repository;
  if (unpacksToTooMuch(content.patch)) throw new NotApplied(UNPACKS_TO_TOO_MUCH);
  const options = { env: scratchObjects(repository, temporary), network: await isPartialClone(root) };
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

/** Bundled commits are part of the work unless this repository has them. */
async function startOf(root: string, { commit, pushed, wasHere }: Base, head: string | null, options: GitOptions) {
  if (pushed === null || (wasHere && head === null)) return commit;
  return commonWith(root, commit, head === null ? pushed : [head, ...pushed], options);
}

/** The newest common ancestor of a commit and the others; an empty tree if they have none. */
export async function commonWith(
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
  const { code, stderr } = await applyPatch(root, patch, options);
  if (code !== 0) throw new NotApplied(`The capsule's patch does not fit its base commit: ${firstComplaint(stderr)}`);
}

/** Applies a patch to the index that the options name, regardless of the person's settings for patches. */
export function applyPatch(
  root: string,
  patch: Buffer,
  options: GitOptions,
  more: readonly string[] = [],
): Promise<GitRun> {
  const args = ["apply", "--cached", "--binary", "--whitespace=nowarn", "--no-ignore-whitespace", ...more, "-"];
  return runGit(root, args, withMemoryLimit(options, patch));
}

/** Photon never makes a patch that names a file twice or renames one. Git would apply such a patch. */
async function refuseOddPatch(root: string, patch: Buffer, base: string, tree: string, options: GitOptions) {
  const entries = await changedEntries(root, base, tree, options);
  const parts = entries.reduce((sum, entry) => sum + partsFor(entry), 0);
  if (splitPatch(patch).length !== parts) throw new NotApplied("The capsule's patch was not made by Photon.");
}

/** Copies the objects from the scratch folder into the repository. No ref points to them yet. */
export async function keepObjects({
  repository,
  temporary,
  options,
}: Pick<OpenCapsule, "repository" | "temporary" | "options">): Promise<void> {
  const { root } = repository;
  const alone = { env: { ...options.env, GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined } };
  const list = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"];
  const names = await gitBytes(root, list, alone);
  if (names.length === 0) return;
  // The pack is unpacked immediately, so it need not be small. It may not fit into memory, so it goes through a file.
  const quick = ["-c", "pack.compression=1", "pack-objects", "-q", "--window=0", join(temporary, "kept")];
  const name = await gitText(root, quick, { ...options, stdin: names });
  const pack = await open(join(temporary, `kept-${name}.pack`));
  try {
    await gitBytes(root, ["unpack-objects", "-q"], { stdin: pack.fd });
  } finally {
    await pack.close();
  }
}
