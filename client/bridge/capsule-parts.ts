import * as z from "zod";
import { MAX_ENCRYPTED_CAPSULE_BYTES, Sha256 } from "../../contract/capsule.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";

/** Bytes of one part: a slow line (1 Mbit/s) carries it in 8 s, and one that broke off is carried again. */
const PART_BYTES = 1024 * 1024;

/** What the bridge keeps of a larger capsule under its name: where the parts are. */
const PartList = z.object({
  v: z.literal(1),
  /** Of the whole. */
  sha256: Sha256,
  parts: z
    .array(Sha256)
    .min(1)
    .max(Math.ceil(MAX_ENCRYPTED_CAPSULE_BYTES / PART_BYTES)),
});
type PartList = z.infer<typeof PartList>;

/** Some bytes and their name. */
export interface Piece {
  readonly sha256: string;
  readonly bytes: Buffer;
}

/**
 * Cuts a capsule into the pieces that the bridge keeps, in the order they are to be stored. The last one names the whole:
 * a small capsule is its own and only piece, a larger one has a list of its parts there.
 */
export function piecesOf(capsule: Buffer): { readonly sha256: string; readonly pieces: readonly Piece[] } {
  const whole = pieceOf(capsule);
  if (capsule.length <= PART_BYTES) return { sha256: whole.sha256, pieces: [whole] };
  const parts: Piece[] = [];
  for (let start = 0; start < capsule.length; start += PART_BYTES) {
    parts.push(pieceOf(capsule.subarray(start, start + PART_BYTES)));
  }
  const list: PartList = { v: 1, sha256: whole.sha256, parts: parts.map(({ sha256 }) => sha256) };
  const root = pieceOf(Buffer.from(JSON.stringify(list)));
  return { sha256: root.sha256, pieces: [...parts, root] };
}

/** @returns null when the bytes are a capsule itself, which is compressed and never begins so */
export function partListIn(bytes: Buffer): PartList | null {
  if (bytes.length > PART_BYTES || bytes[0] !== "{".charCodeAt(0)) return null;
  try {
    return PartList.parse(JSON.parse(bytes.toString()));
  } catch {
    return null;
  }
}

export function pieceOf(bytes: Buffer): Piece {
  return { sha256: sha256Hex(bytes), bytes };
}
