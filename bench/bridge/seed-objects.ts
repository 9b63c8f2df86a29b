import type { ObjectName } from "./counting.ts";
import type { RunningScript } from "./running-script.ts";
import { READER, UNREAD } from "./wire.ts";

export const BRIDGE: ObjectName = { binding: "BRIDGE", name: "bridge" };
const MAILROOM: ObjectName = { binding: "MAILROOM", name: "mailroom" };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A place is milliseconds since 1970 × 1000. */
const PLACES_PER_MS = 1000;

/** Only the newest texts are in KV: lists do not read older ones. */
const TEXTS = 100;
const CONTENT = "The build of yesterday is green again.";

/** The same ids as in the SQL below, counted from the oldest. */
function idOf(i: number): string {
  const digits = i.toString(16);
  return `${digits.padStart(8, "0")}-0000-4000-8000-${digits.padStart(12, "0")}`;
}

/** Messages from `mac`, spread over 29 days until ten minutes ago. All but the newest few are read. */
const MESSAGES = `
  WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
  INSERT INTO messages (place, id, sender, receiver, thread, head, bytes, tags, content)
  SELECT CAST(?2 + i * ?3 AS INTEGER), printf('%08x-0000-4000-8000-%012x', i, i), 'mac', '${READER}',
    printf('%08x-0000-4000-8000-%012x', i, i), '{"from":"mac","kind":"note","to":"${READER}"}', ${CONTENT.length + 2}, '[]', ?4
  FROM n`;
const RECEIPTS = `
  INSERT INTO receipts (place, machine, name, shown, read)
  SELECT place, '${READER}', '${READER}', place / 1000, place / 1000 FROM messages
  WHERE place < (SELECT place FROM messages ORDER BY place DESC LIMIT 1 OFFSET ${UNREAD - 1})`;

/** The state after a month of use: texts are in KV and no longer in their rows, and bytes are counted per day. */
export async function seedBridge(running: RunningScript, count: number, now: number): Promise<void> {
  const newest = await insertMessages(running, BRIDGE, { count, now, content: null });
  for (const name of ["copied", "copying", "emptied"]) {
    await running.runStatement(BRIDGE, "INSERT OR REPLACE INTO state VALUES (?, ?)", name, newest);
  }
  const today = Math.floor(now / DAY_MS);
  const bytes = Array.from({ length: 30 }, (_, day) => [today + day + 1, Math.ceil((count / 30) * CONTENT.length)]);
  const account = JSON.stringify(Object.fromEntries(bytes));
  await running.runStatement(BRIDGE, "INSERT OR REPLACE INTO accounts VALUES ('shared', ?, ?)", count, account);
  const value = JSON.stringify({ content: CONTENT, tags: [] });
  const newestIds = Array.from({ length: Math.min(TEXTS, count) }, (_, i) => idOf(count - 1 - i));
  await running.writeTexts({ binding: "MESSAGES", texts: newestIds.map((id) => ({ key: `m:${id}`, value })) });
}

/** The Mailroom keeps every text in its row. */
export async function seedMailroom(running: RunningScript, count: number, now: number): Promise<void> {
  await insertMessages(running, MAILROOM, { count, now, content: JSON.stringify(CONTENT) });
}

/** @returns the newest place */
async function insertMessages(
  running: RunningScript,
  object: ObjectName,
  { count, now, content }: { count: number; now: number; content: string | null },
): Promise<number> {
  for (const table of ["messages", "receipts", "floors"]) await running.runStatement(object, `DELETE FROM ${table}`);
  const newestMs = now - 10 * MINUTE_MS;
  const stepMs = Math.floor((29 * DAY_MS) / count);
  const oldest = (newestMs - stepMs * (count - 1)) * PLACES_PER_MS;
  await running.runStatement(object, MESSAGES, count, oldest, stepMs * PLACES_PER_MS, content);
  await running.runStatement(object, RECEIPTS);
  return newestMs * PLACES_PER_MS;
}
