import { type Address, isSameName, isVisibleTo, parseAddress } from "../../contract/address.ts";
import {
  MAX_RECENT_IDS,
  MAX_UNREAD_GROUPS,
  type SeenMachine,
  type UnreadGroup,
  type UnreadSummary,
} from "../../contract/api.ts";
import type { LoggedEvent } from "./event-log.ts";
import { type Entry, type Mailbox, machineOf } from "./fold.ts";
import { isoTime } from "./iso-time.ts";
import type { Filter } from "./message-store.ts";

/** Longer than the slowest list of the simulation, and than the reconcile after which a reader looks again. */
const RECENT_MS = 15 * 60_000;

/** A receipt of a client that did not say who it is. */
export const ANYONE = "*";

/** Everything of a filter that can be decided without reading a value; the tag is left. */
export function select(mailbox: Mailbox, reader: Address | null, filter: Filter): Entry[] {
  const thread = filter.thread === undefined ? undefined : mailbox.threadOf(filter.thread);
  const sinceMs = filter.since === undefined ? undefined : Date.parse(filter.since);
  return mailbox.entries.filter(
    (entry) =>
      (reader === null || isFor(entry, reader)) &&
      (!filter.unread || (!isRead(entry, reader) && !isOwn(entry, filter.session))) &&
      (filter.from === undefined || isWithin(entry.message.from, filter.from)) &&
      (filter.to === undefined || isWithin(entry.message.to, filter.to)) &&
      (filter.project === undefined || isSameName(entry.message.project ?? "", filter.project)) &&
      (filter.kind === undefined || entry.message.kind === filter.kind) &&
      (thread === undefined || mailbox.threadOf(entry.message.id) === thread) &&
      (sinceMs === undefined || entry.ms > sinceMs),
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

/**
 * Counts what waits for a reader, by sender and kind, and by session where the reader's own machine sent it.
 *
 * @param except - suffixes of what the reader knows to be read
 * @param nowMs - milliseconds since 1970
 */
export function summarise(
  mailbox: Mailbox,
  reader: Address,
  except: ReadonlySet<string>,
  nowMs: number,
): UnreadSummary {
  const unread = mailbox.entries.filter(
    (entry) => isFor(entry, reader) && !isRead(entry, reader) && !except.has(entry.suffix),
  );
  const groups = new Map<string, UnreadGroup>();
  for (const entry of unread) {
    const { ms, message } = entry;
    const session = isSameName(machineOf(message), reader.machine) ? message.session : undefined;
    const key = JSON.stringify([message.from.toLowerCase(), message.kind, session]);
    const latest = latestOf(entry);
    const group: UnreadGroup = groups.get(key) ?? {
      from: message.from,
      kind: message.kind,
      ...(session && { session }),
      unread: 0,
      latest,
    };
    groups.set(key, group);
    group.unread++;
    if (ms < nowMs - RECENT_MS) continue;
    group.recent ??= [];
    if (group.recent.length < MAX_RECENT_IDS) group.recent.push(message.id);
  }
  const latest = unread[0];
  return {
    unread: unread.length,
    handovers: unread.filter(({ message }) => message.kind === "handover").length,
    ...(latest && { latest: headOf(latest) }),
    groups: [...groups.values()].slice(0, MAX_UNREAD_GROUPS),
  };
}

/** Who sent, was shown or read something, and when last; machines are compared without case, spelled as the last time. */
export function machinesIn(events: Iterable<LoggedEvent>): SeenMachine[] {
  const seen = new Map<string, { machine: string; ms: number; installations: Map<string, number> }>();
  for (const { ms, event } of events) {
    if (event.type !== "message" && event.type !== "receipt") continue;
    const machine = event.type === "message" ? machineOf(event) : event.machine;
    if (machine === ANYONE) continue;
    const known = seen.get(machine.toLowerCase()) ?? { machine, ms: 0, installations: new Map() };
    seen.set(machine.toLowerCase(), ms > known.ms ? { ...known, machine, ms } : known);
    const { installation } = event;
    if (installation) known.installations.set(installation, Math.max(ms, known.installations.get(installation) ?? 0));
  }
  return [...seen.values()]
    .sort((a, b) => b.ms - a.ms)
    .map(({ machine, ms, installations }) => ({
      machine,
      seenAt: isoTime(ms),
      ...(installations.size > 0 && {
        installations: [...installations].map(([id, ms]) => ({ id, seenAt: isoTime(ms) })),
      }),
    }));
}

/** Of a handover also what it is about, and who was the first to take it over. */
function latestOf({ ms, message: { id, work }, receipts }: Entry): UnreadGroup["latest"] {
  const [first] = [...receipts.values()]
    .filter(({ takenMs }) => takenMs !== undefined)
    .sort((a, b) => (a.takenMs ?? 0) - (b.takenMs ?? 0));
  return { id, timestamp: isoTime(ms), ...(work && { work }), ...(first && { takenBy: first.machine }) };
}

function headOf({ ms, message: { id, from, kind } }: Entry) {
  return { id, from, kind, timestamp: isoTime(ms) };
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
