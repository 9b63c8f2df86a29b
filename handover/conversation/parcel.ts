import { MAX_CAPSULE_BYTES } from "../../contract/capsule.ts";

/** A capsule begins like gzip, so the two cannot be confused. */
const MAGIC = Buffer.from("photon parcel 1\n");
const HEAD_BYTES = MAGIC.length + 4;

/** Most bytes of a conversation next to a capsule of this size (0 for none). */
export function roomBeside(capsuleBytes: number): number {
  return MAX_CAPSULE_BYTES - capsuleBytes - HEAD_BYTES;
}

/** What travels with a handover. */
export interface Parcel {
  readonly capsule: Buffer | null;
  readonly conversation: Buffer | null;
}

/**
 * Puts a capsule and a conversation into one file, which travels as a capsule does: in parts, encrypted. A capsule alone
 * stays as it is, so that older versions of Photon can apply it. Deterministic.
 *
 * @returns null if there is neither
 */
export function packParcel({ capsule, conversation }: Parcel): Buffer | null {
  if (conversation === null) return capsule;
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32BE(capsule?.length ?? 0, MAGIC.length);
  return Buffer.concat([head, capsule ?? Buffer.alloc(0), conversation]);
}

/** Bytes with a wrong length give a capsule and a conversation that cannot be read. */
export function openParcel(bytes: Buffer): Parcel {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes.length < HEAD_BYTES)
    return { capsule: bytes, conversation: null };
  const end = HEAD_BYTES + bytes.readUInt32BE(MAGIC.length);
  return { capsule: end === HEAD_BYTES ? null : bytes.subarray(HEAD_BYTES, end), conversation: bytes.subarray(end) };
}
