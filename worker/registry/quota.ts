import type { Sql } from "../store/mailroom/tables.ts";

/** What one machine may have stored at a time, messages and capsules, in bytes: 256 MB, a quarter of what KV gives for free. */
export const QUOTA_BYTES = 256 * 1024 * 1024;

const DAY_SECONDS = 24 * 60 * 60;

/**
 * How much each machine has stored that has not ended yet. Counted when it is stored: what is deleted early counts until it
 * would have ended, and a capsule that is stored again counts again.
 */
export class Quota {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Counts some bytes, when there is room for them.
   *
   * @param who - a fingerprint, or what stands for the shared key
   * @param seconds - how long they are kept
   * @returns whether there was
   */
  spend(who: string, bytes: number, seconds: number, now: number): boolean {
    const today = Math.floor(now / 1000 / DAY_SECONDS);
    this.#sql.exec("DELETE FROM spent WHERE expires_day < ?", today);
    const statement = "SELECT coalesce(sum(bytes), 0) AS n FROM spent WHERE who = ?";
    const { n } = this.#sql.exec<{ n: number }>(statement, who).one();
    if (n + bytes > QUOTA_BYTES) return false;
    const day = today + Math.ceil(seconds / DAY_SECONDS);
    const upsert = "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes";
    this.#sql.exec(upsert, who, day, bytes);
    return true;
  }
}
