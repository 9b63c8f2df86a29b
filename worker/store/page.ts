import { MAX_PAGE } from "../../contract/message.ts";
import { EVENT_PREFIX, parseEventKey } from "./event-key.ts";
import type { EventLog } from "./event-log.ts";
import type { Entry } from "./fold.ts";
import { InvalidCursor } from "./message-store.ts";

/**
 * Most bytes of values in one answer: a Worker has 128 MB, and holds each text several times over. A page that would be
 * larger ends early, with a cursor.
 */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024;

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

/** The first page of what was found, at least one entry when there is any, and where the next one starts. */
export function cutPage(found: readonly Entry[], limit: number): { entries: readonly Entry[]; next?: string } {
  let bytes = 0;
  const entries: Entry[] = [];
  for (const entry of found.slice(0, Math.min(limit, MAX_PAGE))) {
    bytes += entry.message.valueBytes ?? 0;
    if (entries.length > 0 && bytes > MAX_PAGE_BYTES) break;
    entries.push(entry);
  }
  const last = entries.at(-1);
  return last === undefined || entries.length === found.length ? { entries } : { entries, next: encode(last.key) };
}

/** The entries with this tag. Tags that did not fit into the metadata are read first. */
export async function keepTagged(found: readonly Entry[], tag: string, log: EventLog): Promise<Entry[]> {
  const outside = found.filter(({ message }) => message.tags === undefined);
  const bodies = await log.readBodies(outside.map(({ key, message }) => ({ key, bytes: message.valueBytes ?? 0 })));
  return found.filter(({ key, message }) => (message.tags ?? bodies.get(key)?.tags)?.includes(tag));
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
