import { formatAddress, parseAddress } from "../../contract/address.ts";
import type { RosterMachine } from "../../contract/follow-roster.ts";
import type { MessageDraft } from "../../contract/message.ts";
import { type CapsuleRef, dropCapsule } from "../capsule-delivery.ts";
import type { Paths } from "../paths.ts";
import type { Membership } from "../roster/membership.ts";
import { forgetSealed, sealCapsule } from "./seal-capsule.ts";
import { presentAddress, receiversOf, sealMessage } from "./seal-message.ts";
import { numberMessage } from "./sent-order.ts";

/** A list of machines that is older is asked for again before anything is sealed with it: a machine may have been taken out. */
const FRESH_MS = 60_000;

/** What of a message stays on this machine. */
export interface Written {
  /** Whether a person wrote it themselves. */
  readonly author: "person" | "agent";
  /** Milliseconds since 1970, by this machine's clock. */
  readonly sentAt: number;
}

/** A message as it goes to the bridge. */
export interface OutgoingMessage {
  readonly draft: MessageDraft;
  /** Names of the machines that can open it; empty when it is not sealed; null when this machine has not joined. */
  readonly sealedFor: readonly string[] | null;
}

/**
 * Seals a message for the machines it is for. One that no other machine that joined would read goes as it is.
 *
 * @throws PhotonError when the list of machines cannot be had now, is not to be believed, or nobody could read the message
 */
export async function sealOutgoing(
  paths: Paths,
  membership: Membership,
  written: MessageDraft & { id: string },
  { author, sentAt }: Written,
): Promise<OutgoingMessage> {
  const { keys } = membership;
  const { roster } = await membership.roster(FRESH_MS);
  const from = ownAddress(membership, written.from);
  const draft = { ...written, from, to: presentAddress(roster, written.to) };
  const receivers = receiversOf(roster, draft.to, keys.fingerprint);
  if (receivers === null) return { draft, sealedFor: [] };
  const others = receivers.map(({ fingerprint }) => fingerprint).filter((each) => each !== keys.fingerprint);
  const capsule = await sealedCapsule(paths, draft.work?.capsule, receivers);
  const work = draft.work && { ...draft.work, ...(capsule && { capsule }) };
  const order = numberMessage(paths, draft.id, others);
  const sealed = await sealMessage(draft, { roster, keys, receivers, order, author, sentAt, work });
  return { draft: sealed, sealedFor: receivers.map(({ name }) => name) };
}

/** What waited here from before the machine joined, or had another name, is this machine's all the same. */
function ownAddress({ self }: Membership, from: string): string {
  const address = parseAddress(from);
  return self === undefined || address === null ? from : formatAddress({ ...address, machine: self.name });
}

/** One that this disk has no more is named as it was: then it cannot travel, which the delivery finds out. */
async function sealedCapsule(
  paths: Paths,
  ref: CapsuleRef | undefined,
  receivers: readonly RosterMachine[],
): Promise<CapsuleRef | undefined> {
  if (ref === undefined) return undefined;
  const recipients = receivers.map(({ sealKey }) => sealKey);
  return (await sealCapsule(paths, ref, recipients)) ?? ref;
}

/** Forgets the capsule of a message that the bridge has, sealed or not. */
export function dropOutgoing(paths: Paths, written: CapsuleRef | undefined, sent: CapsuleRef | undefined): void {
  for (const ref of [written, sent]) if (ref) dropCapsule(paths, ref);
  if (written) forgetSealed(paths, written);
}
