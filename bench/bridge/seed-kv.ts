import { createHash } from "node:crypto";
import { KvFiles, type Row } from "./kv-files.ts";
import { READER, UNREAD } from "./wire.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** In 0.5, KV dropped an event after 30 days. */
const OLDEST_MS = 29 * DAY_MS;
const KEPT_MS = 30 * DAY_MS;

/** The event keys of 0.5: 13 digits that fall as time rises, and 14 characters of five bits each. */
const LAST_MS = 9_999_999_999_999;
const SUFFIX_CHARS = 14;
const ALPHABET = "0123456789abcdefghijklmnopqrstuv";

/** Two messages that the script itself stored. */
export interface Samples {
  readonly readId: string;
  readonly unreadId: string;
}

/** Replaces the content of 0.5's event log. */
export function seedEvents(folder: string, count: number, now: number): void {
  withFiles(folder, (files) => {
    files.clear();
    files.write(monthOfEvents(count, now));
  });
}

/** Copies the messages of a script with an unknown format. @throws if they cannot be copied */
export function copyMessages(folder: string, count: number, samples: Samples): void {
  withFiles(folder, (files) => files.write(copies(files.rows(), count, samples)));
}

function withFiles(folder: string, use: (files: KvFiles) => void): void {
  const files = KvFiles.open(folder);
  try {
    use(files);
  } finally {
    files.close();
  }
}

/**
 * Messages from `mac`, spread over the last 29 days, with a receipt half a minute after each read one. The newest are
 * unread: three from the last hour and three from before. The hint matches the newest message; the reader's first check
 * sets the floor.
 */
function* monthOfEvents(count: number, nowMs: number): Generator<Row> {
  const row = (ms: number, suffix: string, event: Readonly<Record<string, unknown>>): Row => ({
    key: `e:${String(LAST_MS - ms).padStart(13, "0")}${suffix}`,
    value: "",
    metadata: JSON.stringify({ v: 1, ...event }),
    expiration: ms + KEPT_MS,
  });
  const newestMs = nowMs - 10 * MINUTE_MS;
  for (let i = 0; i < count; i++) {
    const ageMs = i < UNREAD / 2 ? i * 5 * MINUTE_MS : 2 * 60 * MINUTE_MS + (i / count) * (OLDEST_MS - DAY_MS);
    const ms = Math.floor(newestMs - ageMs);
    const id = crypto.randomUUID();
    const suffix = suffixOf(createHash("sha256").update(id).digest());
    const content = `Message ${i}: the build of yesterday is green again.`;
    yield row(ms, suffix, { type: "message", id, from: "mac", to: READER, kind: "note", content, tags: [] });
    if (i < UNREAD) continue;
    const random = suffixOf(crypto.getRandomValues(new Uint8Array(SUFFIX_CHARS)));
    yield row(ms + MINUTE_MS / 2, random, { type: "receipt", machine: READER, shown: suffix, read: suffix });
  }
  const hint = JSON.stringify({ v: 1, t: newestMs });
  yield { key: `h:${READER}`, value: hint, metadata: null, expiration: newestMs + DAY_MS };
}

function suffixOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, SUFFIX_CHARS), (byte) => ALPHABET.charAt(byte & 31)).join("");
}

/** Copies each key that contains a message's id, and extends each list that has an element with it. */
function* copies(rows: readonly Row[], count: number, { readId, unreadId }: Samples): Generator<Row> {
  if (!rows.some(({ key }) => key.includes(readId))) throw new Error("No key contains the id of its message.");
  const newIds = (length: number) => Array.from({ length }, () => crypto.randomUUID());
  const readIds = newIds(count - UNREAD - 1);
  const unreadIds = newIds(UNREAD - 1);
  for (const row of rows) {
    const [sample, ids] = row.key.includes(readId) ? [readId, readIds] : [unreadId, unreadIds];
    if (row.key.includes(sample)) for (const id of ids) yield replaced(row, sample, id);
    const list = parseList(row.value);
    if (list === null) continue;
    const more = list.flatMap((element) => {
      const text = JSON.stringify(element);
      const own = text.includes(readId) ? readIds : text.includes(unreadId) ? unreadIds : [];
      const sample = text.includes(readId) ? readId : unreadId;
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
