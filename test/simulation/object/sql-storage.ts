import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Limits of the real storage. */
const MAX_BINDINGS = 100;
const MAX_STATEMENT_BYTES = 100_000;
const MAX_VALUE_BYTES = 2 * 1024 * 1024;

type Row = Record<string, SqlStorageValue>;

/**
 * The `sql` of an object's storage over node:sqlite, with the real limits. A statement is complete when `exec` returns,
 * while the real one reads rows on demand. Does not count rows read, because node:sqlite does not report them.
 */
export class NodeSqlStorage {
  readonly #database: DatabaseSync;
  readonly #statements: Map<string, StatementSync>;
  readonly #before: () => void;

  /**
   * @param statements - cache of prepared statements for this database
   * @param before - called before every statement; may throw
   */
  constructor(database: DatabaseSync, statements: Map<string, StatementSync>, before: () => void) {
    this.#database = database;
    this.#statements = statements;
    this.#before = before;
  }

  exec(query: string, ...bindings: unknown[]): NodeSqlCursor {
    this.#before();
    if (Buffer.byteLength(query) > MAX_STATEMENT_BYTES) throw new Error("The statement is too long.");
    if (bindings.length > MAX_BINDINGS) throw new Error(`A statement can have at most ${MAX_BINDINGS} parameters.`);
    if (bindings.length === 0 && /;\s*\S/.test(query)) {
      this.#database.exec(query);
      return new NodeSqlCursor([]);
    }
    const statement = this.#statements.get(query) ?? this.#database.prepare(query);
    this.#statements.set(query, statement);
    return new NodeSqlCursor(statement.all(...bindings.map(inputOf)).map(rowOf));
  }

  get databaseSize(): number {
    const pages = this.#database.prepare("SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size");
    return Number(pages.get()?.n ?? 0);
  }
}

/** The rows of one statement. */
export class NodeSqlCursor implements Iterable<Row> {
  readonly #rows: Iterator<Row>;
  readonly rowsRead = 0;
  readonly rowsWritten = 0;

  constructor(rows: Row[]) {
    this.#rows = rows.values();
  }

  next(): IteratorResult<Row> {
    return this.#rows.next();
  }

  toArray(): Row[] {
    return [...this];
  }

  one(): Row {
    const [row, ...others] = this.toArray();
    if (row === undefined || others.length > 0) throw new Error("Expected exactly one result from the query.");
    return row;
  }

  *raw(): IterableIterator<SqlStorageValue[]> {
    for (const row of this) yield Object.values(row);
  }

  [Symbol.iterator](): Iterator<Row> {
    return { next: () => this.next() };
  }
}

function inputOf(value: unknown): SQLInputValue {
  if (typeof value === "string" && Buffer.byteLength(value) > MAX_VALUE_BYTES)
    throw new Error("The value is too large.");
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`A ${typeof value} cannot be bound.`);
}

function rowOf(record: Record<string, unknown>): Row {
  const row: Row = {};
  for (const [name, value] of Object.entries(record)) {
    if (value instanceof Uint8Array) row[name] = new Uint8Array(value).buffer;
    else if (value === null || typeof value === "string" || typeof value === "number") row[name] = value;
    else throw new TypeError(`A column has a ${typeof value}.`);
  }
  return row;
}
