import type { Database } from "../database.ts";
import type { Entry } from "./message-rows.ts";
import { contentOf, entryOf, type MessageRow, type ReceiptRow, type TextRow, tagsOf } from "./message-rows.ts";
import type { Text } from "./wire-message.ts";

/** An open interval of places. */
export interface Range {
  readonly after: number;
  readonly before: number;
}

const COLUMNS = "place, id, head, expires_at, bytes";

/** A machine's unread messages, to it or to everyone, in any project. A mark without a reader counts on messages to the machine. */
const UNREAD = `
  SELECT m.place, m.id, m.head, m.expires_at, m.bytes
  FROM messages m
  LEFT JOIN receipts own ON own.place = m.place AND own.machine = ?1
  LEFT JOIN receipts anyone ON m.receiver = ?1 AND anyone.place = m.place AND anyone.machine = '*'
  WHERE (m.receiver IS NULL OR m.receiver IN ('*', ?1)) AND m.gone = 0
    AND (m.expires_at IS NULL OR m.expires_at > ?2) AND own.read IS NULL AND anyone.read IS NULL
    AND m.place > ?3 AND m.place < ?4`;

/** The same for a machine with several names: ?1 is a JSON array of them. */
const UNREAD_UNDER_NAMES = `
  SELECT m.place, m.id, m.head, m.expires_at, m.bytes
  FROM messages m
  WHERE (m.receiver IS NULL OR m.receiver = '*' OR m.receiver IN (SELECT value FROM json_each(?1))) AND m.gone = 0
    AND (m.expires_at IS NULL OR m.expires_at > ?2) AND m.place > ?3 AND m.place < ?4
    AND NOT EXISTS (
      SELECT 1 FROM receipts r WHERE r.place = m.place AND r.read IS NOT NULL AND (
        r.machine IN (SELECT value FROM json_each(?1))
        OR (r.machine = '*' AND m.receiver IN (SELECT value FROM json_each(?1)))))`;
const NEWEST = "ORDER BY m.place DESC";

/** Reads messages and receipts. */
export class Messages {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The place of the newest message of the last 30 days, deleted or not; 0 if there is none. */
  newestPlace(): number {
    return this.#db.first<{ place: number }>("SELECT place FROM messages ORDER BY place DESC LIMIT 1")?.place ?? 0;
  }

  /**
   * A batch of messages, newest first. Includes deleted ones, so that the caller can count the rows it looked at.
   *
   * @param sender - a machine in lower case, or null for all
   */
  page(sender: string | null, { after, before }: Range, limit: number): (MessageRow & { readonly gone: number })[] {
    const bySender = sender === null ? "" : "sender = ?4 AND";
    return this.#db.all<MessageRow & { readonly gone: number }>(
      `SELECT ${COLUMNS}, gone FROM messages WHERE ${bySender} place > ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3`,
      after,
      before,
      limit,
      ...(sender === null ? [] : [sender]),
    );
  }

  /** A machine's unread messages, newest first. @param names - all its names in lower case */
  unreadFor(names: readonly string[], { after, before }: Range, now: number): MessageRow[] {
    const [unread, machine] = unreadBy(names);
    return this.#db.all<MessageRow>(`${unread} ${NEWEST}`, machine, now, after, before);
  }

  /** A machine's unread messages at the given places, newest first. @param names - all its names in lower case */
  unreadAt(names: readonly string[], places: readonly number[], { after, before }: Range, now: number): MessageRow[] {
    const [unread, machine] = unreadBy(names);
    const statement = `${unread} AND m.place IN (SELECT value FROM json_each(?5)) ${NEWEST}`;
    return this.#db.all<MessageRow>(statement, machine, now, after, before, JSON.stringify(places));
  }

  /** A message by id, deleted or not. */
  known(id: string): { readonly place: number; readonly head: string; readonly gone: number } | undefined {
    return this.#db.first("SELECT place, head, gone FROM messages WHERE id = ?", id);
  }

  /** Messages by id, without deleted and expired ones. */
  byIds(ids: readonly string[], { after }: Pick<Range, "after">, now: number): MessageRow[] {
    return this.#db.all<MessageRow>(
      `SELECT ${COLUMNS} FROM messages
       WHERE id IN (SELECT value FROM json_each(?)) AND place > ? AND gone = 0 AND (expires_at IS NULL OR expires_at > ?)`,
      JSON.stringify([...new Set(ids)]),
      after,
      now,
    );
  }

  /** Every place in a thread, including those of deleted messages. */
  placesOfThread(id: string): number[] {
    const root = this.#db.first<{ thread: string }>("SELECT thread FROM messages WHERE id = ?", id)?.thread ?? id;
    return this.#db
      .all<{ place: number }>(
        `SELECT place FROM messages WHERE thread = ?1 AND thread <> id
         UNION SELECT place FROM messages WHERE id = ?1`,
        root,
      )
      .map(({ place }) => place);
  }

  /** Messages at the given places, newest first, without deleted and expired ones. */
  at(places: readonly number[], { after, before }: Range, now: number): MessageRow[] {
    return this.#db.all<MessageRow>(
      `SELECT ${COLUMNS} FROM messages
       WHERE place IN (SELECT value FROM json_each(?)) AND place > ? AND place < ?
         AND gone = 0 AND (expires_at IS NULL OR expires_at > ?) ORDER BY place DESC`,
      JSON.stringify(places),
      after,
      before,
      now,
    );
  }

  entries(rows: readonly MessageRow[], { receipts: isNeeded }: { readonly receipts: boolean }): Entry[] {
    const receipts = isNeeded ? this.#receiptsAt(rows) : new Map<number, ReceiptRow[]>();
    return rows.map((row) => entryOf(row, receipts.get(row.place) ?? []));
  }

  /** The texts of messages by place. A text is null if only KV has it. */
  texts(entries: readonly Pick<Entry, "place">[]): Map<number, Text> {
    const rows = this.#db.all<TextRow>(
      "SELECT place, content, tags FROM messages WHERE place IN (SELECT value FROM json_each(?))",
      placesOf(entries),
    );
    return new Map(
      rows.map(({ place, content, tags }) => [
        place,
        { content: content === null ? null : contentOf(content), tags: tagsOf(tags) },
      ]),
    );
  }

  /** The places of the messages that have a tag. */
  tagged(entries: readonly Pick<Entry, "place">[], tag: string): Set<number> {
    const statement = "SELECT place, tags FROM messages WHERE place IN (SELECT value FROM json_each(?))";
    const rows = this.#db.all<Pick<TextRow, "place" | "tags">>(statement, placesOf(entries));
    return new Set(rows.filter(({ tags }) => tagsOf(tags).includes(tag)).map(({ place }) => place));
  }

  #receiptsAt(rows: readonly MessageRow[]): Map<number, ReceiptRow[]> {
    const receipts = this.#db.all<ReceiptRow>(
      "SELECT * FROM receipts WHERE place IN (SELECT value FROM json_each(?)) ORDER BY place, machine",
      placesOf(rows),
    );
    return Map.groupBy(receipts, ({ place }) => place);
  }
}

/** The statement that finds a machine's unread messages, and its first parameter. */
function unreadBy(names: readonly string[]): [statement: string, parameter: string] {
  const [name = "", ...others] = names;
  return others.length === 0 ? [UNREAD, name] : [UNREAD_UNDER_NAMES, JSON.stringify(names)];
}

function placesOf(entries: readonly { readonly place: number }[]): string {
  return JSON.stringify(entries.map(({ place }) => place));
}
