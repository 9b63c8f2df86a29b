/** The part of the object's storage that is used, so that a test can count rows. */
export type Sql = Pick<SqlStorage, "exec">;

/** Statements over the object's tables. Lists of values go as one JSON text: a statement takes a hundred parameters. */
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

  /** A number that is kept by name; 0 before it was set. */
  number(name: NumberName): number {
    return this.first<{ value: number }>("SELECT value FROM state WHERE name = ?", name)?.value ?? 0;
  }

  setNumber(name: NumberName, value: number): void {
    this.all("INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
  }
}

export type NumberName =
  /** Every message up to this place is deleted. */
  | "cleared"
  /** The text of every cleared message up to this place has been taken away. */
  | "swept"
  /** Counts changes to what readers see, other than new messages. */
  | "changes"
  /** Messages that were deleted, replaced, cleared, or have expired, ever. */
  | "ended"
  /** KV has the text of every message up to this place that was there when it was copied. */
  | "copied"
  /** KV may have the text of a message up to this place: it was about to be written. */
  | "copying"
  /** The UTC day since 1970 on which texts were last copied, and how many on it. */
  | "copy_day"
  | "copies"
  /** The text of every message up to this place is out of its row. */
  | "emptied"
  /** Attempts to write to KV that failed in a row, and until when it is left alone, in milliseconds since 1970. */
  | "copy_failures"
  | "copy_retry_at"
  /** The same for deleting. */
  | "delete_failures"
  | "delete_retry_at"
  /** Requests of strangers that were noted in the audit log: the day, and how many. */
  | "stranger_day"
  | "stranger_notes";
