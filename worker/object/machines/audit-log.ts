import type { AUDITED, AuditEntry } from "../../../contract/machine-list.ts";
import { isoTime } from "../../ambient.ts";
import type { Database } from "../database.ts";

/** Most entries per day for requests without a valid key. The last one says that there may be more. */
const MAX_STRANGER_NOTES_A_DAY = 20;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How long an entry is kept, and how many are kept at most. Strangers cannot fill half of them in that time. */
const KEPT_MS = 400 * DAY_MS;
const MAX_KEPT = 20_000;

/** Most old entries removed with each new one. More than one, so that removal never falls behind. */
const REMOVED_AT_ONCE = 4;

export interface Note {
  readonly what: (typeof AUDITED)[number];
  /** A machine's name, or `shared key`. */
  readonly by?: string | undefined;
  readonly about?: string | undefined;
  readonly address?: string | undefined;
}

type Row = {
  readonly place: number;
  readonly at: number;
  readonly what: string;
  readonly who: string | null;
  readonly about: string | null;
  readonly address: string | null;
};

/** Records who changed machines and keys. Entries are removed only when they are very old; each costs the same rows. */
export class AuditLog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add({ what, by, about, address }: Note, now: number): void {
    const place = this.#newestPlace() + 1;
    const values = [place, now, what, by ?? null, about ?? null, address ?? null];
    this.#db.all("INSERT INTO audit (place, at, what, who, about, address) VALUES (?, ?, ?, ?, ?, ?)", ...values);
    const oldest = this.#db.all<Pick<Row, "place" | "at">>(
      "SELECT place, at FROM audit ORDER BY place LIMIT ?",
      REMOVED_AT_ONCE,
    );
    for (const old of oldest) {
      if (old.at >= now - KEPT_MS && old.place > place - MAX_KEPT) break;
      this.#db.all("DELETE FROM audit WHERE place = ?", old.place);
    }
  }

  /** Adds a request without a valid key, up to the daily limit. */
  addStranger(note: Pick<Note, "what" | "by" | "address">, now: number): void {
    const today = Math.floor(now / DAY_MS);
    const isSameDay = this.#db.number("stranger_day") === today;
    const notes = isSameDay ? this.#db.number("stranger_notes") : 0;
    if (notes >= MAX_STRANGER_NOTES_A_DAY) return;
    if (!isSameDay) this.#db.setNumber("stranger_day", today);
    this.#db.setNumber("stranger_notes", notes + 1);
    const isLast = notes + 1 === MAX_STRANGER_NOTES_A_DAY;
    // `photon log` recognises this phrase, so it is part of the format.
    this.add({ ...note, ...(isLast && { about: "more of this day are not listed" }) }, now);
  }

  /** Newest first. @param before - the `next` of the previous page */
  page(limit: number, before: number): { entries: AuditEntry[]; next: number | null } {
    const statement = "SELECT * FROM audit WHERE place < ? ORDER BY place DESC LIMIT ?";
    const rows = this.#db.all<Row>(statement, before, limit + 1);
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

  #newestPlace(): number {
    return this.#db.first<{ place: number }>("SELECT place FROM audit ORDER BY place DESC LIMIT 1")?.place ?? 0;
  }
}
