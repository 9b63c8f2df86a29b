import { type Address, isSameName } from "../../contract/address.ts";
import { MAX_RECENT_IDS, MAX_UNREAD_GROUPS, type UnreadGroup, type UnreadSummary } from "../../contract/api.ts";
import { type Entry, machineOf } from "./entry.ts";
import { isoTime } from "./iso-time.ts";

/** Longer than the slowest list of the simulation, and than the reconcile after which a reader looks again. */
const RECENT_MS = 15 * 60_000;

/**
 * Counts what waits for a reader, by sender and kind, and by session where the reader's own machine sent it.
 *
 * @param unread - what the reader sees and has not read, newest first
 * @param nowMs - milliseconds since 1970
 */
export function summarise(unread: readonly Entry[], reader: Address, nowMs: number): UnreadSummary {
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

/** Of a handover also what it is about, and who was the first to take it over. */
function latestOf({ ms, message: { id, work, hops }, receipts }: Entry): UnreadGroup["latest"] {
  const [first] = [...receipts.values()]
    .filter(({ takenMs }) => takenMs !== undefined)
    .sort((a, b) => (a.takenMs ?? 0) - (b.takenMs ?? 0));
  return {
    ...{ id, timestamp: isoTime(ms) },
    ...(work && { work }),
    ...(first && { takenBy: first.machine }),
    ...(hops !== undefined && { hops }),
  };
}

function headOf({ ms, message: { id, from, kind } }: Entry) {
  return { id, from, kind, timestamp: isoTime(ms) };
}
