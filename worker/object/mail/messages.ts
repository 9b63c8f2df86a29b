import type { Database } from "../database.ts";
import type { Entry } from "./entry.ts";
import { entryOf, type MessageRow, type ReceiptRow, type TextRow, tagsOf } from "./message-rows.ts";
import type { Text } from "./wire-message.ts";

/** A range of places without its ends. */
export interface Range {
  readonly after: number;
  readonly before: number;
}

const COLUMNS = "place, id, head, expires_at, bytes";

/** What a machine has not read of the messages to it or to everyone, in any project; a nameless mark counts for its own. */
const UNREAD = `
  SELECT m.place, m.id, m.head, m.expires_at, m.bytes
  FROM messages m
  LEFT JOIN receipts own ON own.place = m.place AND own.machine = ?1
  LEFT JOIN receipts anyone ON m.receiver = ?1 AND anyone.place = m.place AND anyone.machine = '*'
  WHERE (m.receiver IS NULL OR m.receiver IN ('*', ?1)) AND m.gone = 0
    AND (m.expires_at IS NULL OR m.expires_at > ?2) AND own.read IS NULL AND anyone.read IS NULL
    AND m.place > ?3 AND m.place < ?4`;
const NEWEST = "ORDER BY m.place DESC";

/** Reads messages and receipts: every statement that more than one question needs. */
export class Messages {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The place of the newest message, deleted or not, of the last 30 days; 0 when there is none. */
  newestPlace(): number {
    return this.#db.first<{ place: number }>("SELECT place FROM messages ORDER BY place DESC LIMIT 1")?.place ?? 0;
  }

  /**
   * The next messages, newest first, so many rows at most: deleted ones are among them, so that a caller can count what it
   * has looked at.
   *
   * @param sender - a machine in lower case; null for all
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

  /** Messages to a machine or to everyone that the machine has not read, newest first. @param machine - in lower case */
  unreadFor(machine: string, { after, before }: Range, now: number): MessageRow[] {
    return this.#db.all<MessageRow>(`${UNREAD} ${NEWEST}`, machine, now, after, before);
  }

  /** The same among some places. */
  unreadAt(machine: string, places: readonly number[], { after, before }: Range, now: number): MessageRow[] {
    const statement = `${UNREAD} AND m.place IN (SELECT value FROM json_each(?5)) ${NEWEST}`;
    return this.#db.all<MessageRow>(statement, machine, now, after, before, JSON.stringify(places));
  }

  /** A message by id, whether it is there or gone. */
  known(id: string): { readonly place: number; readonly head: string; readonly gone: number } | undefined {
    return this.#db.first("SELECT place, head, gone FROM messages WHERE id = ?", id);
  }

  /** Messages that are there, by id. */
  byIds(ids: readonly string[], { after }: Pick<Range, "after">, now: number): MessageRow[] {
    return this.#db.all<MessageRow>(
      `SELECT ${COLUMNS} FROM messages
       WHERE id IN (SELECT value FROM json_each(?)) AND place > ? AND gone = 0 AND (expires_at IS NULL OR expires_at > ?)`,
      JSON.stringify([...new Set(ids)]),
      after,
      now,
    );
  }

  /** Every place of a thread, deleted messages among them. */
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

  /** Messages that are there at some places, newest first. */
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

  /** The texts of messages by place; null where KV has the text. */
  texts(entries: readonly Pick<Entry, "place">[]): Map<number, Text> {
    const rows = this.#db.all<TextRow>(
      "SELECT place, content, tags FROM messages WHERE place IN (SELECT value FROM json_each(?))",
      placesOf(entries),
    );
    return new Map(rows.map(({ place, content, tags }) => [place, { content: parsed(content), tags: tagsOf(tags) }]));
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

function placesOf(entries: readonly { readonly place: number }[]): string {
  return JSON.stringify(entries.map(({ place }) => place));
}

function parsed(content: string | null): string | null {
  return content === null ? null : String(JSON.parse(content)); // always a text: it was one when it was stored
}
