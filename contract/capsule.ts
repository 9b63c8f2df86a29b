import * as z from "zod";
import { TOO_LARGE } from "./problem.ts";

/** Largest capsule, compressed, and largest part that the bridge accepts: 10 MiB. */
export const MAX_CAPSULE_BYTES = 10 * 1024 * 1024;

/** Largest encrypted capsule. Encryption adds some bytes per recipient and per 64 KiB. */
export const MAX_ENCRYPTED_CAPSULE_BYTES = MAX_CAPSULE_BYTES + 64 * 1024;

/** How long the bridge keeps a capsule after it was last stored: 14 days. */
export const CAPSULE_AGE_SECONDS = 14 * 24 * 60 * 60;

/** A SHA-256 in hexadecimal: the name under which the bridge stores bytes. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256: 64 lower-case hexadecimal digits");

/** A capsule, or a part of one, as it goes over the wire. */
export const CapsuleBytes = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, "must be bytes")
  .refine(({ byteLength }) => byteLength > 0, "must not be empty")
  .refine(({ byteLength }) => byteLength <= MAX_CAPSULE_BYTES, {
    error: `is larger than ${MAX_CAPSULE_BYTES} bytes (10 MiB)`,
    params: TOO_LARGE,
  });

/** Longest branch name in a handover, in UTF-16 code units. The sender cuts a longer one. */
export const MAX_BRANCH_CHARS = 100;

/** The capsule of a handover. */
const capsuleFields = {
  /** The hash of the capsule or, for a capsule in parts, of the list of its parts. */
  sha256: Sha256,
  /** The size of the whole capsule, compressed. */
  bytes: z.int().min(1).max(MAX_ENCRYPTED_CAPSULE_BYTES),
};

/** What a handover is about, so that its reader can decide whether to resume it. Strict: what a client may send. */
export const WorkDraft = z.strictObject({
  /** null if HEAD is detached or there is no repository. */
  branch: z.string().min(1).max(MAX_BRANCH_CHARS).nullable(),
  /** Number of files that the session changed or that are uncommitted. */
  files: z.int().min(0).max(1_000_000),
  capsule: z.strictObject(capsuleFields).optional(),
});
export type WorkDraft = z.infer<typeof WorkDraft>;

/** The same in an answer. Loose: an old client accepts a new field. */
export const Work = z.looseObject({ ...WorkDraft.shape, capsule: z.looseObject(capsuleFields).optional() });
export type Work = z.infer<typeof Work>;
