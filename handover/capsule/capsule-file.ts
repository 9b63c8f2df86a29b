import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod";
import { sha256Hex } from "../../client/disk/sha256-hex.ts";
import { printable } from "../../client/text/printable.ts";

/** Most bytes of a capsule on the wire, compressed: 10 MiB. */
export const MAX_CAPSULE_BYTES = 10 * 1024 * 1024;

/**
 * Most bytes it may unfold to; a few kilobytes of gzip can hold gigabytes of nothing. Applying holds it in memory, and git
 * its own copy: with this much each stays below 250 MB.
 */
export const MAX_UNFOLDED_BYTES = 32 * 1024 * 1024;

const Commit = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);

/** Shown to people, and given to git: no sign that either takes for something else. */
function isPlainBranch(name: string): boolean {
  return name.length <= 255 && !/^-|[\p{C}\p{Z}~^:?*[\\]/u.test(name) && printable(name) === name;
}

const Manifest = z.strictObject({
  v: z.literal(1),
  /** The commit the work stands on; null: there was none yet. */
  base: Commit.nullable(),
  /** null: HEAD was detached, or the name is none to be shown. */
  branch: z.string().refine(isPlainBranch).nullable(),
  /** Bytes of the patch and of the bundle that follow. */
  patchBytes: z.int().min(0),
  bundleBytes: z.int().min(0),
});
type Manifest = z.infer<typeof Manifest>;

/** A session's work that is in no commit on the remote. */
export interface CapsuleContent {
  readonly base: string | null;
  readonly branch: string | null;
  /** As `git diff --binary --full-index` writes it. */
  readonly patch: Buffer;
  /** Commits up to the base that the remote does not have, as `git bundle` writes them; null when there are none. */
  readonly bundle: Buffer | null;
}

/** What goes over the wire. */
export interface PackedCapsule {
  readonly bytes: Buffer;
  /** Of the bytes, in hexadecimal: their name on the bridge. */
  readonly sha256: string;
}

/** The same content makes the same bytes. */
export function packCapsule({ base, branch, patch, bundle }: CapsuleContent): PackedCapsule {
  const shown = branch !== null && isPlainBranch(branch) ? branch : null;
  const manifest: Manifest = { v: 1, base, branch: shown, patchBytes: patch.length, bundleBytes: bundle?.length ?? 0 };
  const text = Buffer.from(JSON.stringify(manifest));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const bytes = gzipSync(Buffer.concat([length, text, patch, bundle ?? Buffer.alloc(0)]));
  return { bytes, sha256: sha256Hex(bytes) };
}

/** A capsule that is not what it was, or never was one. The message is a sentence for a person. */
export class DamagedCapsule extends Error {
  override readonly name = "DamagedCapsule";
}

/** @throws DamagedCapsule when the bytes are not the ones that were named, or hold no capsule of this version */
export function unpackCapsule(bytes: Buffer, sha256: string): CapsuleContent {
  if (sha256Hex(bytes) !== sha256) throw new DamagedCapsule("The capsule is not the one that was sent.");
  try {
    const unfolded = unfold(bytes);
    const start = 4 + unfolded.readUInt32BE(0);
    const manifest = Manifest.parse(JSON.parse(unfolded.subarray(4, start).toString()));
    const { base, branch, patchBytes, bundleBytes } = manifest;
    if (unfolded.length !== start + patchBytes + bundleBytes) throw new RangeError("Its parts do not add up.");
    const patch = unfolded.subarray(start, start + patchBytes);
    return { base, branch, patch, bundle: bundleBytes === 0 ? null : unfolded.subarray(start + patchBytes) };
  } catch (cause) {
    throw new DamagedCapsule("The capsule cannot be read; it may be of a newer version.", { cause });
  }
}

/** Into one piece of memory, of the size that gzip says it has: a capsule that says too much, or not the truth, is none. */
function unfold(bytes: Buffer): Buffer {
  const size = bytes.readUInt32LE(bytes.length - 4);
  if (size > MAX_UNFOLDED_BYTES) throw new RangeError("It unfolds to too much.");
  return gunzipSync(bytes, { maxOutputLength: Math.max(size, 1), chunkSize: size + 64 });
}
