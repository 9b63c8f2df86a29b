import { MAX_AGE_SECONDS } from "../../../contract/message.ts";
import { attempt } from "./attempt.ts";
import {
  ClearEvent,
  type MessageBody,
  MessageBody as MessageBodySchema,
  MessageEvent,
  type NewEvent,
  StoredEvent,
} from "./event.ts";
import { EVENT_PREFIX, eventKey, parseEventKey } from "./event-key.ts";
import { logKeys } from "./log-keys.ts";

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

/** What was before a message. */
export interface LookBack {
  /** What there is under its suffix already, newest first. That there is none does not mean that there is none in KV. */
  readonly copies: readonly { readonly ms: number; readonly event: MessageEvent }[];
  /** When the newest clear was, or the message that it replaces came, by whatever clock; in milliseconds since 1970. */
  readonly laterThanMs: number;
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
      const found = parseKeys(page.keys, floorMs);
      for (const event of found.events) events.push(event);
      const oldestMs = events.at(-1)?.ms ?? Number.POSITIVE_INFINITY;
      const isWhole = page.list_complete || found.isBelow;
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
   * What a message has to know before it is written, as far as the newest thousand keys show it.
   *
   * @param replaced - the suffix of the message whose place it takes
   */
  async lookBack(suffix: string, replaced?: string): Promise<LookBack> {
    const { keys } = await attempt(() => this.#kv.list({ prefix: EVENT_PREFIX }));
    const copies: LookBack["copies"][number][] = [];
    let laterThanMs = 0;
    for (const { name, metadata } of keys) {
      const key = parseEventKey(name);
      if (!key) continue;
      const copy = key.suffix === suffix ? MessageEvent.safeParse(metadata) : undefined;
      if (copy?.success) copies.push({ ms: key.ms, event: copy.data });
      if (key.suffix === replaced || isClear(metadata)) laterThanMs = Math.max(laterThanMs, key.ms);
    }
    return { copies, laterThanMs };
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

/**
 * What is no event of this version (corrupt, of a newer version, of another application) is skipped alone. Nothing from
 * the floor down is parsed: most of a list may lie there, and parsing is most of what a list costs.
 */
function parseKeys(
  keys: readonly KVNamespaceListKey<unknown>[],
  floorMs: number,
): { events: LoggedEvent[]; isBelow: boolean } {
  const events: LoggedEvent[] = [];
  const skipped: string[] = [];
  let isBelow = false;
  for (const { name, metadata } of keys) {
    const key = parseEventKey(name);
    isBelow = key !== null && key.ms < floorMs;
    if (isBelow) break;
    const event = key && StoredEvent.safeParse(metadata);
    if (key && event?.success) events.push({ key: name, ...key, event: event.data });
    else skipped.push(name);
  }
  logKeys("Not an event of this version", skipped);
  return { events, isBelow };
}

/** Looks before it parses: a thousand events are asked. */
function isClear(metadata: unknown): boolean {
  const hasType = typeof metadata === "object" && metadata !== null && "type" in metadata;
  return hasType && metadata.type === "clear" && ClearEvent.safeParse(metadata).success;
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
