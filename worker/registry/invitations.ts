import type { Roster, RosterInvite } from "../../contract/follow-roster.ts";
import { MAX_WRONG_TRIES } from "../../contract/roster.ts";
import { isoTime } from "../store/iso-time.ts";
import type { Sql } from "../store/mailroom/tables.ts";

const WRONG_TRIES = "wrong_tries";

/** Which invitations can be used, and the tries that could not. */
export class Invitations {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Those that are not used, over or void, by the bridge's own clock. */
  open({ invites }: Roster, now: number): RosterInvite[] {
    const rows = this.#sql.exec<{ invite: string }>("SELECT invite FROM burned").toArray();
    const burned = new Set(rows.map(({ invite }) => invite));
    return invites.filter(({ id, isUsed, expiresAt }) => !isUsed && expiresAt > isoTime(now) && !burned.has(id));
  }

  /** @returns whether it was one too many, which has made every open invitation void */
  wrongTry({ invites }: Roster): boolean {
    const tries = this.#number(WRONG_TRIES) + 1;
    this.#setNumber(WRONG_TRIES, tries % MAX_WRONG_TRIES);
    if (tries < MAX_WRONG_TRIES) return false;
    // Those that are used or over along with them, which changes nothing for them.
    for (const { id } of invites) this.#sql.exec("INSERT OR IGNORE INTO burned VALUES (?)", id);
    return true;
  }

  #number(name: string): number {
    const rows = this.#sql.exec<{ value: number }>("SELECT value FROM state WHERE name = ?", name).toArray();
    return rows[0]?.value ?? 0;
  }

  #setNumber(name: string, value: number): void {
    const upsert = "INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
    this.#sql.exec(upsert, name, value);
  }
}
