import { isSameName, parseAddress } from "../../contract/address.ts";
import { encryptedPart } from "../../contract/encrypted.ts";
import type { MachineList } from "../../contract/follow-machine-list.ts";
import type { Message } from "../../contract/message.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { type OpenedMessage, openMessage } from "../encryption/decrypt-message.ts";
import { ReceivedOrder } from "../encryption/received-order.ts";
import type { SignedMessage } from "../encryption/signed-message.ts";
import type { Membership } from "../machines/membership.ts";
import { readGrade } from "./grades.ts";
import { DEFAULT_GRADE, type Origin, type ReceivedMessage } from "./origin.ts";

/** A sender's clock and the bridge's may differ; and a message may have waited on the sender's disk. */
const MAX_LATE_MS = 10 * 60_000;

/**
 * Makes messages of this machine from what the bridge gave: opens what is encrypted, and finds out who signed it. Whatever
 * the bridge, or a message, says of its own origin does not count.
 *
 * @param membership - null when this machine has not joined
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
  return closed(message, "unreadable", "encrypted for machines that joined, which this one has not: photon join");
}

/** What one look at some messages knows. */
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

  /** Asks for the list anew, once for all messages, however many give a reason to. */
  async refresh(): Promise<void> {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    try {
      await this.membership.machineList(0);
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error; // what is known has to do
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
  if (signed.machineList.length > reading.machineList.hashes.length) await reading.refresh();
  const remarks = [...lateness(message, signed), ...otherMachineList(signed, reading.machineList)];
  const { fingerprint, revokedAt, name } = opened.sender;
  const number = signed.order[membership.keys.fingerprint] ?? 0;
  const { id, timestamp } = message;
  // When it was sent only the bridge says, and that machine; neither is believed.
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

/** A machine that is not known may have joined a moment ago. */
async function openedBy(message: Message, reading: Reading): Promise<OpenedMessage> {
  const open = async () => (await openMessage(message, reading.machineList, reading.membership.keys)) ?? NOT_ENCRYPTED;
  const opened = await open();
  if (opened.state !== "forged" || !opened.isUnknown) return opened;
  await reading.refresh();
  return open();
}

const NOT_ENCRYPTED: OpenedMessage = { state: "unreadable", why: "not encrypted" };

/** Nothing of what it says is shown: nobody knows whose words they are. */
function closed(message: Message, state: "forged" | "unreadable", why: string): ReceivedMessage {
  const { work, ...rest } = message;
  const { capsule: _, ...about } = work ?? {};
  const content =
    state === "forged" ? `(Not shown, because it is forged: ${why}.)` : `(Cannot be opened here: ${why}.)`;
  return {
    ...rest,
    ...(work && { work: { ...about, branch: work.branch, files: work.files } }),
    ...{ content, tags: [] },
    origin: { state, author: null, grade: "data", isEncrypted: true, remarks: [why] },
  };
}

function unverified(remarks: readonly string[]): Origin {
  return { state: "unverified", author: null, grade: DEFAULT_GRADE, isEncrypted: false, remarks };
}

/** A machine that joined signs everything that another one that joined can read. */
function notSigned({ from, timestamp }: Message, { machines }: MachineList): string[] {
  const sender = parseAddress(from)?.machine ?? "";
  const machine = machines.find(({ name, revokedAt }) => revokedAt === null && isSameName(name, sender));
  return machine && timestamp > machine.joinedAt ? [`${machine.name} has joined, and has not signed this`] : [];
}

function lateness({ timestamp }: Message, { sentAt }: SignedMessage): string[] {
  const isLate = Math.abs(Date.parse(timestamp) - Date.parse(sentAt)) > MAX_LATE_MS;
  return isLate
    ? [`written ${new Date(sentAt).toISOString().slice(0, 16).replace("T", " ")} UTC by its sender's clock`]
    : [];
}

/** Two machines that have followed the same chain agree on every entry that both know. */
function otherMachineList({ machineList: { length, head } }: SignedMessage, { hashes }: MachineList): string[] {
  if (length > hashes.length) return ["its sender knows of machines that the bridge does not show here"];
  if (hashes[length - 1] === head) return [];
  return ["the bridge has shown its sender another list of machines than this one"];
}

/** The capsule as it will be when it is opened, and what the bridge has of it. */
function withCapsule({ work }: Message, { work: signed }: SignedMessage): Partial<ReceivedMessage> {
  if (work === undefined) return {};
  const { capsule, ...about } = work;
  if (capsule === undefined || signed?.capsule === undefined) return { work: about };
  return { work: { ...about, capsule: signed.capsule }, encryptedCapsule: capsule };
}
