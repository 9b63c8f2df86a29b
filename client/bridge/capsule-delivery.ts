import { MAX_ENCRYPTED_CAPSULE_BYTES } from "../../contract/capsule.ts";
import type { Paths } from "../disk/paths.ts";
import type { ApiClient } from "./api-client.ts";
import { partListIn, pieceOf, piecesOf } from "./capsule-parts.ts";
import { type CapsuleRef, keptCapsule, noteStored, storedPieces, wasStored } from "./kept-capsule.ts";
import { PhotonError } from "./photon-error.ts";

/**
 * Uploads a kept capsule to the bridge, piece by piece. Pieces that an earlier attempt uploaded are skipped.
 *
 * @param beforePiece - called before each piece, because a piece may take a minute
 * @returns false if the capsule is gone from this disk, or if the bridge stores no capsules: then it cannot be
 *   delivered
 * @throws PhotonError if the bridge cannot store it now
 */
export async function deliverCapsule(
  paths: Pick<Paths, "outbox">,
  bridge: ApiClient,
  { sha256: name }: CapsuleRef,
  beforePiece: () => void,
): Promise<boolean> {
  if (wasStored(paths, name)) return true;
  const capsule = keptCapsule(paths, name);
  if (capsule === null) return false;
  const stored = storedPieces(paths, name);
  for (const { sha256, bytes } of piecesOf(capsule).pieces) {
    if (stored.has(sha256)) continue;
    beforePiece();
    try {
      await bridge.call("putCapsule", { sha256, body: bytes });
    } catch (error) {
      if (error instanceof PhotonError && error.code === "not_found") return false; // the bridge has no such route
      throw error;
    }
    noteStored(paths, name, sha256);
  }
  return true;
}

/**
 * Downloads a capsule and checks its hash and size.
 *
 * @throws PhotonError `not_found` if the bridge does not have it (anymore, or yet), `internal` if its bytes do not
 *   match
 */
export async function fetchCapsule(bridge: ApiClient, { sha256, bytes }: CapsuleRef): Promise<Buffer> {
  const root = await fetchPiece(bridge, sha256);
  const list = partListIn(root);
  if (list === null) return checked(root, sha256, bytes);
  const parts: Buffer[] = [];
  let size = 0;
  for (const part of list.parts) {
    const piece = await fetchPiece(bridge, part);
    size += piece.length;
    if (size > MAX_ENCRYPTED_CAPSULE_BYTES) throw damaged();
    parts.push(piece);
  }
  return checked(Buffer.concat(parts), list.sha256, bytes);
}

async function fetchPiece(bridge: ApiClient, sha256: string): Promise<Buffer> {
  try {
    const piece = Buffer.from(await bridge.call("getCapsule", { sha256 }));
    return checked(piece, sha256, piece.length);
  } catch (error) {
    if (!(error instanceof PhotonError) || error.code !== "not_found") throw error;
    const why =
      "The bridge does not have the capsule: it keeps one for 14 days, and a new one may take a minute to appear";
    throw new PhotonError("not_found", `${why}.`, { cause: error });
  }
}

function checked(piece: Buffer, sha256: string, size: number): Buffer {
  if (piece.length !== size || pieceOf(piece).sha256 !== sha256) throw damaged();
  return piece;
}

function damaged(): PhotonError {
  return new PhotonError("internal", "The bridge returned bytes that do not match the capsule; they were not used.");
}
