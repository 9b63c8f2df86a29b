import { appendFileSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CAPSULE_AGE_SECONDS, MAX_ENCRYPTED_CAPSULE_BYTES, type Work } from "../../contract/capsule.ts";
import type { Paths } from "../disk/paths.ts";
import { readIfThere, removeFile, removeOlderFiles, writePrivateFile } from "../disk/private-file.ts";
import type { ApiClient } from "./api-client.ts";
import { partListIn, pieceOf, piecesOf } from "./capsule-parts.ts";
import { PhotonError } from "./photon-error.ts";

/** How a message refers to its capsule. */
export type CapsuleRef = NonNullable<Work["capsule"]>;

/**
 * Keeps a capsule on disk until the bridge has it. The outbox stores the capsule before the message that refers to it.
 *
 * @returns the reference for the message
 * @throws the file system's own error (disk full, read-only home): then nothing was stored
 */
export function keepCapsule(paths: Pick<Paths, "outbox">, capsule: Buffer, now: number = Date.now()): CapsuleRef {
  removeOlderFiles(paths.outbox, CAPSULE_FILE, now - CAPSULE_AGE_SECONDS * 1000);
  const { sha256 } = piecesOf(capsule);
  writePrivateFile(capsuleFile(paths, sha256), capsule);
  return { sha256, bytes: capsule.length };
}

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
  const capsule = readIfThere(capsuleFile(paths, name));
  if (capsule === null) return false;
  const stored = new Set(readIfThere(progressFile(paths, name))?.toString().split("\n"));
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

/** The bridge keeps a capsule for 14 days. A handover that names one from earlier today loses at most one of them. */
const REUSE_MS = 24 * 60 * 60 * 1000;

/**
 * Whether the bridge stored a whole capsule within the last day, for an earlier message. Its bytes are not needed again.
 *
 * @param name - its hash
 */
export function wasStored(paths: Pick<Paths, "outbox">, name: string, now: number = Date.now()): boolean {
  const file = progressFile(paths, name);
  // The last piece has the name of the whole.
  const isWhole = readIfThere(file)?.toString().split("\n").includes(name) ?? false;
  return isWhole && Math.abs(now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)) < REUSE_MS;
}

/** Never throws: if this write fails, the piece is uploaded again. */
function noteStored(paths: Pick<Paths, "outbox">, name: string, piece: string): void {
  try {
    mkdirSync(paths.outbox, { recursive: true, mode: 0o700 });
    appendFileSync(progressFile(paths, name), `${piece}\n`, { mode: 0o600 });
  } catch {
    // Uploaded again.
  }
}

/** Removes a capsule that the bridge has stored or refused permanently. */
export function dropCapsule(paths: Pick<Paths, "outbox">, { sha256 }: CapsuleRef): void {
  dropBytes(paths, { sha256 });
  removeFile(progressFile(paths, sha256));
}

/** Removes a stored capsule's bytes, and keeps the note that it was stored, see {@link wasStored}. */
export function dropBytes(paths: Pick<Paths, "outbox">, { sha256 }: Pick<CapsuleRef, "sha256">): void {
  removeFile(capsuleFile(paths, sha256));
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

/** A capsule, the list of its uploaded pieces, and how it was encrypted. */
const CAPSULE_FILE = /^[0-9a-f]{64}\.(?:capsule|stored|sealed\.json)$/;

/** Where a capsule is kept until it is delivered. */
export function capsuleFile({ outbox }: Pick<Paths, "outbox">, sha256: string): string {
  return join(outbox, `${sha256}.capsule`);
}

function progressFile({ outbox }: Pick<Paths, "outbox">, sha256: string): string {
  return join(outbox, `${sha256}.stored`);
}
