import { DatabaseSync, type StatementSync } from "node:sqlite";
import { NodeSqlStorage } from "./sql-storage.ts";

/**
 * The state that survives an object's instances: its database and its alarm. As in the real one, everything since the last
 * commit is kept completely or not at all, including the alarm.
 */
export class DurableStorage {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #isOpen = false;
  /** The committed and the uncommitted alarm time, in milliseconds since 1970. */
  #committedAlarm: number | null = null;
  #alarm: number | null = null;
  readonly #onAlarmSet: (at: number | null) => void;
  /** SQL statements so far. */
  statements = 0;

  /** @param onAlarmSet - called when another alarm time is committed */
  constructor(onAlarmSet: (at: number | null) => void) {
    this.#onAlarmSet = onAlarmSet;
  }

  /** The `ctx.storage` of one instance. @param check - throws if the instance is lost */
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

  /** The alarm starts to run, which clears it. */
  takeAlarm(): void {
    this.#committedAlarm = null;
    this.#alarm = null;
  }

  /** The alarm failed and is retried at this time. */
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

  /** When the alarm is due; null if none is set. */
  get alarmAt(): number | null {
    return this.#committedAlarm;
  }

  /** Rows written so far, without index rows. */
  get rowsWritten(): number {
    return Number(this.#database.prepare("SELECT total_changes() AS n").get()?.n ?? 0);
  }

  /** For the final check. */
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
