import * as z from "zod";
import { MAX_ENCRYPTED_CAPSULE_BYTES, Sha256 } from "../../contract/capsule.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";

/** Size of one part: a slow connection (1 Mbit/s) uploads it in 8 s. A failure repeats only this part. */
const PART_BYTES = 1024 * 1024;

/** What the bridge stores under the name of a large capsule: the names of its parts. */
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

/** Some bytes and their hash, which is their name on the bridge. */
export interface Piece {
  readonly sha256: string;
  readonly bytes: Buffer;
}

/**
 * Splits a capsule into the pieces that the bridge stores, in upload order. The hash of the last piece names the
 * capsule: a small capsule is a single piece, and the last piece of a larger one is the list of its parts.
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

/** @returns null if the bytes are a capsule itself, which is compressed and never begins with `{` */
export function partListIn(bytes: Buffer): PartList | null {
  if (bytes.length > PART_BYTES || bytes[0] !== "{".charCodeAt(0)) return null;
  return PartList.safeParse(parseJson(bytes.toString())).data ?? null;
}

export function pieceOf(bytes: Buffer): Piece {
  return { sha256: sha256Hex(bytes), bytes };
}
