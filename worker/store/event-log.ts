import { MAX_AGE_SECONDS } from "../../contract/message.ts";
import { attempt } from "./attempt.ts";
import { type MessageBody, MessageBody as MessageBodySchema, type NewEvent, StoredEvent } from "./event.ts";
import { EVENT_PREFIX, eventKey, parseEventKey } from "./event-key.ts";

/** An event as it lies in KV. */
export interface LoggedEvent {
  readonly key: string;
  readonly ms: number;
  readonly suffix: string;
  readonly event: StoredEvent;
}

/** The newest part of the log. */
export interface LogPart {
  /** Newest first. */
  readonly events: readonly LoggedEvent[];
  /** From this time on, in milliseconds since 1970, every event that a list shows is among them. */
  readonly fromMs: number;
  /** There is nothing older, or nothing that was asked for. */
  readonly isWhole: boolean;
  /** No more of the log is read. */
  readonly isLast: boolean;
  /** What it cost. */
  readonly lists: number;
}

/** A value to read, and how large it is. */
export interface BodyKey {
  readonly key: string;
  readonly bytes: number;
}

/** Most keys of one KV bulk read. */
export const MAX_BULK_KEYS = 100;

/** Values in memory at once: a Worker has 128 MB and holds each text several times over. KV itself gives 25 MB. */
export const MAX_BULK_BYTES = 8 * 1024 * 1024;

/** Lists for one look at the log: it goes 32,000 events far. A request may ask KV 50 times in all. */
export const MAX_LISTS = 32;

/** Keys named in one line of the log. */
const MAX_LOGGED_KEYS = 10;

/**
 * The append-only log in KV: the only file that reads or writes it. Events are put under fresh keys and never changed,
 * so that writers in different places cannot overwrite each other. A list may lack what was written in the last minute.
 */
export class EventLog {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  /** Writes one event. */
  async append(ms: number, suffix: string, event: NewEvent, value = ""): Promise<void> {
    await attempt(() =>
      this.#kv.put(eventKey({ ms, suffix }), value, { metadata: event, expirationTtl: MAX_AGE_SECONDS }),
    );
  }

  /**
   * Ever more of the log, newest first, after 1, 2, 4, … lists: who works out the state from each part does that for
   * twice the events of the last one at most.
   *
   * @param floorMs - nothing before this time is needed
   */
  async *newest(floorMs = 0, maxLists = MAX_LISTS): AsyncGenerator<LogPart> {
    const events: LoggedEvent[] = [];
    let cursor: string | null = null;
    for (let lists = 1; ; lists++) {
      const options: KVNamespaceListOptions = { prefix: EVENT_PREFIX, cursor };
      const page: KVNamespaceListResult<unknown> = await attempt(() => this.#kv.list(options));
      const found = parseKeys(page.keys);
      for (const event of found) if (event.ms >= floorMs) events.push(event);
      const oldestMs = found.at(-1)?.ms ?? events.at(-1)?.ms ?? Number.POSITIVE_INFINITY;
      const isWhole = page.list_complete || oldestMs < floorMs;
      const isLast = isWhole || lists === maxLists;
      const fromMs = isWhole ? 0 : oldestMs;
      if (isLast || Number.isInteger(Math.log2(lists))) yield { events, fromMs, isWhole, isLast, lists };
      if (isLast || page.list_complete) return;
      cursor = page.cursor;
    }
  }

  /** As much of the log as can be read for one request. */
  async read(floorMs = 0): Promise<LogPart> {
    let read: LogPart = { events: [], fromMs: 0, isWhole: true, isLast: true, lists: 0 };
    for await (const part of this.newest(floorMs)) read = part;
    return read;
  }

  /**
   * When the event with this suffix was first received, as far as the newest thousand keys show.
   *
   * @returns null when they do not show it, which does not mean that there is none
   */
  async firstReceived(suffix: string): Promise<number | null> {
    const { keys } = await attempt(() => this.#kv.list({ prefix: EVENT_PREFIX }));
    const copies = keys.map(({ name }) => parseEventKey(name)).filter((key) => key?.suffix === suffix);
    return copies.reduce<number | null>((first, key) => (key ? Math.min(first ?? key.ms, key.ms) : first), null);
  }

  /**
   * The values of these keys, a bulk at a time, so that a caller need not hold all of them. One that is missing or
   * corrupt is left out, and logged.
   */
  async *readBodies(wanted: readonly BodyKey[]): AsyncGenerator<readonly [key: string, body: MessageBody]> {
    const unreadable: string[] = [];
    for (const batch of bulks(wanted)) {
      const values = await attempt(() => this.#kv.get(batch, "text"));
      for (const key of batch) {
        const body = parseBody(values.get(key) ?? null);
        if (body) yield [key, body];
        else unreadable.push(key);
      }
    }
    logKeys("No readable value", unreadable);
  }
}

/** What is no event of this version (corrupt, of a newer version, of another application) is skipped alone. */
function parseKeys(keys: readonly KVNamespaceListKey<unknown>[]): LoggedEvent[] {
  const events: LoggedEvent[] = [];
  const skipped: string[] = [];
  for (const { name, metadata } of keys) {
    const key = parseEventKey(name);
    const event = key && StoredEvent.safeParse(metadata);
    if (key && event?.success) events.push({ key: name, ...key, event: event.data });
    else skipped.push(name);
  }
  logKeys("Not an event of this version", skipped);
  return events;
}

function parseBody(value: string | null): MessageBody | null {
  if (value === null) return null;
  try {
    return MessageBodySchema.parse(JSON.parse(value));
  } catch {
    return null;
  }
}

function* bulks(wanted: readonly BodyKey[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const body of wanted) {
    if (batch.length === MAX_BULK_KEYS || (batch.length > 0 && bytes + body.bytes > MAX_BULK_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(body.key);
    bytes += body.bytes;
  }
  if (batch.length > 0) yield batch;
}

/** By key only: values and metadata hold mail. */
function logKeys(problem: string, keys: readonly string[]): void {
  if (keys.length === 0) return;
  const named = keys.slice(0, MAX_LOGGED_KEYS).map((key) => JSON.stringify(key.slice(0, 64)));
  console.warn(`${problem}: ${keys.length} keys, ${named.join(", ")}`);
}
