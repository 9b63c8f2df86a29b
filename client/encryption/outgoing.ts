import { formatAddress, parseAddress } from "../../contract/address.ts";
import type { ListedMachine } from "../../contract/machine-list.ts";
import type { MessageDraft } from "../../contract/message.ts";
import { type CapsuleRef, dropBytes, dropCapsule } from "../bridge/kept-capsule.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { isDiskError } from "../disk/disk-error.ts";
import type { Paths } from "../disk/paths.ts";
import type { Membership } from "../machines/membership.ts";
import { encryptCapsule, forgetEncrypted } from "./encrypt-capsule.ts";
import { encryptMessage } from "./encrypt-message.ts";
import { type RecipientLookup, type Recipients, recipientsOf } from "./recipients.ts";
import { numberMessage } from "./sent-order.ts";

/** Facts about a message that only this machine knows. */
export interface Written {
  /** Who wrote it. */
  readonly author: "person" | "agent";
  /** Milliseconds since 1970, by this machine's clock. */
  readonly sentAt: number;
  /** Whether it is never sent unencrypted, not even to a recipient for whom the person allowed that. */
  readonly onlyEncrypted?: boolean;
}

/** The machines that a message is encrypted for, by name. */
export interface Encryption {
  /** The machines that can decrypt it; empty if it is unencrypted; null if this machine has not joined. */
  readonly encryptedFor: readonly string[] | null;
  /** Recipients that were left out because their keys are unusable; usually none. */
  readonly leftOut: readonly string[];
}

/** A message as it is sent to the bridge. */
export interface OutgoingMessage extends Encryption {
  readonly draft: MessageDraft;
}

type WrittenDraft = MessageDraft & { readonly id: string };

/**
 * Encrypts a message for its recipients, as decided by {@link recipientsOf}. If the message has several recipients, those
 * with unusable keys are left out.
 *
 * @throws PhotonError if the machine list is unavailable or invalid, or the message cannot be sent to its recipient
 */
export async function encryptOutgoing(
  lookup: RecipientLookup,
  written: WrittenDraft,
  about: Written,
): Promise<OutgoingMessage> {
  const { membership } = lookup;
  const recipients = await recipientsOf(lookup, written.to);
  const draft = { ...written, from: ownAddress(membership, written.from), to: recipients.to };
  const { machines } = recipients;
  if (machines === null && about.onlyEncrypted) throw mustBeEncrypted();
  if (machines === null) return { draft, encryptedFor: [], leftOut: [] };
  const encrypt = (readers: readonly ListedMachine[]) => encryptFor(readers, draft, { lookup, recipients, about });
  try {
    return { ...(await encrypt(machines)), leftOut: [] };
  } catch (error) {
    if (error instanceof PhotonError || isDiskError(error)) throw error;
    const { isUsableRecipient } = await import("../../contract/strict-crypto.ts"); // not loaded at start-up
    const usable = machines.filter(({ sealKey }) => isUsableRecipient(sealKey));
    if (usable.length === machines.length) throw error;
    const leftOut = machines.filter((machine) => !usable.includes(machine)).map(({ name }) => name);
    if (isForOne(draft.to)) throw unusable(leftOut);
    return { ...(await encrypt(usable)), leftOut };
  }
}

interface EncryptFor {
  readonly lookup: RecipientLookup;
  readonly recipients: Recipients;
  readonly about: Written;
}

async function encryptFor(
  receivers: readonly ListedMachine[],
  draft: WrittenDraft,
  { lookup: { paths, membership }, recipients: { machineList }, about }: EncryptFor,
): Promise<Omit<OutgoingMessage, "leftOut">> {
  const { keys } = membership;
  const ref = draft.work?.capsule;
  const capsule =
    ref &&
    (await encryptCapsule(
      paths,
      ref,
      receivers.map(({ sealKey }) => sealKey),
    ));
  // If this disk no longer has the capsule, its reference must not reach the bridge: the plain capsule could follow it.
  const sent = capsule === null ? { ...withoutCapsule(draft), id: draft.id } : draft;
  const others = receivers.map(({ fingerprint }) => fingerprint).filter((each) => each !== keys.fingerprint);
  const order = numberMessage(paths, draft.id, others);
  const work = sent.work && { ...sent.work, ...(capsule && { capsule }) };
  const encrypted = await encryptMessage(sent, { machineList, keys, receivers, order, work, ...about });
  return { draft: encrypted, encryptedFor: receivers.map(({ name }) => name) };
}

/** A conversation says more than a message: the permission for unencrypted messages does not cover it. */
export function mustBeEncrypted(): PhotonError {
  const sentence =
    "A conversation is only sent encrypted, and this recipient has not joined. `photon invite` lets it join; without --conversation, the handover can be sent.";
  return new PhotonError("invalid_request", sentence);
}

function isForOne(to: string | null): boolean {
  return to !== null && parseAddress(to)?.machine !== "*";
}

function unusable(names: readonly string[]): PhotonError {
  const sentence = `The message cannot be encrypted for ${names.join(" and ")}: the key in the machine list is unusable. An owner should remove that machine (\`photon machines revoke\`) and invite it again.`;
  return new PhotonError("invalid_request", sentence);
}

/** A message queued before this machine joined or was renamed is sent under its current name. */
function ownAddress({ self }: Membership, from: string): string {
  const address = parseAddress(from);
  return self === undefined || address === null ? from : formatAddress({ ...address, machine: self.name });
}

/** The message without its capsule, and with a note in the text that says so. */
export function withoutCapsule({ work, ...draft }: MessageDraft): MessageDraft {
  const { capsule: _, ...rest } = work ?? { branch: null, files: 0 };
  const machine = parseAddress(draft.from)?.machine ?? "the machine that sent this";
  const why = "this bridge stores no capsules or has no room for it, or it was removed here";
  const content = `${draft.content.trimEnd()}\n\n(The capsule was not sent: ${why}. The work is still on ${machine}.)\n`;
  return { ...draft, content, work: rest };
}

/**
 * Deletes the local files of a delivered message's capsule, plain and encrypted; call it after the message was removed. The
 * plain one stays while another message in the outbox names it. If the bridge has the encrypted one, notes of that stay, so
 * that the same work is not uploaded again; those of a plain one would also be believed at another bridge.
 */
export function dropOutgoing(
  paths: Paths,
  written: CapsuleRef | undefined,
  sent: CapsuleRef | undefined,
  isStored: boolean,
): void {
  if (written === undefined) return;
  dropCapsule(paths, written);
  if (isStored && sent !== undefined && sent.sha256 !== written.sha256) {
    dropBytes(paths, sent);
  } else {
    if (sent) dropCapsule(paths, sent);
    forgetEncrypted(paths, written);
  }
}
