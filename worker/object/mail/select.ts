import { type Address, isSameName, isVisibleTo, parseAddress } from "../../../contract/address.ts";
import type { ListQuery } from "../../../contract/api.ts";
import { ANYONE, type Entry } from "./message-rows.ts";

/** The filters of a list. All of them apply before the limit. */
export type Filter = Omit<ListQuery, "reader" | "limit" | "cursor">;

/** Whether a message matches every filter except thread and tag, which queries handle. */
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
 * Whether a message is read: by the reader's machine or, without a reader, by anyone. A mark without a reader counts for a
 * machine only if the message was addressed to that machine; for a broadcast, it is unknown which machine read it.
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

/** Whether a reader sees a message. */
export function isFor({ head: { to, project } }: Entry, reader: Address): boolean {
  return isVisibleTo({ to: to ?? null, project: project ?? null }, reader);
}

function isOwn({ head }: Entry, session: string | undefined): boolean {
  return session !== undefined && head.session === session;
}

/** The filter `mac` matches `mac` and `mac/photon`. A filter with a project matches only itself. */
function isWithin(text: string | undefined, wanted: string): boolean {
  if (text === undefined) return false;
  if (isSameName(text, wanted)) return true;
  return parseAddress(wanted)?.project === null && isSameName(parseAddress(text)?.machine ?? "", wanted);
}
