import { join } from "node:path";
import { piecesOf } from "../bridge/capsule-parts.ts";
import { type CapsuleRef, keepCapsule, keptCapsule, wasStored } from "../bridge/kept-capsule.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, readPrivateJson, removeFile, textField, writePrivateJson } from "../disk/private-file.ts";
import { CannotDecrypt, decryptWith, encryptFor } from "./age.ts";

/**
 * Encrypts a stored capsule into a file next to it. For the same recipients it reuses that file, so that parts that the
 * bridge already has are not uploaded again, also when an earlier message of the same day brought them.
 *
 * @param recipients - `age1…`
 * @returns null if neither this disk nor the bridge has the capsule
 */
export async function encryptCapsule(
  paths: Pick<Paths, "outbox">,
  ref: CapsuleRef,
  recipients: readonly string[],
): Promise<CapsuleRef | null> {
  const note = noteFile(paths, ref);
  const receivers = [...recipients].sort().join(" ");
  const noted = readPrivateJson(note);
  const encrypted = { sha256: textField(noted, "sha256") ?? "", bytes: numberField(noted, "bytes") ?? 0 };
  const isHere = () => keptCapsule(paths, encrypted.sha256) !== null;
  if (textField(noted, "receivers") === receivers && (wasStored(paths, encrypted.sha256) || isHere())) return encrypted;
  const capsule = keptCapsule(paths, ref.sha256);
  if (capsule === null) return null;
  const made = keepCapsule(paths, Buffer.from(await encryptFor(recipients, capsule)));
  writePrivateJson(note, { v: 1, receivers, ...made });
  return made;
}

/** Forgets how a capsule was encrypted. */
export function forgetEncrypted(paths: Pick<Paths, "outbox">, ref: CapsuleRef): void {
  removeFile(noteFile(paths, ref));
}

/** @throws PhotonError if the capsule cannot be decrypted here, or is not the one that the sender signed */
export async function openCapsule(encrypted: Uint8Array, identity: string, ref: CapsuleRef): Promise<Buffer> {
  const capsule = await decrypted(encrypted, identity);
  if (capsule.length === ref.bytes && piecesOf(capsule).sha256 === ref.sha256) return capsule;
  throw new PhotonError("internal", "The capsule is not the one that the sender signed. It was not used.");
}

async function decrypted(encrypted: Uint8Array, identity: string): Promise<Buffer> {
  try {
    return Buffer.from(await decryptWith(identity, encrypted));
  } catch (cause) {
    if (!(cause instanceof CannotDecrypt)) throw cause;
    throw new PhotonError("invalid_request", `This machine cannot decrypt the capsule. ${cause.message}`, { cause });
  }
}

function noteFile({ outbox }: Pick<Paths, "outbox">, { sha256 }: CapsuleRef): string {
  return join(outbox, `${sha256}.sealed.json`);
}
