import { isSameName, parseAddress } from "../../contract/address.ts";
import type { SeenMachine } from "../../contract/api.ts";
import type { Message, Receipt } from "../../contract/message.ts";
import { formatAgo, formatClock } from "./format-age.ts";
import { allNames, machineName, seenMachine } from "./names.ts";

/** Further machines are only counted. */
const MAX_NAMED = 6;

/** A machine that the bridge knows, or one that left or was revoked: then `seenAt` is when. */
export interface Receiver extends Pick<SeenMachine, "machine" | "seenAt" | "formerNames" | "mailSince" | "online"> {
  readonly isRemoved?: true;
  /** Whether it went by itself. */
  readonly hasLeft?: boolean;
}

/** A message that this machine sent, with the bridge's receipts. */
export interface SentMail extends Pick<Message, "from" | "to" | "receipts"> {
  /** When the bridge stored it. */
  readonly timestamp?: string;
  readonly isEncrypted?: boolean;
}

/**
 * A message's delivery state in one line for a person: "pc: shown 14:02, read 14:05 · laptop: stored, last seen 3 h ago".
 *
 * @param machines - all machines that the bridge knows
 * @param now - milliseconds since 1970
 */
export function receiptLine(message: SentMail, machines: readonly Receiver[], now: number): string {
  const { receipts = [] } = message;
  const all = recipients(message, machines);
  if (all.length === 0) return "stored; no other machine has used this bridge yet";
  const parts = all
    .slice(0, MAX_NAMED)
    .map(
      (machine) =>
        resumedLine(machine, receipts, now) ?? `${machineName(machine.name)}: ${stateOf(machine, receipts, now)}`,
    );
  const rest = all.length - MAX_NAMED;
  return [...parts, ...(rest > 0 ? [`${rest} more`] : [])].join(" · ");
}

/** A machine that is to get a message. */
interface Recipient {
  /** Its present name, or the one in the message's address if the bridge does not know the machine. */
  readonly name: string;
  /** Every name that a receipt of it may have. */
  readonly names: readonly string[];
  readonly seen: Receiver | undefined;
}

/**
 * The addressed machine; for a broadcast, all known machines that had joined, with the sender only if it was shown the
 * message.
 */
function recipients(message: SentMail, machines: readonly Receiver[]): Recipient[] {
  const { from, to, receipts = [] } = message;
  const address = to === null ? null : parseAddress(to);
  if (address && address.machine !== "*") return [recipientNamed(address.machine, machines)];
  const sender = recipientNamed(parseAddress(from)?.machine ?? "", machines);
  const told = receipts.map(({ machine }) => machine).filter((machine) => machine !== "*");
  const others = machines
    .filter((machine) => !machine.isRemoved && !isNamed(sender, machine.machine) && !joinedLater(machine, message))
    .map(({ machine }) => machine);
  const all = [...told, ...others].map((name) => recipientNamed(name, machines));
  return all.filter((each, index) => all.findIndex((other) => isNamed(other, each.name)) === index);
}

/** Whether a message was encrypted before a machine joined, so that the machine never gets it. */
function joinedLater({ mailSince }: Receiver, { timestamp, isEncrypted = false }: SentMail): boolean {
  if (!isEncrypted || mailSince === undefined || timestamp === undefined) return false;
  return Date.parse(timestamp) < Date.parse(mailSince);
}

function recipientNamed(name: string, machines: readonly Receiver[]): Recipient {
  const seen = seenMachine(machines, name);
  if (seen === undefined) return { name, names: [name], seen };
  const isPresent = isSameName(seen.machine, name);
  return {
    name: isPresent ? name : seen.machine,
    names: allNames(seen),
    seen,
  };
}

function isNamed({ names }: Recipient, name: string): boolean {
  return names.some((each) => isSameName(each, name));
}

/** @returns null if the machine did not resume the handover */
function resumedLine(machine: Recipient, receipts: readonly Receipt[], now: number): string | null {
  const takenAt = timeOf("takenAt", machine, receipts);
  return takenAt === undefined
    ? null
    : `resumed by ${machineName(machine.name)} ${formatClock(Date.parse(takenAt), now)}`;
}

function stateOf(machine: Recipient, receipts: readonly Receipt[], now: number): string {
  const [shownAt, readAt] = [timeOf("shownAt", machine, receipts), timeOf("readAt", machine, receipts)];
  const anybody = receipts.find(({ machine }) => machine === "*");
  const times = [
    // A message may be marked read by its id before its text is shown, by another session for example.
    ...(shownAt && !(readAt && isAfter(shownAt, readAt)) ? [`shown ${formatClock(Date.parse(shownAt), now)}`] : []),
    ...(readAt ? [`read ${formatClock(Date.parse(readAt), now)}`] : []),
  ];
  if (times.length > 0) return times.join(", ");
  if (anybody?.readAt)
    return `read ${formatClock(Date.parse(anybody.readAt), now)}, by a client that did not give its name`;
  const { seen } = machine;
  if (seen === undefined) return "stored, not seen on this bridge yet";
  const ago = formatAgo(Date.parse(seen.seenAt), now);
  if (seen.isRemoved) return `${seen.hasLeft ? "left" : "was revoked"} ${ago}, before it read this`;
  return seen.online ? "stored, online now" : `stored, last seen ${ago}`;
}

function isAfter(time: string, other: string): boolean {
  return Date.parse(time) > Date.parse(other);
}

/** The first time of a mark by a machine, under any of its names. */
function timeOf(mark: "shownAt" | "readAt" | "takenAt", machine: Recipient, receipts: readonly Receipt[]) {
  const own = receipts.filter((receipt) => isNamed(machine, receipt.machine));
  const times = own.flatMap((receipt) => receipt[mark] ?? []);
  return times.sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}
