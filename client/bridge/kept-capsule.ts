import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { CAPSULE_AGE_SECONDS, type Work } from "../../contract/capsule.ts";
import { errorCode } from "../disk/disk-error.ts";
import type { Paths } from "../disk/paths.ts";
import {
  namesIn,
  readIfThere,
  removeFile,
  removeOlderFiles,
  replaceFile,
  writePrivateFile,
} from "../disk/private-file.ts";
import { piecesOf } from "./capsule-parts.ts";

/** How a message refers to its capsule. */
export type CapsuleRef = NonNullable<Work["capsule"]>;

/**
 * Keeps a capsule on disk until the bridge has it. The outbox stores the capsule before the message that refers to it, and
 * then calls {@link keepQueuedCapsule}.
 *
 * @returns the reference for the message
 * @throws the file system's own error (disk full, read-only home): then nothing was stored
 */
export function keepCapsule(paths: Pick<Paths, "outbox">, capsule: Buffer, now: number = Date.now()): CapsuleRef {
  removeOlderFiles(paths.outbox, CAPSULE_FILE, now - CAPSULE_AGE_SECONDS * 1000);
  removeLeftovers(paths, now);
  const { sha256 } = piecesOf(capsule);
  writePrivateFile(capsuleFile(paths, sha256), capsule);
  return { sha256, bytes: capsule.length };
}

/**
 * Makes sure that a capsule is still kept, right after the message that names it was queued: until then another process,
 * which had just delivered the same capsule for another message, could not know that it was needed again.
 *
 * Never throws: at worst the message goes without its capsule, and its delivery says so.
 */
export function keepQueuedCapsule(paths: Pick<Paths, "outbox">, { sha256 }: CapsuleRef, capsule: Buffer): void {
  try {
    const file = capsuleFile(paths, sha256);
    if (!existsSync(file)) writePrivateFile(file, capsule);
  } catch {
    // The message is queued by now.
  }
}

/** A kept capsule's bytes; null if this disk does not have them. */
export function keptCapsule(paths: Pick<Paths, "outbox">, sha256: string): Buffer | null {
  // A process may have crashed between the two steps of `dropBytes`.
  return readIfThere(capsuleFile(paths, sha256)) ?? readIfThere(droppedFile(paths, sha256));
}

/** The bridge keeps a capsule for 14 days. A handover that names one from earlier today loses at most one of them. */
const REUSE_MS = 24 * 60 * 60 * 1000;

/**
 * Whether the bridge stored a whole capsule within the last day, for an earlier message. Its bytes are not needed again.
 *
 * @param name - its hash
 */
export function wasStored(paths: Pick<Paths, "outbox">, name: string, now: number = Date.now()): boolean {
  // The last piece has the name of the whole.
  const isWhole = storedPieces(paths, name).has(name);
  return (
    isWhole && Math.abs(now - (statSync(progressFile(paths, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)) < REUSE_MS
  );
}

/** The hashes of the pieces that the bridge has stored. @param name - the capsule's hash */
export function storedPieces(paths: Pick<Paths, "outbox">, name: string): ReadonlySet<string> {
  return new Set(readIfThere(progressFile(paths, name))?.toString().split("\n"));
}

/** Never throws: if this write fails, the piece is uploaded again. */
export function noteStored(paths: Pick<Paths, "outbox">, name: string, piece: string): void {
  try {
    mkdirSync(paths.outbox, { recursive: true, mode: 0o700 });
    appendFileSync(progressFile(paths, name), `${piece}\n`, { mode: 0o600 });
  } catch {
    // Uploaded again.
  }
}

/**
 * Removes a capsule that the bridge has stored or refused permanently, see {@link dropBytes}. Call it after the message that
 * named it was removed.
 */
export function dropCapsule(paths: Pick<Paths, "outbox">, { sha256 }: CapsuleRef): void {
  dropBytes(paths, { sha256 });
  removeFile(progressFile(paths, sha256));
}

/**
 * Removes a stored capsule's bytes, and keeps the note that it was stored, see {@link wasStored}. While a message in the
 * outbox names the capsule, queued or refused, its bytes stay: they may still have to be encrypted for other recipients.
 *
 * The bytes are set aside before the messages are read for the last time. A process that queues a message meanwhile either
 * is seen here, or does not find the bytes and writes them again, see {@link keepQueuedCapsule}.
 */
export function dropBytes(paths: Pick<Paths, "outbox">, { sha256 }: Pick<CapsuleRef, "sha256">): void {
  if (isNamed(paths, sha256, QUEUED_FILE)) return;
  const [file, dropped] = [capsuleFile(paths, sha256), droppedFile(paths, sha256)];
  try {
    renameSync(file, dropped);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  if (!isNamed(paths, sha256, QUEUED_FILE)) removeFile(dropped);
  else if (readIfThere(dropped) !== null) replaceFile(dropped, file);
}

/** The queued and refused messages, which `client/mail` keeps in the same folder. */
const QUEUED_FILE = /^\d{13}-[^.]+(?:\.refused)?\.json$/;

/** Whether a file in the outbox contains a capsule's hash; in doubt it does. A newer Photon's files are read too. */
function isNamed({ outbox }: Pick<Paths, "outbox">, sha256: string, files: RegExp): boolean {
  return namesIn(outbox, files).some((name) => readIfThere(join(outbox, name))?.includes(sha256) ?? true);
}

/** A younger file may be about to be named by a message. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/** Removes capsules that nothing names, as after a crash, or after `photon failed drop`. Never throws. */
function removeLeftovers(paths: Pick<Paths, "outbox">, now: number): void {
  const hashes = new Set(namesIn(paths.outbox, BYTES_FILE).map((name) => name.slice(0, HASH_CHARS)));
  const unnamed = (files: RegExp) => [...hashes].filter((sha256) => !isNamed(paths, sha256, files));
  const remove = (sha256: string, endings: string) =>
    removeOlderFiles(paths.outbox, new RegExp(`^${sha256}\\.(?:${endings})$`), now - LEFTOVER_AGE_MS);
  // First the notes of plain ones that no message names: without its note, the encrypted one is not named either.
  const isEncrypted = (sha256: string) => isNamed(paths, sha256, NOTE_FILE);
  for (const sha256 of unnamed(QUEUED_FILE)) if (!isEncrypted(sha256)) remove(sha256, "capsule|dropped|sealed\\.json");
  for (const sha256 of unnamed(QUEUED_FILE)) if (!isEncrypted(sha256)) remove(sha256, "capsule|dropped");
}

/** A capsule, the list of its uploaded pieces, and how it was encrypted. */
const CAPSULE_FILE = /^[0-9a-f]{64}\.(?:capsule|dropped|stored|sealed\.json)$/;
const BYTES_FILE = /^[0-9a-f]{64}\.(?:capsule|dropped)$/;
const NOTE_FILE = /^[0-9a-f]{64}\.sealed\.json$/;
const HASH_CHARS = 64;

/** Where a capsule is kept until it is delivered. */
export function capsuleFile({ outbox }: Pick<Paths, "outbox">, sha256: string): string {
  return join(outbox, `${sha256}.capsule`);
}

function droppedFile({ outbox }: Pick<Paths, "outbox">, sha256: string): string {
  return join(outbox, `${sha256}.dropped`);
}

function progressFile({ outbox }: Pick<Paths, "outbox">, sha256: string): string {
  return join(outbox, `${sha256}.stored`);
}
