import * as z from "zod";
import { MAX_AGE_SECONDS, MIN_AGE_SECONDS } from "../../../contract/message.ts";
import { isFor, isRead } from "../select.ts";
import { attempt } from "./attempt.ts";
import { MessageEvent } from "./event.ts";
import { parseEventKey } from "./event-key.ts";
import type { LoggedEvent } from "./event-log.ts";
import type { Mailbox } from "./fold.ts";
import { logKeys } from "./log-keys.ts";

/** The floor stays this far behind: by then every list shows an event, and every clock has passed it. */
const DISTANCE_MS = 60 * 60_000;

/** A check that looked at no more than this leaves the floor where it is: one list brings a thousand. */
const MIN_SCANNED = 600;

/** A move that saves less than this is not worth its write. */
const MIN_SAVED = 300;

/** Beyond this a machine's checks cost a list for each thousand events again. About 5 MB of KV's 25. */
const MAX_KEPT = 5_000;

/** Where a machine's look at the log ends. */
export interface Floor {
  /** Events from this millisecond on are looked at; 0 when all are. */
  readonly ms: number;
  /** Of what is older: the messages that wait for this machine still. The rest says nothing to it any more. */
  readonly kept: readonly LoggedEvent[];
}

export const NO_FLOOR: Floor = { ms: 0, kept: [] };

const StoredFloor = z.object({
  v: z.literal(1),
  ms: z.int().min(0),
  kept: z.array(z.object({ key: z.string(), event: MessageEvent })),
});

/** One floor per machine, in KV. An older one than the last written is as right as that. */
export class Floors {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  async read(machine: string, nowMs: number): Promise<Floor> {
    const value = await attempt(() => this.#kv.get(floorKey(machine), "text"));
    if (value === null) return NO_FLOOR;
    const floor = parseFloor(value, nowMs);
    if (!floor) logKeys("Not a floor", [floorKey(machine)]);
    return floor ?? NO_FLOOR;
  }

  /** Never fails: without it the next check looks at more. Goes with the oldest message in it: no text stays longer. */
  async save(machine: string, { ms, kept }: Floor, nowMs: number): Promise<void> {
    const oldestMs = Math.min(nowMs, ...kept.map((event) => event.ms));
    const leftSeconds = MAX_AGE_SECONDS - Math.ceil((nowMs - oldestMs) / 1000);
    const expirationTtl = Math.max(leftSeconds, MIN_AGE_SECONDS);
    const value = JSON.stringify({ v: 1, ms, kept: kept.map(({ key, event }) => ({ key, event })) });
    try {
      await this.#kv.put(floorKey(machine), value, { expirationTtl });
    } catch {
      // as above
    }
  }
}

/**
 * Where a machine's next look at the log may end.
 *
 * @param scanned - the events above the present floor
 * @returns null when the floor stays
 */
export function nextFloor(
  machine: string,
  mailbox: Mailbox,
  scanned: readonly LoggedEvent[],
  nowMs: number,
): Floor | null {
  if (scanned.length <= MIN_SCANNED) return null;
  const floor = floorBelow(nowMs - DISTANCE_MS, machine, mailbox, scanned);
  const saved = scanned.filter((event) => event.ms < floor.ms).length;
  return saved < MIN_SAVED || floor.kept.length > MAX_KEPT ? null : floor;
}

/** The highest floor up to this time that hides nothing from a machine. */
export function floorBelow(
  wantedMs: number,
  machine: string,
  mailbox: Mailbox,
  scanned: readonly LoggedEvent[],
): Floor {
  const ms = belowNoCopy(wantedMs, scanned);
  const reader = { machine, project: null };
  const kept = mailbox.entries
    .filter((entry) => entry.ms < ms && isFor(entry, reader) && !isRead(entry, reader))
    .map(({ key, ms, suffix, message }) => ({ key, ms, suffix, event: message }));
  return { ms, kept };
}

/**
 * At most this time, and so far down that no message has a copy above the floor and another, or a mark, below it: the
 * copy would come back as new.
 */
function belowNoCopy(ms: number, events: readonly LoggedEvent[]): number {
  const spans = new Map<string, { first: number; lastCopy: number }>();
  const mention = (suffix: string, at: number, lastCopy: number) => {
    const known = spans.get(suffix) ?? { first: at, lastCopy };
    spans.set(suffix, { first: Math.min(known.first, at), lastCopy: Math.max(known.lastCopy, lastCopy) });
  };
  for (const { ms: at, suffix, event } of events) {
    if (event.type === "message") mention(suffix, at, at);
    else if (event.type === "receipt")
      for (const of of [...(event.shown ?? []), ...(event.read ?? [])]) mention(of, at, 0);
    else if (event.type === "tombstone") for (const of of event.removed) mention(of, at, 0);
  }
  let floor = ms;
  for (let before = Number.POSITIVE_INFINITY; floor < before; ) {
    before = floor;
    for (const { first, lastCopy } of spans.values()) if (first < floor && lastCopy >= floor) floor = first;
  }
  return floor;
}

/**
 * A message that KV has dropped since is not kept.
 *
 * @returns null for a corrupt one, one of a newer version, and one that lies so far ahead that no clock of ours set it: it
 * would hide what comes until then
 */
function parseFloor(value: string, nowMs: number): Floor | null {
  try {
    const { ms, kept } = StoredFloor.parse(JSON.parse(value));
    if (ms > nowMs + DISTANCE_MS) return null;
    const events: LoggedEvent[] = [];
    for (const { key, event } of kept) {
      const place = parseEventKey(key);
      if (!place) return null;
      if (place.ms > nowMs - MAX_AGE_SECONDS * 1000) events.push({ key, ...place, event });
    }
    return { ms, kept: events };
  } catch {
    return null;
  }
}

function floorKey(machine: string): string {
  return `f:${machine.toLowerCase()}`;
}
