import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod";
import { sha256Hex } from "../../client/disk/sha256-hex.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { printable } from "./file-names.ts";

/**
 * Limit for an unpacked capsule: a few kilobytes of gzip can hold gigabytes of zeros. Photon holds the capsule in memory,
 * and git a copy of it; with this limit each process stays below 250 MB.
 */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

const Commit = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);

/** Branch names are printed and passed to git, so they must not contain characters with a meaning for either. */
export function isPlainBranch(name: string): boolean {
  return name.length <= 255 && !/^-|[\p{C}\p{Z}~^:?*[\\]/u.test(name) && printable(name) === name;
}

const Manifest = z.strictObject({
  v: z.literal(1),
  /** The commit that the work builds on; null if there was none yet. */
  base: Commit.nullable(),
  /** null if HEAD was detached or the name is not safe to print. */
  branch: z.string().refine(isPlainBranch).nullable(),
  /** Lengths of the patch and of the bundle, which follow the manifest. */
  patchBytes: z.int().min(0),
  bundleBytes: z.int().min(0),
  /** The bundle holds branches and stashes, and there is no work on top of them. */
  isRefs: z.literal(true).optional(),
});
type Manifest = z.infer<typeof Manifest>;

/** A session's uncommitted and unpushed work. */
export interface CapsuleContent {
  readonly base: string | null;
  readonly branch: string | null;
  /** In the format of `git diff --binary --full-index`. */
  readonly patch: Buffer;
  /** The unpushed commits up to the base, in the format of `git bundle`. */
  readonly bundle: Buffer | null;
  /** Set if the bundle holds branches and stashes, see `carried-refs.ts`, instead of the commits below uncommitted work. */
  readonly isRefs?: true;
}

/** What goes over the wire. */
export interface PackedCapsule {
  readonly bytes: Buffer;
  /** Of the bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Deterministic: the same content gives the same bytes. */
export function packCapsule({ base, branch, patch, bundle, isRefs }: CapsuleContent): PackedCapsule {
  const plainBranch = branch !== null && isPlainBranch(branch) ? branch : null;
  const manifest: Manifest = {
    v: 1,
    base,
    branch: plainBranch,
    patchBytes: patch.length,
    bundleBytes: bundle?.length ?? 0,
    ...(isRefs && { isRefs }),
  };
  const text = Buffer.from(JSON.stringify(manifest));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const bytes = gzipSync(Buffer.concat([length, text, patch, bundle ?? Buffer.alloc(0)]));
  return { bytes, sha256: sha256Hex(bytes) };
}

/** Why bytes are not a valid capsule, as a sentence for a person. */
export class DamagedCapsule extends Error {
  override readonly name = "DamagedCapsule";
}

/** @throws DamagedCapsule if the bytes do not have this hash or are not a capsule of this version */
export function unpackCapsule(bytes: Buffer, sha256: string): CapsuleContent {
  if (sha256Hex(bytes) !== sha256) throw new DamagedCapsule("The capsule is not the one that was sent.");
  try {
    const unpacked = inflate(bytes);
    const start = 4 + unpacked.readUInt32BE(0);
    const manifest = Manifest.parse(parseJson(unpacked.subarray(4, start).toString()));
    const { base, branch, patchBytes, bundleBytes, isRefs } = manifest;
    if (unpacked.length !== start + patchBytes + bundleBytes) throw new RangeError("Its parts do not add up.");
    const patch = unpacked.subarray(start, start + patchBytes);
    const bundle = bundleBytes === 0 ? null : unpacked.subarray(start + patchBytes);
    return { base, branch, patch, bundle, ...(isRefs && { isRefs }) };
  } catch (cause) {
    throw new DamagedCapsule("The capsule cannot be read. It may come from a newer version of Photon.", { cause });
  }
}

/** Unpacks into one buffer of the size that the gzip trailer claims. Throws if that is too large or wrong. */
function inflate(bytes: Buffer): Buffer {
  const size = bytes.readUInt32LE(bytes.length - 4);
  if (size > MAX_UNPACKED_BYTES) throw new RangeError("It unpacks to too much.");
  return gunzipSync(bytes, { maxOutputLength: Math.max(size, 1), chunkSize: size + 64 });
}
