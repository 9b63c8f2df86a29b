import { MAX_PAGE } from "../../../contract/message.ts";
import { InvalidCursor } from "../message-store.ts";
import { EVENT_PREFIX, parseEventKey } from "./event-key.ts";
import { type BodyKey, type EventLog, MAX_BULK_BYTES, MAX_BULK_KEYS } from "./event-log.ts";
import type { KvEntry } from "./fold.ts";

/**
 * The last key of the page that gave this cursor; without a cursor one before all.
 *
 * @throws InvalidCursor
 */
export function keyOfCursor(cursor: string | undefined): string {
  if (cursor === undefined) return EVENT_PREFIX;
  const last = EVENT_PREFIX + decode(cursor);
  if (parseEventKey(last) === null) throw new InvalidCursor("The cursor is not one that a list gave.");
  return last;
}

/** Some of the entries that a page is cut from, and where to look for more. */
export interface Found {
  /** Newest first. */
  readonly entries: readonly KvEntry[];
  /** The last key that was looked at, when there may be more after it. */
  readonly rest: string | undefined;
}

/**
 * The first page of what was found, and where the next one starts. It has at least one entry when there is any, and ends
 * early before its values would be more than one bulk.
 */
export function cutPage(
  { entries: found, rest }: Found,
  limit: number,
): { entries: readonly KvEntry[]; next?: string } {
  let bytes = 0;
  const entries: KvEntry[] = [];
  for (const entry of found.slice(0, Math.min(limit, MAX_PAGE))) {
    bytes += entry.message.valueBytes ?? 0;
    if (entries.length > 0 && bytes > MAX_BULK_BYTES) break;
    entries.push(entry);
  }
  const last = entries.length === found.length ? rest : entries.at(-1)?.key;
  return last === undefined ? { entries } : { entries, next: encode(last) };
}

/**
 * The entries with this tag. Tags that did not fit into the metadata are read first, a bulk at a time, until there is
 * more than a page or it costs too much for one request; none of their texts is kept.
 */
export async function keepTagged({ entries, rest }: Found, tag: string, limit: number, log: EventLog): Promise<Found> {
  const kept: KvEntry[] = [];
  let batches = 0;
  for (const batch of batchesOf(entries)) {
    const outside = batch.filter(({ message }) => message.tags === undefined);
    const tagged = new Set<string>();
    for await (const [key, body] of log.readBodies(bodyKeys(outside))) if (body.tags?.includes(tag)) tagged.add(key);
    kept.push(...batch.filter(({ key, message }) => message.tags?.includes(tag) ?? tagged.has(key)));
    const last = batch.at(-1);
    const isEnough = kept.length > limit || ++batches === MAX_TAG_BATCHES;
    if (isEnough && last !== entries.at(-1)) return { entries: kept, rest: last?.key };
  }
  return { entries: kept, rest };
}

/** With 32 lists and what a page costs this stays under the 50 that a request may ask of KV. */
const MAX_TAG_BATCHES = 10;

/** Cut so that the values of one batch are one bulk. */
function* batchesOf(entries: readonly KvEntry[]): Generator<KvEntry[]> {
  let batch: KvEntry[] = [];
  let values = 0;
  let bytes = 0;
  for (const entry of entries) {
    const more = entry.message.tags === undefined ? (entry.message.valueBytes ?? 0) : 0;
    if (more > 0 && (values === MAX_BULK_KEYS || bytes + more > MAX_BULK_BYTES)) {
      yield batch;
      [batch, values, bytes] = [[], 0, 0];
    }
    batch.push(entry);
    if (more > 0) values++;
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

/** The values that belong to these entries. */
export function bodyKeys(entries: readonly KvEntry[]): BodyKey[] {
  return entries.flatMap(({ key, message: { valueBytes: bytes } }) => (bytes === undefined ? [] : [{ key, bytes }]));
}

function encode(key: string): string {
  return btoa(key.slice(EVENT_PREFIX.length)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(cursor: string): string {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}
