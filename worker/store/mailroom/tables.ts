import { entryOf, type MailroomEntry, type MessageRow, type ReceiptRow, type TextRow, tagsOf } from "./rows.ts";
import { SCHEMA } from "./schema.ts";

/** What of the object's storage is used, so that a test can count. */
export type Sql = Pick<SqlStorage, "exec">;

/** A range of places without its ends. */
export interface Range {
  readonly after: number;
  readonly before: number;
}

const COLUMNS = "place, id, head, expires_at, bytes";

/** What a machine has not read of what is for it in any project; a mark without a name counts for it alone. */
const UNREAD = `
  SELECT m.place, m.id, m.head, m.expires_at, m.bytes
  FROM messages m
  LEFT JOIN receipts own ON own.place = m.place AND own.machine = ?1
  LEFT JOIN receipts anyone ON m.receiver = ?1 AND anyone.place = m.place AND anyone.machine = '*'
  WHERE (m.receiver IS NULL OR m.receiver IN ('*', ?1)) AND m.gone = 0
    AND (m.expires_at IS NULL OR m.expires_at > ?2) AND own.read IS NULL AND anyone.read IS NULL
    AND m.place > ?3 AND m.place < ?4`;
const NEWEST = "ORDER BY m.place DESC";

/**
 * The Mailroom's tables: every statement that more than one question needs. Lists of values go as one JSON text, because
 * a statement takes a hundred parameters at most.
 */
export class Tables {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Makes what is missing. Harmless when nothing is. */
  static make(sql: Sql): void {
    sql.exec(SCHEMA);
  }

  all<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#sql.exec<Row>(statement, ...values).toArray();
  }

  first<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row | undefined {
    return this.all<Row>(statement, ...values)[0];
  }

  /** A number that is kept by name; 0 before it was set. */
  number(name: string): number {
    return this.first<{ value: number }>("SELECT value FROM state WHERE name = ?", name)?.value ?? 0;
  }

  setNumber(name: string, value: number): void {
    this.all("INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
  }

  /** The place of the newest message that ever came and is still known; 0 when there is none. */
  newestPlace(): number {
    return this.first<{ place: number }>("SELECT place FROM messages ORDER BY place DESC LIMIT 1")?.place ?? 0;
  }

  /** The next messages that are there, newest first. */
  messagesIn({ after, before }: Range, now: number, limit: number): MessageRow[] {
    return this.all<MessageRow>(
      `SELECT ${COLUMNS} FROM messages
       WHERE place > ? AND place < ? AND gone = 0 AND (expires_at IS NULL OR expires_at > ?)
       ORDER BY place DESC LIMIT ?`,
      ...[after, before, now, limit],
    );
  }

  /** Those of a machine's or everyone's, newest first, that are there and that the machine has not read. */
  unreadFor(machine: string, { after, before }: Range, now: number): MessageRow[] {
    return this.all<MessageRow>(`${UNREAD} ${NEWEST}`, machine, now, after, before);
  }

  /** The same of some places. */
  unreadAt(machine: string, places: readonly number[], { after, before }: Range, now: number): MessageRow[] {
    const statement = `${UNREAD} AND m.place IN (SELECT value FROM json_each(?5)) ${NEWEST}`;
    return this.all<MessageRow>(statement, machine, now, after, before, JSON.stringify(places));
  }

  /** Some messages that are there, by id. */
  byIds(ids: readonly string[], { after }: Pick<Range, "after">, now: number): MessageRow[] {
    return this.all<MessageRow>(
      `SELECT ${COLUMNS} FROM messages
       WHERE id IN (SELECT value FROM json_each(?)) AND place > ? AND gone = 0 AND (expires_at IS NULL OR expires_at > ?)`,
      ...[JSON.stringify(ids), after, now],
    );
  }

  /** Every place of a thread, what is gone among them. */
  placesOfThread(id: string): number[] {
    const root = this.first<{ thread: string }>("SELECT thread FROM messages WHERE id = ?", id)?.thread ?? id;
    return this.all<{ place: number }>(
      `SELECT place FROM messages WHERE thread = ?1 AND thread <> id
       UNION SELECT place FROM messages WHERE id = ?1`,
      root,
    ).map(({ place }) => place);
  }

  /** Messages that are there at some places, newest first. */
  messagesAt(places: readonly number[], { after, before }: Range, now: number): MessageRow[] {
    return this.all<MessageRow>(
      `SELECT ${COLUMNS} FROM messages
       WHERE place IN (SELECT value FROM json_each(?)) AND place > ? AND place < ?
         AND gone = 0 AND (expires_at IS NULL OR expires_at > ?) ORDER BY place DESC`,
      ...[JSON.stringify(places), after, before, now],
    );
  }

  /** The receipts of some messages. */
  receiptsAt(places: readonly number[]): Map<number, ReceiptRow[]> {
    const rows = this.all<ReceiptRow>(
      "SELECT * FROM receipts WHERE place IN (SELECT value FROM json_each(?)) ORDER BY place, machine",
      JSON.stringify(places),
    );
    return Map.groupBy(rows, ({ place }) => place);
  }

  /** Entries with what the question needs of them. */
  entries(rows: readonly MessageRow[], needed: { readonly receipts?: boolean; readonly texts?: boolean }) {
    const places = rows.map(({ place }) => place);
    const receipts = needed.receipts ? this.receiptsAt(places) : new Map<number, ReceiptRow[]>();
    const texts = new Map(needed.texts ? this.#textsAt(places).map((row) => [row.place, row]) : []);
    return rows.map((row): MailroomEntry => entryOf(row, receipts.get(row.place) ?? [], texts.get(row.place)));
  }

  /** Which of these places has a tag. */
  tagged(places: readonly number[], tag: string): Set<number> {
    const statement = "SELECT place, tags FROM messages WHERE place IN (SELECT value FROM json_each(?))";
    const rows = this.all<Pick<TextRow, "place" | "tags">>(statement, JSON.stringify(places));
    return new Set(rows.filter(({ tags }) => tagsOf(tags).includes(tag)).map(({ place }) => place));
  }

  #textsAt(places: readonly number[]): TextRow[] {
    return this.all<TextRow>(
      "SELECT place, content, tags FROM messages WHERE place IN (SELECT value FROM json_each(?))",
      JSON.stringify(places),
    );
  }
}
