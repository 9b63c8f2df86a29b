import { formatAddress, parseAddress } from "../../contract/address.ts";
import type { ListedMachine } from "../../contract/follow-machine-list.ts";
import type { MessageDraft } from "../../contract/message.ts";
import { type CapsuleRef, dropCapsule } from "../bridge/capsule-delivery.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { isDiskError } from "../disk/is-disk-error.ts";
import type { Paths } from "../disk/paths.ts";
import type { Membership } from "../machines/membership.ts";
import { encryptCapsule, forgetEncrypted } from "./encrypt-capsule.ts";
import { encryptMessage } from "./encrypt-message.ts";
import { type Deciding, type Recipients, recipientsOf } from "./recipients.ts";
import { numberMessage } from "./sent-order.ts";

/** What of a message stays on this machine. */
export interface Written {
  /** Whether a person wrote it themselves. */
  readonly author: "person" | "agent";
  /** Milliseconds since 1970, by this machine's clock. */
  readonly sentAt: number;
}

/** For whom a message is encrypted, by the machines' names. */
export interface Encryption {
  /** The machines that can open it; empty when it is unencrypted; null when this machine has not joined. */
  readonly encryptedFor: readonly string[] | null;
  /** Machines that it was also for and whose keys cannot be used; usually none. */
  readonly leftOut: readonly string[];
}

/** A message as it goes to the bridge. */
export interface OutgoingMessage extends Encryption {
  readonly draft: MessageDraft;
}

type WrittenDraft = MessageDraft & { readonly id: string };

/**
 * Encrypts a message for the machines it is for, as {@link recipientsOf} decides.
 *
 * @throws PhotonError when the machine list cannot be had now or cannot be right, or nobody could read the message
 */
export async function encryptOutgoing(
  deciding: Deciding,
  written: WrittenDraft,
  about: Written,
): Promise<OutgoingMessage> {
  const { membership } = deciding;
  const recipients = await recipientsOf(deciding, written.to);
  const draft = { ...written, from: ownAddress(membership, written.from), to: recipients.to };
  const { machines } = recipients;
  if (machines === null) return { draft, encryptedFor: [], leftOut: [] };
  const encrypt = (readers: readonly ListedMachine[]) => encryptFor(readers, draft, { deciding, recipients, about });
  try {
    return { ...(await encrypt(machines)), leftOut: [] };
  } catch (error) {
    if (error instanceof PhotonError || isDiskError(error)) throw error;
    const { isUsableRecipient } = await import("../../contract/strict-crypto.ts"); // not loaded by a start
    const usable = machines.filter(({ sealKey }) => isUsableRecipient(sealKey));
    if (usable.length === machines.length) throw error;
    const leftOut = machines.filter((machine) => !usable.includes(machine)).map(({ name }) => name);
    if (isForOne(draft.to)) throw unusable(leftOut);
    return { ...(await encrypt(usable)), leftOut };
  }
}

interface EncryptFor {
  readonly deciding: Deciding;
  readonly recipients: Recipients;
  readonly about: Written;
}

async function encryptFor(
  receivers: readonly ListedMachine[],
  draft: WrittenDraft,
  { deciding: { paths, membership }, recipients: { machineList }, about }: EncryptFor,
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
  // This disk no longer has it: the reference must not reach the bridge, or the capsule could follow it unencrypted.
  const sent = capsule === null ? { ...withoutCapsule(draft), id: draft.id } : draft;
  const others = receivers.map(({ fingerprint }) => fingerprint).filter((each) => each !== keys.fingerprint);
  const order = numberMessage(paths, draft.id, others);
  const work = sent.work && { ...sent.work, ...(capsule && { capsule }) };
  const encrypted = await encryptMessage(sent, { ...{ machineList, keys, receivers, order, work }, ...about });
  return { draft: encrypted, encryptedFor: receivers.map(({ name }) => name) };
}

function isForOne(to: string | null): boolean {
  return to !== null && parseAddress(to)?.machine !== "*";
}

function unusable(names: readonly string[]): PhotonError {
  const sentence = `Nothing can be encrypted for ${names.join(" and ")}, whose key in the machine list cannot be used. An owner should remove it (\`photon machines revoke\`) and invite it again.`;
  return new PhotonError("invalid_request", sentence);
}

/** A message that was queued before this machine joined, or under another name, is still this machine's. */
function ownAddress({ self }: Membership, from: string): string {
  const address = parseAddress(from);
  return self === undefined || address === null ? from : formatAddress({ ...address, machine: self.name });
}

/** A handover that arrives without its capsule says so. */
export function withoutCapsule({ work, ...draft }: MessageDraft): MessageDraft {
  const { capsule: _, ...rest } = work ?? { branch: null, files: 0 };
  const content = `${draft.content.trimEnd()}\n\n(The capsule did not travel: this bridge keeps none, or it was removed here.)\n`;
  return { ...draft, content, work: rest };
}

/** Forgets the capsule of a message that the bridge has, encrypted or not. */
export function dropOutgoing(paths: Paths, written: CapsuleRef | undefined, sent: CapsuleRef | undefined): void {
  for (const ref of [written, sent]) if (ref) dropCapsule(paths, ref);
  if (written) forgetEncrypted(paths, written);
}
