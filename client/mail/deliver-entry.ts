import { MessageDraft } from "../../contract/message.ts";
import { sentenceOf } from "../../contract/problem.ts";
import { endBackoff } from "../bridge/backoff.ts";
import { deliverCapsule } from "../bridge/capsule-delivery.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { dropOutgoing, type Encryption, withoutCapsule } from "../encryption/outgoing.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import type { Encrypter } from "./encrypter.ts";
import { type OutboxEntry, removeEntry } from "./outbox-folder.ts";
import { addSent } from "./sent-log.ts";

/** What the bridge has. */
export interface Acknowledged extends Encryption {
  /** The bridge's, in ISO 8601. */
  readonly timestamp: string;
}

/**
 * Takes one message from the outbox to the bridge, its capsule first.
 *
 * @param beforePiece - called before each piece of the capsule: a piece may take a minute
 * @throws PhotonError if the bridge does not have the message now, or will never take it
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
  const written = { author: entry.author, sentAt: entry.queuedAt };
  let outgoing = await encrypter.encrypt(draft.data, written);
  const capsule = outgoing.draft.work?.capsule;
  const hasTravelled = capsule && (await deliverCapsule(paths, access.api, capsule, beforePiece));
  if (hasTravelled === false) outgoing = await encrypter.encrypt(withoutCapsule(draft.data), written);
  const { id, timestamp } = await access.api.call("sendMessage", { body: outgoing.draft });
  endBackoff(paths, "sending");
  ignoringErrors(() => dropOutgoing(paths, draft.data.work?.capsule, capsule));
  // If these writes fail, the entry stays and is sent again under the same id, and the bridge keeps one message.
  ignoringErrors(() => addSent(paths, id, draft.data, timestamp));
  ignoringErrors(() => removeEntry(entry));
  return { timestamp, encryptedFor: outgoing.encryptedFor, leftOut: outgoing.leftOut };
}

function ignoringErrors(write: () => void): void {
  try {
    write();
  } catch {
    // each caller says why that does no harm
  }
}
