import { isBroadcast } from "../../../contract/address.ts";
import type { UnreadGroup, UnreadSummary } from "../../../contract/api.ts";
import { MAX_UNREAD_GROUPS } from "../../../contract/constants.ts";
import { isoTime } from "../../ambient.ts";
import { type Entry, machineOf, visibleReceipts } from "./message-rows.ts";
import type { Reader } from "./select.ts";

/**
 * Counts a reader's unread messages by sender and kind and, for messages from the reader's own machine, by session and by
 * whether they went to more machines than this one.
 *
 * @param unread - newest first
 */
export function summarise(unread: readonly Entry[], reader: Reader): UnreadSummary {
  const groups = new Map<string, UnreadGroup>();
  const ofJoined = new Set<UnreadGroup>();
  for (const entry of unread) {
    const { head } = entry;
    const isOwn = reader.names.includes(machineOf(head).toLowerCase());
    const session = isOwn ? head.session : undefined;
    const broadcast = isOwn && isBroadcast(head.to ?? null);
    const key = JSON.stringify([head.from.toLowerCase(), head.kind, session, broadcast]);
    const group: UnreadGroup = groups.get(key) ?? {
      from: head.from,
      kind: head.kind,
      ...(session && { session }),
      ...(broadcast && { broadcast }),
      unread: 0,
      latest: latestOf(entry),
    };
    groups.set(key, group);
    group.unread++;
    if (head.work?.capsule && !group.latest.work?.capsule) group.withCapsule ??= latestOf(entry);
    if (head.hasOwnKey) ofJoined.add(group);
  }
  const latest = unread[0];
  const all = [...groups.values()];
  const kept = limited(all, ofJoined);
  // The reader's machine leaves its broadcasts out, and can do so only for groups that it is told of.
  const hidden = all.filter((group) => group.broadcast && !kept.includes(group));
  const counted = (these: readonly UnreadGroup[]) => these.reduce((sum, group) => sum + group.unread, 0);
  const handovers = unread.filter(({ head }) => head.kind === "handover").length;
  return {
    unread: unread.length - counted(hidden),
    handovers: handovers - counted(hidden.filter(({ kind }) => kind === "handover")),
    ...(latest && { latest: headOf(latest) }),
    groups: kept,
  };
}

/**
 * The first groups up to the limit, newest first. Groups by machines that have joined have priority over invented names, and
 * both over the reader's own broadcasts, of which each session may leave some.
 */
function limited(groups: readonly UnreadGroup[], ofJoined: ReadonlySet<UnreadGroup>): UnreadGroup[] {
  const rank = (group: UnreadGroup) => (group.broadcast ? 2 : ofJoined.has(group) ? 0 : 1);
  const kept = new Set(
    [0, 1, 2].flatMap((wanted) => groups.filter((group) => rank(group) === wanted)).slice(0, MAX_UNREAD_GROUPS),
  );
  return groups.filter((group) => kept.has(group));
}

/** For a handover also its work and the first machine that resumed it, preferring machines that have joined. */
function latestOf(entry: Entry): UnreadGroup["latest"] {
  const { id, ms } = entry;
  const { work, hops } = entry.head;
  const [first] = visibleReceipts(entry)
    .filter(({ resumedMs }) => resumedMs !== null)
    .sort((a, b) => Number(b.hasOwnKey) - Number(a.hasOwnKey) || (a.resumedMs ?? 0) - (b.resumedMs ?? 0));
  return {
    id,
    timestamp: isoTime(ms),
    ...(work && { work }),
    ...(first && { takenBy: first.machine }),
    ...(hops !== undefined && { hops }),
  };
}

function headOf({ id, ms, head: { from, kind } }: Entry) {
  return { id, from, kind, timestamp: isoTime(ms) };
}
