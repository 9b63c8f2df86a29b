import { gitBytes, gitText, TooMuchOutput } from "../../../client/git/git.ts";
import { scanForSecrets } from "../../../client/secrets/secret-scan.ts";
import { MAX_CAPSULE_BYTES } from "../../../contract/capsule.ts";
import type { Repository } from "../../git/repository.ts";
import { notOn, notOnAny, reachableRemotes, sharedRemote } from "../../git/shared-remote.ts";
import { MAX_OBJECTS, objectsIn } from "../bundle-file.ts";
import { type PackedCapsule, packCapsule } from "../capsule-file.ts";
import { type CarriedRef, parseRefsBundle, refsBundle } from "../carried-refs.ts";
import { reasonAgainst } from "./unpushed-commits.ts";

/** Some of a repository's branches and stashes: in a capsule, or why they stay here. */
export type RefsCapsule<Ref extends CarriedRef> =
  | {
      readonly refs: readonly Ref[];
      readonly packed: PackedCapsule;
      /** Whether the other machine needs commits that only a remote in a folder, or on this machine, has. */
      readonly needsFolder: boolean;
    }
  | {
      readonly refs: readonly [Ref];
      readonly packed: null;
      /** A sentence about "they", the commits. It may hold a name that is a secret. */
      readonly why: string;
    };

const TOO_MANY = "They hold too many files.";
const NO_LIST = "Their names, or the list of commits that they build on, do not fit into a capsule.";
const TOO_LARGE = `They are larger than ${MAX_CAPSULE_BYTES / 1024 / 1024} MiB, compressed.`;

/**
 * Packs branches and stashes into as few capsules as the limits allow: all together or, if they are too large or something
 * in them must stay here, in halves. So everything travels except the single branches or stashes that cannot. Yields each
 * capsule as soon as it is made, so that the caller need not hold two.
 *
 * The repository does not change. The commits that are scanned for secrets are exactly those that leave.
 *
 * @param refs - at least one; names must be safe to print, and need not exist in git
 * @param maxBytes - limit for a capsule, compressed; at most the default
 * @throws Error if git fails
 */
export async function* buildRefs<Ref extends CarriedRef>(
  repository: Repository,
  refs: readonly Ref[],
  maxBytes: number = MAX_CAPSULE_BYTES,
): AsyncGenerator<RefsCapsule<Ref>> {
  const { root } = repository;
  const limits = await limitsOf(root);
  yield* inHalves(refs);

  async function* inHalves(some: readonly Ref[]): AsyncGenerator<RefsCapsule<Ref>> {
    const [first, ...others] = some;
    if (first === undefined) return;
    let why = "";
    for (const { limit, needsFolder } of limits) {
      const packed = await packOf(repository, some, limit, maxBytes);
      if (typeof packed !== "string") return yield { refs: some, packed, needsFolder };
      why ||= packed;
    }
    if (others.length === 0) return yield { refs: [first], packed: null, why };
    const middle = Math.ceil(some.length / 2);
    yield* inHalves(some.slice(0, middle));
    yield* inHalves(some.slice(middle));
  }
}

/**
 * Which commits may be left out, one try after another: those of the remote that the other machine most likely has; if the
 * rest cannot leave, perhaps fewer can, without those of any remote that it can reach. If it can reach none, all commits
 * leave; if they cannot, those that no folder has.
 */
async function limitsOf(root: string) {
  const remotes = await reachableRemotes(root);
  const shared = await sharedRemote(root, null);
  const all = { limit: notOnAny(remotes), needsFolder: false };
  if (shared === null) return [all];
  if (remotes.length === 0) return [all, { limit: notOn(null), needsFolder: true }];
  if (!remotes.includes(shared.name)) return [all];
  return [{ limit: notOn(shared), needsFolder: false }, ...(remotes.length > 1 ? [all] : [])];
}

/** @returns why they must stay here, or cannot go together, as a sentence */
async function packOf(
  repository: Repository,
  refs: readonly CarriedRef[],
  limit: readonly string[],
  maxBytes: number,
): Promise<PackedCapsule | string> {
  const { root } = repository;
  const tips = [...new Set(refs.map(({ commit }) => commit))];
  const list = await gitText(root, ["rev-list", "--topo-order", "--boundary", ...tips, ...limit]);
  const lines = list.split("\n").filter(Boolean);
  const commits = lines.filter((line) => !line.startsWith("-"));
  const scanned = new Set(commits);
  // Git does not list a tip that the remote has already. Its whole history, not scanned, would leave with it.
  const had = tips.filter((tip) => !scanned.has(tip));
  const boundary = [...new Set([...lines.filter((line) => line.startsWith("-")).map((line) => line.slice(1)), ...had])];
  const isSha256 = tips[0]?.length === 64;
  // With the parser of the machine that receives it.
  if (parseRefsBundle(refsBundle(refs, boundary, Buffer.alloc(0), isSha256)) === null) return NO_LIST;
  const reason = await reasonAgainst(repository, commits, scanForSecrets);
  if (reason !== null) return reason;
  try {
    const stdin = Buffer.from([...tips, ...boundary.map((commit) => `^${commit}`), ""].join("\n"));
    const pack = await gitBytes(root, ["pack-objects", "--revs", "--thin", "--stdout", "--delta-base-offset", "-q"], {
      stdin,
      maxOutputBytes: maxBytes,
    });
    if (objectsIn(pack) > MAX_OBJECTS) return TOO_MANY;
    const bundle = refsBundle(refs, boundary, pack, isSha256);
    const packed = packCapsule({ base: null, branch: null, patch: Buffer.alloc(0), bundle, isRefs: true });
    return packed.bytes.length > maxBytes ? TOO_LARGE : packed;
  } catch (error) {
    if (error instanceof TooMuchOutput) return TOO_LARGE;
    throw error;
  }
}
