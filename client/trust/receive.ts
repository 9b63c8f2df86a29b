import { isSameName, parseAddress } from "../../contract/address.ts";
import { encryptedPart } from "../../contract/encrypted.ts";
import type { MachineList } from "../../contract/machine-list.ts";
import type { Message } from "../../contract/message.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { type OpenedMessage, openMessage } from "../encryption/decrypt-message.ts";
import { ReceivedOrder } from "../encryption/received-order.ts";
import type { SignedMessage } from "../encryption/signed-message.ts";
import type { Membership } from "../machines/membership.ts";
import { readGrade } from "./grades.ts";
import { DEFAULT_GRADE, type Origin, type ReceivedMessage } from "./origin.ts";

/** A difference between the sender's and the bridge's time is reported from here on: the message may have been queued. */
const MAX_LATE_MS = 10 * 60_000;

/**
 * Decrypts and verifies messages from the bridge. Ignores what the bridge or a message claims about its origin.
 *
 * @param membership - null if this machine has not joined
 */
export async function receive(
  paths: Paths,
  membership: Membership | null,
  messages: readonly Message[],
): Promise<ReceivedMessage[]> {
  if (membership === null) return messages.map(notJoined);
  const reading = new Reading(paths, membership);
  const received = new Map<Message, ReceivedMessage>();
  // Oldest first, so that each is compared with what came before it.
  for (const message of messages.toReversed()) received.set(message, await receiveOne(message, paths, reading));
  reading.order.save();
  return messages.flatMap((message) => received.get(message) ?? []);
}

function notJoined(message: Message): ReceivedMessage {
  if (encryptedPart(message.content) === null) return { ...message, origin: unverified([]) };
  return closed(message, "unreadable", "encrypted for machines that joined; this one has not (photon join)");
}

/** The state of receiving one batch of messages. */
class Reading {
  readonly membership: Membership;
  readonly order: ReceivedOrder;
  #hasAsked = false;

  constructor(paths: Paths, membership: Membership) {
    this.membership = membership;
    this.order = new ReceivedOrder(paths);
  }

  get machineList(): MachineList {
    return this.membership.known.machineList;
  }

  /** Fetches the machine list again, at most once per batch. */
  async refresh(): Promise<void> {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    try {
      await this.membership.machineList(0);
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error; // continue with the known list
    }
  }
}

async function receiveOne(message: Message, paths: Paths, reading: Reading): Promise<ReceivedMessage> {
  const { membership, order } = reading;
  if (encryptedPart(message.content) === null) {
    return { ...message, origin: unverified(notSigned(message, reading.machineList)) };
  }
  const opened = await openedBy(message, reading);
  if (opened.state === "forged" || opened.state === "unreadable") return closed(message, opened.state, opened.why);
  const { signed } = opened;
  const { content, tags, author } = signed;
  const whole = { ...message, content, tags, ...withCapsule(message, signed) };
  if (signed.roster.length > reading.machineList.hashes.length) await reading.refresh();
  const remarks = [...lateness(message, signed), ...otherMachineList(signed, reading.machineList)];
  const { fingerprint, revokedAt, name } = opened.sender;
  const number = signed.order[membership.keys.fingerprint] ?? 0;
  const { id, timestamp } = message;
  // Only the bridge and the revoked machine know when it was sent, and neither can be trusted.
  if (revokedAt !== null && !order.knows({ sender: fingerprint, number, id })) {
    const why = `${name} was revoked, and this was not opened here before`;
    return { ...whole, origin: { ...unverified([why, ...remarks]), author, isEncrypted: true } };
  }
  const misplaced = number === 0 ? null : order.note({ sender: fingerprint, number, id, timestamp });
  const all = [...remarks, ...(misplaced === null ? [] : [misplaced])];
  return {
    ...whole,
    origin: { state: "verified", author, grade: readGrade(paths, fingerprint), isEncrypted: true, remarks: all },
  };
}

/**
 * Opens a message. If the machine list lacks its signer, or the name that its signer gives, fetches the list again: the
 * signer may have just joined or been renamed.
 */
async function openedBy(message: Message, reading: Reading): Promise<OpenedMessage> {
  const open = async () => (await openMessage(message, reading.machineList, reading.membership.keys)) ?? NOT_ENCRYPTED;
  const opened = await open();
  if (opened.state !== "forged" || !opened.mayBeStale) return opened;
  await reading.refresh();
  return open();
}

const NOT_ENCRYPTED: OpenedMessage = { state: "unreadable", why: "not encrypted" };

/** A message whose content is not shown, because its author is unknown. */
function closed(message: Message, state: "forged" | "unreadable", why: string): ReceivedMessage {
  const { work, ...rest } = message;
  const { capsule: _, ...about } = work ?? {};
  const content =
    state === "forged" ? `(Not shown, because it is forged: ${why}.)` : `(This machine cannot decrypt it: ${why}.)`;
  return {
    ...rest,
    ...(work && { work: { ...about, branch: work.branch, files: work.files } }),
    content,
    tags: [],
    origin: { state, author: null, grade: "data", isEncrypted: true, remarks: [why] },
  };
}

function unverified(remarks: readonly string[]): Origin {
  return { state: "unverified", author: null, grade: DEFAULT_GRADE, isEncrypted: false, remarks };
}

/** A remark about an unsigned message whose named sender has joined: such a machine signs everything for joined machines. */
function notSigned({ from, timestamp }: Message, { machines }: MachineList): string[] {
  const sender = parseAddress(from)?.machine ?? "";
  const machine = machines.find(({ name, revokedAt }) => revokedAt === null && isSameName(name, sender));
  return machine && timestamp > machine.joinedAt ? [`${machine.name} has joined, but did not sign this`] : [];
}

function lateness({ timestamp }: Message, { sentAt }: SignedMessage): string[] {
  const isLate = Math.abs(Date.parse(timestamp) - Date.parse(sentAt)) > MAX_LATE_MS;
  return isLate
    ? [`written ${new Date(sentAt).toISOString().slice(0, 16).replace("T", " ")} UTC by its sender's clock`]
    : [];
}

/** Two machines that follow the same list agree on every entry that both know. */
function otherMachineList({ roster: { length, head } }: SignedMessage, { hashes }: MachineList): string[] {
  if (length > hashes.length)
    return ["its sender knows entries of the machine list that the bridge hides from this machine"];
  if (hashes[length - 1] === head) return [];
  return ["the bridge shows its sender a different machine list"];
}

/** The plain capsule that the sender signed, and the encrypted one on the bridge. */
function withCapsule({ work }: Message, { work: signed }: SignedMessage): Partial<ReceivedMessage> {
  if (work === undefined) return {};
  const { capsule, ...about } = work;
  if (capsule === undefined || signed?.capsule === undefined) return { work: about };
  return { work: { ...about, capsule: signed.capsule }, encryptedCapsule: capsule };
}
