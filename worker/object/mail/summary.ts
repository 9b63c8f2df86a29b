import { type Address, isSameName } from "../../../contract/address.ts";
import { MAX_UNREAD_GROUPS, type UnreadGroup, type UnreadSummary } from "../../../contract/api.ts";
import { isoTime } from "../../iso-time.ts";
import { type Entry, machineOf } from "./entry.ts";

/**
 * Counts a reader's unread messages by sender and kind, and by session where the reader's own machine sent them.
 *
 * @param unread - the unread messages that the reader sees, newest first
 */
export function summarise(unread: readonly Entry[], reader: Address): UnreadSummary {
  const groups = new Map<string, UnreadGroup>();
  for (const entry of unread) {
    const { head } = entry;
    const session = isSameName(machineOf(head), reader.machine) ? head.session : undefined;
    const key = JSON.stringify([head.from.toLowerCase(), head.kind, session]);
    const group: UnreadGroup = groups.get(key) ?? {
      from: head.from,
      kind: head.kind,
      ...(session && { session }),
      unread: 0,
      latest: latestOf(entry),
    };
    groups.set(key, group);
    group.unread++;
  }
  const latest = unread[0];
  return {
    unread: unread.length,
    handovers: unread.filter(({ head }) => head.kind === "handover").length,
    ...(latest && { latest: headOf(latest) }),
    groups: [...groups.values()].slice(0, MAX_UNREAD_GROUPS),
  };
}

/** Of a handover also its work, and the first machine that resumed it. */
function latestOf({ id, ms, head: { work, hops }, receipts }: Entry): UnreadGroup["latest"] {
  const [first] = [...receipts.values()]
    .filter(({ takenMs }) => takenMs !== null)
    .sort((a, b) => (a.takenMs ?? 0) - (b.takenMs ?? 0));
  return {
    ...{ id, timestamp: isoTime(ms) },
    ...(work && { work }),
    ...(first && { takenBy: first.machine }),
    ...(hops !== undefined && { hops }),
  };
}

function headOf({ id, ms, head: { from, kind } }: Entry) {
  return { id, from, kind, timestamp: isoTime(ms) };
}
