import { isSameName, parseAddress } from "../../contract/address.ts";
import type { SeenMachine } from "../../contract/api.ts";
import type { Message, Receipt } from "../../contract/message.ts";
import { formatAgo, formatClock } from "./format-age.ts";
import { machineName } from "./names.ts";

/** Further machines are only counted. */
const MAX_NAMED = 6;

/**
 * A message's delivery state in one line for a person: "pc: shown 14:02, read 14:05 · laptop: stored, last seen 3 h ago".
 *
 * @param message - with the bridge's receipts
 * @param machines - all machines that the bridge knows
 * @param now - milliseconds since 1970
 */
export function receiptLine(
  { from, to, receipts = [] }: Pick<Message, "from" | "to" | "receipts">,
  machines: readonly SeenMachine[],
  now: number,
): string {
  const names = recipients(from, to, receipts, machines);
  if (names.length === 0) return "stored; no other machine has used this bridge yet";
  const parts = names
    .slice(0, MAX_NAMED)
    .map(
      (name) => resumedLine(name, receipts, now) ?? `${machineName(name)}: ${stateOf(name, receipts, machines, now)}`,
    );
  const rest = names.length - MAX_NAMED;
  return [...parts, ...(rest > 0 ? [`${rest} more`] : [])].join(" · ");
}

/** The addressed machine; for a broadcast, all known machines, with the sender only if it was shown the message. */
function recipients(
  from: string,
  to: string | null,
  receipts: readonly Receipt[],
  machines: readonly SeenMachine[],
): string[] {
  const address = to === null ? null : parseAddress(to);
  if (address && address.machine !== "*") return [address.machine];
  const sender = parseAddress(from)?.machine ?? "";
  const told = receipts.map(({ machine }) => machine).filter((machine) => machine !== "*");
  const others = machines.map(({ machine }) => machine).filter((machine) => !isSameName(machine, sender));
  const names = [...told, ...others];
  return names.filter((name, index) => names.findIndex((other) => isSameName(name, other)) === index);
}

/** @returns null if the machine did not resume the handover */
function resumedLine(name: string, receipts: readonly Receipt[], now: number): string | null {
  const takenAt = receipts.find(({ machine }) => isSameName(machine, name))?.takenAt;
  return takenAt === undefined ? null : `resumed by ${machineName(name)} ${formatClock(Date.parse(takenAt), now)}`;
}

function stateOf(name: string, receipts: readonly Receipt[], machines: readonly SeenMachine[], now: number): string {
  const own = receipts.find(({ machine }) => isSameName(machine, name));
  const anybody = receipts.find(({ machine }) => machine === "*");
  const times = [
    ...(own?.shownAt ? [`shown ${formatClock(Date.parse(own.shownAt), now)}`] : []),
    ...(own?.readAt ? [`read ${formatClock(Date.parse(own.readAt), now)}`] : []),
  ];
  if (times.length > 0) return times.join(", ");
  if (anybody?.readAt)
    return `read ${formatClock(Date.parse(anybody.readAt), now)}, by a client that did not give its name`;
  const seen = machines.find(({ machine }) => isSameName(machine, name));
  return seen ? `stored, last seen ${formatAgo(Date.parse(seen.seenAt), now)}` : "stored, not seen on this bridge yet";
}
