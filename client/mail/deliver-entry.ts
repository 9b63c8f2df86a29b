import { MessageDraft } from "../../contract/message.ts";
import { sentenceOf } from "../../contract/problem.ts";
import { endBackoff } from "../bridge/backoff.ts";
import { deliverCapsule } from "../bridge/capsule-delivery.ts";
import type { CapsuleRef } from "../bridge/kept-capsule.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { dropOutgoing, type Encryption, withoutCapsule } from "../encryption/outgoing.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import type { Encrypter } from "./encrypter.ts";
import { type OutboxEntry, removeEntry } from "./outbox-folder.ts";
import { addSent } from "./sent-log.ts";

/** The bridge's acknowledgement of a message. */
export interface Acknowledged extends Encryption {
  /** The bridge's time, in ISO 8601. */
  readonly timestamp: string;
  /** Set if the message was written with a capsule and went without it. Its text says so to the receiver. */
  readonly isWithoutCapsule?: true;
}

/**
 * Delivers one message of the outbox to the bridge, its capsule first.
 *
 * @param beforePiece - called before each piece of the capsule, because a piece may take a minute
 * @throws PhotonError if the bridge cannot accept the message now, or refuses it permanently
 * @throws the file system's own error
 */
export async function deliverEntry(
  access: BridgeAccess,
  encrypter: Encrypter,
  entry: OutboxEntry,
  beforePiece: () => void,
): Promise<Acknowledged> {
  const { paths } = access;
  const draft = MessageDraft.safeParse(entry.draft);
  if (!draft.success) throw new PhotonError("invalid_request", `${sentenceOf(draft.error, "the message")}.`);
  const { author, queuedAt: sentAt, onlyEncrypted } = entry;
  const written = { author, sentAt, onlyEncrypted };
  let outgoing = await encrypter.encrypt(draft.data, written);
  const capsule = outgoing.draft.work?.capsule;
  const hasTravelled = capsule && (await travels(access, entry, capsule, beforePiece));
  if (hasTravelled === false) outgoing = await encrypter.encrypt(withoutCapsule(draft.data), written);
  const { id, timestamp } = await access.api.call("sendMessage", { body: outgoing.draft });
  endBackoff(paths, "sending");
  const plain = draft.data.work?.capsule;
  const isWithoutCapsule = plain !== undefined && hasTravelled !== true;
  // If these writes fail, the entry stays and is sent again with the same id; the bridge stores it once.
  ignoringErrors(() => addSent(paths, id, draft.data, timestamp, isWithoutCapsule));
  ignoringErrors(() => removeEntry(entry));
  ignoringErrors(() => dropOutgoing(paths, plain, capsule, hasTravelled === true));
  const { encryptedFor, leftOut } = outgoing;
  return { timestamp, encryptedFor, leftOut, ...(isWithoutCapsule && { isWithoutCapsule }) };
}

/** Uploads the capsule. @returns false if its message goes without it */
async function travels(
  { paths, api }: BridgeAccess,
  { isAutomatic }: OutboxEntry,
  capsule: CapsuleRef,
  beforePiece: () => void,
): Promise<boolean> {
  try {
    return await deliverCapsule(paths, api, capsule, beforePiece);
  } catch (error) {
    const isFull = error instanceof PhotonError && error.code === "quota_exceeded";
    if (isFull && isAutomatic) return false;
    throw error;
  }
}

function ignoringErrors(write: () => void): void {
  try {
    write();
  } catch {
    // harmless: see the callers
  }
}
