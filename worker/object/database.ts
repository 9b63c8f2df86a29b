/** The part of the object's storage that the code uses, so that a test can count rows. */
export type Sql = Pick<SqlStorage, "exec">;

/** Runs SQL statements. Pass a list of values as one JSON text, because a statement takes at most a hundred parameters. */
export class Database {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  all<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#sql.exec<Row>(statement, ...values).toArray();
  }

  first<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row | undefined {
    return this.all<Row>(statement, ...values)[0];
  }

  /** A stored number; 0 if it was never set. */
  number(name: NumberName): number {
    return this.first<{ value: number }>("SELECT value FROM state WHERE name = ?", name)?.value ?? 0;
  }

  setNumber(name: NumberName, value: number): void {
    this.all("INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
  }
}

export type NumberName =
  /** By fingerprint: the first time that a message stored after a machine joined can have, in milliseconds since 1970. */
  | `mail_since:${string}`
  /** Every message up to this place is deleted. */
  | "cleared"
  /** Texts of cleared messages are removed up to this place. */
  | "swept"
  /** Number of visible changes other than new messages. */
  | "changes"
  /** Number of messages ever deleted, replaced, cleared or expired. */
  | "ended"
  /** KV has the text of every message up to this place that existed when it was copied. */
  | "copied"
  /** KV may have the text of any message up to this place: a write was at least started. */
  | "copying"
  /** The last UTC day (since 1970) on which texts were copied, and the number of copies on it. */
  | "copy_day"
  | "copies"
  /** Every text up to this place is removed from its row. */
  | "emptied"
  /** Number of consecutive failures to write to KV, and the time of the next attempt in milliseconds since 1970. */
  | "copy_failures"
  | "copy_retry_at"
  /** The same for deletions in KV. */
  | "delete_failures"
  | "delete_retry_at"
  /** The last day on which the audit log got entries by strangers, and their number on it. */
  | "stranger_day"
  | "stranger_notes";
