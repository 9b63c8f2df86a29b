import { type Address, isBroadcast, isSameName, isVisibleTo, parseAddress } from "../../../contract/address.ts";
import type { ListQuery } from "../../../contract/api.ts";
import { ANYONE, type Entry } from "./message-rows.ts";

/** A machine that reads, in one project or in all. A renamed machine also has the mail and the receipts of its former names. */
export interface Reader extends Address {
  /** All its names in lower case, the present one first. */
  readonly names: readonly string[];
  /**
   * The first time of a message that can have been encrypted for the machine, in milliseconds since 1970; 0 if it has not
   * joined. Encrypted broadcasts from before it joined are not its mail: it can never open them.
   */
  readonly mailSince: number;
}

/** The filters of a list. All of them apply before the limit. */
export type Filter = Omit<ListQuery, "reader" | "limit" | "cursor">;

/** Whether a message matches every filter except thread and tag, which queries handle. */
export function isMatch(entry: Entry, reader: Reader | null, filter: Omit<Filter, "tag" | "thread">): boolean {
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
export function isRead({ head, receipts }: Entry, reader: Reader | null): boolean {
  if (reader === null) return [...receipts.values()].some(({ readMs }) => readMs !== null);
  if (reader.names.some((name) => isReadIn(receipts, name))) return true;
  const to = parseAddress(head.to ?? "");
  return to !== null && reader.names.includes(to.machine.toLowerCase()) && isReadIn(receipts, ANYONE);
}

function isReadIn(receipts: Entry["receipts"], machine: string): boolean {
  return (receipts.get(machine)?.readMs ?? null) !== null;
}

/** Whether a reader sees a message. */
export function isFor({ head, ms }: Entry, { names, project, mailSince }: Omit<Reader, "machine">): boolean {
  const message = { to: head.to ?? null, project: head.project ?? null };
  if (head.isSealed && isBroadcast(message.to) && ms < mailSince) return false;
  return names.some((machine) => isVisibleTo(message, { machine, project }));
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
