import type { AUDITED, AuditEntry } from "../../contract/roster.ts";
import { isoTime } from "../store/iso-time.ts";
import type { Sql } from "../store/mailroom/tables.ts";

/** Wrong keys that are listed in a day; whoever tries more leaves one line that says so. */
const MAX_FAILED_KEYS_A_DAY = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How long an entry is kept, and how many at most. */
const KEPT_MS = 400 * DAY_MS;
const MAX_KEPT = 20_000;

/** What is noted, beside the time. */
export interface Noted {
  readonly what: (typeof AUDITED)[number];
  /** A machine's name, or the shared key. */
  readonly by?: string | undefined;
  readonly about?: string | undefined;
  readonly address?: string | undefined;
}

type Row = {
  place: number;
  at: number;
  what: string;
  who: string | null;
  about: string | null;
  address: string | null;
};

/** The list of who did what to the machines and keys. It is only added to; what is very old goes. */
export class Audit {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  note({ what, by, about, address }: Noted, now: number): void {
    const values = [now, what, by ?? null, about ?? null, address ?? null];
    this.#sql.exec("INSERT INTO audit (at, what, who, about, address) VALUES (?, ?, ?, ?, ?)", ...values);
    this.#sql.exec(
      "DELETE FROM audit WHERE at < ?1 OR place <= (SELECT max(place) FROM audit) - ?2",
      now - KEPT_MS,
      MAX_KEPT,
    );
  }

  noteFailedKey(address: string | undefined, now: number): void {
    const statement = "SELECT count(*) AS n FROM audit WHERE what = 'failed_key' AND at > ?";
    const { n } = this.#sql.exec<{ n: number }>(statement, now - DAY_MS).one();
    if (n > MAX_FAILED_KEYS_A_DAY) return;
    const isLast = n === MAX_FAILED_KEYS_A_DAY;
    this.note({ what: "failed_key", address, ...(isLast && { about: "more of this day are not listed" }) }, now);
  }

  /** Newest first. @param before - from an earlier page */
  page(limit: number, before: number): { entries: AuditEntry[]; next: number | null } {
    const statement = "SELECT * FROM audit WHERE place < ? ORDER BY place DESC LIMIT ?";
    const rows = this.#sql.exec<Row>(statement, before, limit + 1).toArray();
    const shown = rows.slice(0, limit);
    const entries = shown.map(({ at, what, who, about, address }) => ({
      at: isoTime(at),
      what,
      ...(who !== null && { by: who }),
      ...(about !== null && { about }),
      ...(address !== null && { address }),
    }));
    return { entries, next: rows.length > limit ? (shown.at(-1)?.place ?? null) : null };
  }
}
