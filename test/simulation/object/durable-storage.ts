import { DatabaseSync, type StatementSync } from "node:sqlite";
import { NodeSqlStorage } from "./sql-storage.ts";

/**
 * What survives an object's instances: its database and its alarm. As in the real one, everything written since the last
 * commit is written as a whole or not at all, and the alarm is a part of that.
 */
export class DurableStorage {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #isOpen = false;
  /** In milliseconds since 1970: what is committed, and what is not yet. */
  #committedAlarm: number | null = null;
  #alarm: number | null = null;
  readonly #onAlarmSet: (at: number | null) => void;
  /** SQL statements so far. */
  statements = 0;

  /** @param onAlarmSet - another time of the alarm is committed */
  constructor(onAlarmSet: (at: number | null) => void) {
    this.#onAlarmSet = onAlarmSet;
  }

  /** The `ctx.storage` of one instance. @param check - throws when the instance is gone */
  binding(check: () => void) {
    const before = () => {
      check();
      this.#begin();
      this.statements++;
    };
    let depth = 0;
    const members: Readonly<Record<string, unknown>> = {
      sql: new NodeSqlStorage(this.#database, this.#statements, before),
      transactionSync: <T>(run: () => T): T => {
        check();
        this.#begin();
        const name = `nested_${depth++}`;
        this.#database.exec(`SAVEPOINT ${name}`);
        try {
          const result = run();
          this.#database.exec(`RELEASE ${name}`);
          return result;
        } catch (error) {
          this.#database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
          throw error;
        } finally {
          depth--;
        }
      },
      setAlarm: async (at: number | Date) => {
        check();
        this.#begin();
        this.#alarm = Number(at);
      },
      getAlarm: async () => {
        check();
        return this.#alarm;
      },
      deleteAlarm: async () => {
        check();
        this.#begin();
        this.#alarm = null;
      },
      sync: async () => check(),
    };
    return new Proxy(members, {
      get(target, name) {
        if (typeof name === "string" && name in target) return target[name];
        throw new Error(`The object's storage has no ${String(name)} in the simulation.`);
      },
    });
  }

  /** The alarm is running now: it is not set any more, unless it is set again. */
  takeAlarm(): void {
    this.#committedAlarm = null;
    this.#alarm = null;
  }

  /** The alarm has failed, and is tried again then. */
  noteRetry(at: number): void {
    this.#committedAlarm = at;
    this.#alarm = at;
  }

  commit(): void {
    if (!this.#isOpen) return;
    this.#database.exec("COMMIT");
    this.#isOpen = false;
    if (this.#alarm === this.#committedAlarm) return;
    this.#committedAlarm = this.#alarm;
    this.#onAlarmSet(this.#alarm);
  }

  rollBack(): void {
    if (!this.#isOpen) return;
    this.#database.exec("ROLLBACK");
    this.#isOpen = false;
    this.#alarm = this.#committedAlarm;
  }

  /** When the alarm is due; null when there is none. */
  get alarmAt(): number | null {
    return this.#committedAlarm;
  }

  /** Rows written so far, those of indexes not counted. */
  get rowsWritten(): number {
    return Number(this.#database.prepare("SELECT total_changes() AS n").get()?.n ?? 0);
  }

  /** For a check at the end. */
  query(statement: string, ...values: (string | number | null)[]): Record<string, unknown>[] {
    return this.#database.prepare(statement).all(...values);
  }

  close(): void {
    this.#database.close();
  }

  #begin(): void {
    if (this.#isOpen) return;
    this.#database.exec("BEGIN");
    this.#isOpen = true;
  }
}
