import { createHash } from "node:crypto";
import type { NewEvent } from "../../worker/store/kv/event.ts";
import { eventKey, parseEventKey, suffixOfBytes } from "../../worker/store/kv/event-key.ts";
import { KvFiles, type Row } from "./kv-files.ts";
import { READER } from "./wire.ts";

/** How many of the stored messages wait still. */
export const WAITING = 6;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** KV drops an event after 30 days. */
const OLDEST_MS = 29 * DAY_MS;
const KEPT_MS = 30 * DAY_MS;

/** Two messages that the script itself has stored. */
export interface Samples {
  readonly readId: string;
  readonly waitingId: string;
}

/**
 * Makes a namespace hold so many messages, more than {@link WAITING}, of which the reader has read all but those. A log of events is
 * written as a month of use leaves it; for any other script its own two messages are copied, with other ids.
 *
 * @throws when the script keeps its messages in a way that cannot be copied
 */
export function seed(folder: string, count: number, samples: Samples): void {
  const files = KvFiles.open(folder);
  try {
    const rows = files.rows();
    const isLog = rows.some(({ key }) => parseEventKey(key));
    if (isLog) files.clear();
    files.write(isLog ? monthOfEvents(count, Date.now()) : copies(rows, count, samples));
  } finally {
    files.close();
  }
}

/**
 * Messages from `mac`, evenly over the last 29 days, with a receipt half a minute after each that was read. What waits
 * is the newest: three within the last hour and three before it. The hint is from the newest message; the floor is left to
 * the reader's first check.
 */
function* monthOfEvents(count: number, nowMs: number): Generator<Row> {
  const row = (ms: number, suffix: string, event: NewEvent): Row => ({
    key: eventKey({ ms, suffix }),
    value: "",
    metadata: JSON.stringify(event),
    expiration: ms + KEPT_MS,
  });
  const newestMs = nowMs - 10 * MINUTE_MS;
  for (let i = 0; i < count; i++) {
    const ageMs = i < WAITING / 2 ? i * 5 * MINUTE_MS : 2 * 60 * MINUTE_MS + (i / count) * (OLDEST_MS - DAY_MS);
    const ms = Math.floor(newestMs - ageMs);
    const id = crypto.randomUUID();
    const suffix = suffixOfBytes(createHash("sha256").update(id).digest());
    const content = `Message ${i}: the build of yesterday is green again.`;
    yield row(ms, suffix, { v: 1, type: "message", id, from: "mac", to: READER, kind: "note", content, tags: [] });
    if (i < WAITING) continue;
    const random = suffixOfBytes(crypto.getRandomValues(new Uint8Array(14)));
    yield row(ms + MINUTE_MS / 2, random, { v: 1, type: "receipt", machine: READER, shown: suffix, read: suffix });
  }
  const hint = JSON.stringify({ v: 1, t: newestMs });
  yield { key: `h:${READER}`, value: hint, metadata: null, expiration: newestMs + DAY_MS };
}

/** What has a message's id in its key is copied; a list with an element that has it gets more elements. */
function* copies(rows: readonly Row[], count: number, { readId, waitingId }: Samples): Generator<Row> {
  if (!rows.some(({ key }) => key.includes(readId))) throw new Error("No key has the id of its message.");
  const newIds = (length: number) => Array.from({ length }, () => crypto.randomUUID());
  const readIds = newIds(count - WAITING - 1);
  const waitingIds = newIds(WAITING - 1);
  for (const row of rows) {
    const [sample, ids] = row.key.includes(readId) ? [readId, readIds] : [waitingId, waitingIds];
    if (row.key.includes(sample)) for (const id of ids) yield replaced(row, sample, id);
    const list = parseList(row.value);
    if (list === null) continue;
    const more = list.flatMap((element) => {
      const text = JSON.stringify(element);
      const own = text.includes(readId) ? readIds : text.includes(waitingId) ? waitingIds : [];
      const sample = text.includes(readId) ? readId : waitingId;
      return [element, ...own.map((id): unknown => JSON.parse(text.replaceAll(sample, id)))];
    });
    if (more.length > list.length) yield { ...row, value: JSON.stringify(more) };
  }
}

function replaced(row: Row, sample: string, id: string): Row {
  const { key, value, metadata, expiration } = row;
  const fill = (text: string) => text.replaceAll(sample, id);
  return { key: fill(key), value: fill(value), metadata: metadata && fill(metadata), expiration };
}

function parseList(value: string): unknown[] | null {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
