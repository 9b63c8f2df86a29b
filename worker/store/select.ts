import { type Address, isSameName, isVisibleTo, parseAddress } from "../../contract/address.ts";
import { ANYONE, type Entry } from "./entry.ts";
import type { Filter } from "./message-store.ts";

/** Whether an entry passes a filter, but for its thread and its tag, which a store may have to look up elsewhere. */
export function isMatch(entry: Entry, reader: Address | null, filter: Filter): boolean {
  return (
    (reader === null || isFor(entry, reader)) &&
    (!filter.unread || (!isRead(entry, reader) && !isOwn(entry, filter.session))) &&
    (filter.from === undefined || isWithin(entry.message.from, filter.from)) &&
    (filter.to === undefined || isWithin(entry.message.to, filter.to)) &&
    (filter.project === undefined || isSameName(entry.message.project ?? "", filter.project)) &&
    (filter.kind === undefined || entry.message.kind === filter.kind) &&
    (filter.since === undefined || entry.ms > Date.parse(filter.since))
  );
}

/**
 * Whether a message is done with: for a reader, whether its machine read it; without one, whether anyone did. A mark of
 * a client that did not say who it is counts for a reader only when the message was for that machine alone: nobody can
 * tell which of the others has read a broadcast.
 */
export function isRead({ message, receipts }: Entry, reader: Address | null): boolean {
  if (reader === null) return [...receipts.values()].some(({ readMs }) => readMs !== undefined);
  if (receipts.get(reader.machine.toLowerCase())?.readMs !== undefined) return true;
  const to = parseAddress(message.to ?? "");
  return to !== null && isSameName(to.machine, reader.machine) && receipts.get(ANYONE)?.readMs !== undefined;
}

/** Whether a reader sees it. */
export function isFor({ message: { to, project } }: Entry, reader: Address): boolean {
  return isVisibleTo({ to: to ?? null, project: project ?? null }, reader);
}

function isOwn({ message }: Entry, session: string | undefined): boolean {
  return session !== undefined && message.session === session;
}

/** `mac` holds `mac` and `mac/photon`; an address with a project holds itself alone. */
function isWithin(text: string | undefined, wanted: string): boolean {
  if (text === undefined) return false;
  if (isSameName(text, wanted)) return true;
  return parseAddress(wanted)?.project === null && isSameName(parseAddress(text)?.machine ?? "", wanted);
}
