import * as z from "zod";
import { TOO_LARGE } from "./too-large.ts";

/** Most bytes of one capsule, compressed: 10 MiB. Also the most that the bridge takes in one piece. */
export const MAX_CAPSULE_BYTES = 10 * 1024 * 1024;

/** The same when it is encrypted: some bytes for each machine that can open it, and for each 64 KiB. */
export const MAX_ENCRYPTED_CAPSULE_BYTES = MAX_CAPSULE_BYTES + 64 * 1024;

/** How long the bridge keeps a capsule after it was last stored: 14 days. */
export const CAPSULE_AGE_SECONDS = 14 * 24 * 60 * 60;

/** The SHA-256 of some bytes in hexadecimal, by which the bridge knows them. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256: 64 lower-case hexadecimal digits");

/** A capsule, or a part of one, as it goes over the wire. */
export const CapsuleBytes = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, "must be bytes")
  .refine(({ byteLength }) => byteLength > 0, "must not be empty")
  .refine(({ byteLength }) => byteLength <= MAX_CAPSULE_BYTES, {
    error: `is larger than ${MAX_CAPSULE_BYTES} bytes (10 MiB)`,
    params: TOO_LARGE,
  });

/** Longest branch name that is told, in UTF-16 code units; a longer one is cut by whoever sends it. */
export const MAX_BRANCH_CHARS = 100;

/** The capsule that comes with a handover. */
const CapsuleOf = {
  /** Of what was stored under this name: the capsule, or the list of its parts. */
  sha256: Sha256,
  /** Of the whole capsule, compressed. */
  bytes: z.int().min(1).max(MAX_ENCRYPTED_CAPSULE_BYTES),
};

/** What a handover is about, for whoever decides whether to take it over. Strict, as a sender writes it. */
export const WorkDraft = z.strictObject({
  /** null: HEAD is detached, or there is no repository. */
  branch: z.string().min(1).max(MAX_BRANCH_CHARS).nullable(),
  /** How many files the session changed or has uncommitted. */
  files: z.int().min(0).max(1_000_000),
  capsule: z.strictObject(CapsuleOf).optional(),
});
export type WorkDraft = z.infer<typeof WorkDraft>;

/** The same as it is answered: loose. */
export const Work = z.looseObject({ ...WorkDraft.shape, capsule: z.looseObject(CapsuleOf).optional() });
export type Work = z.infer<typeof Work>;
