import { MAX_PAGE } from "../../contract/message.ts";
import { EVENT_PREFIX, parseEventKey } from "./event-key.ts";
import { type BodyKey, type EventLog, MAX_BULK_BYTES } from "./event-log.ts";
import type { Entry } from "./fold.ts";
import { InvalidCursor } from "./message-store.ts";

/**
 * Whether an entry comes after the page that gave this cursor.
 *
 * @throws InvalidCursor
 */
export function afterCursor(cursor: string | undefined): (entry: Entry) => boolean {
  if (cursor === undefined) return () => true;
  const last = EVENT_PREFIX + decode(cursor);
  if (parseEventKey(last) === null) throw new InvalidCursor("The cursor is not one that a list gave.");
  return ({ key }) => key > last;
}

/**
 * The first page of what was found, and where the next one starts. It has at least one entry when there is any, and ends
 * early before its values would be more than one bulk.
 */
export function cutPage(found: readonly Entry[], limit: number): { entries: readonly Entry[]; next?: string } {
  let bytes = 0;
  const entries: Entry[] = [];
  for (const entry of found.slice(0, Math.min(limit, MAX_PAGE))) {
    bytes += entry.message.valueBytes ?? 0;
    if (entries.length > 0 && bytes > MAX_BULK_BYTES) break;
    entries.push(entry);
  }
  const last = entries.at(-1);
  return last === undefined || entries.length === found.length ? { entries } : { entries, next: encode(last.key) };
}

/** The entries with this tag. Tags that did not fit into the metadata are read first; none of their texts is kept. */
export async function keepTagged(found: readonly Entry[], tag: string, log: EventLog): Promise<Entry[]> {
  const outside = found.filter(({ message }) => message.tags === undefined);
  const tagged = new Set<string>();
  for await (const [key, body] of log.readBodies(bodyKeys(outside))) if (body.tags?.includes(tag)) tagged.add(key);
  return found.filter(({ key, message }) => message.tags?.includes(tag) ?? tagged.has(key));
}

/** The values that belong to these entries. */
export function bodyKeys(entries: readonly Entry[]): BodyKey[] {
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
