import { type Address, isSameName, isVisibleTo, parseAddress } from "../../../contract/address.ts";
import type { ListQuery } from "../../../contract/api.ts";
import { ANYONE, type Entry } from "./entry.ts";

/** Every filter of a list; all of them apply before the page is cut. */
export type Filter = Omit<ListQuery, "reader" | "limit" | "cursor">;

/** Whether a message passes a filter, except for its thread and its tags, which are looked up elsewhere. */
export function isMatch(entry: Entry, reader: Address | null, filter: Omit<Filter, "tag" | "thread">): boolean {
  const { head, ms } = entry;
  return (
    (reader === null || isFor(entry, reader)) &&
    (!filter.unread || (!isRead(entry, reader) && !isOwn(entry, filter.session))) &&
    (filter.from === undefined || isWithin(head.from, filter.from)) &&
    (filter.to === undefined || isWithin(head.to, filter.to)) &&
    (filter.project === undefined || isSameName(head.project ?? "", filter.project)) &&
    (filter.kind === undefined || head.kind === filter.kind) &&
    (filter.since === undefined || ms > Date.parse(filter.since))
  );
}

/**
 * Whether a message is read: for a reader, by its machine; without a reader, by anyone. A mark of a client that did not
 * say who it is counts for a reader only when the message was for that machine alone: nobody can tell which of the others
 * has read a broadcast.
 */
export function isRead({ head, receipts }: Entry, reader: Address | null): boolean {
  if (reader === null) return [...receipts.values()].some(({ readMs }) => readMs !== null);
  if (isReadIn(receipts, reader.machine.toLowerCase())) return true;
  const to = parseAddress(head.to ?? "");
  return to !== null && isSameName(to.machine, reader.machine) && isReadIn(receipts, ANYONE);
}

function isReadIn(receipts: Entry["receipts"], machine: string): boolean {
  return (receipts.get(machine)?.readMs ?? null) !== null;
}

/** Whether a reader sees it. */
export function isFor({ head: { to, project } }: Entry, reader: Address): boolean {
  return isVisibleTo({ to: to ?? null, project: project ?? null }, reader);
}

function isOwn({ head }: Entry, session: string | undefined): boolean {
  return session !== undefined && head.session === session;
}

/** `mac` holds `mac` and `mac/photon`; an address with a project holds itself alone. */
function isWithin(text: string | undefined, wanted: string): boolean {
  if (text === undefined) return false;
  if (isSameName(text, wanted)) return true;
  return parseAddress(wanted)?.project === null && isSameName(parseAddress(text)?.machine ?? "", wanted);
}
