import { MAX_AGE_SECONDS } from "../../../contract/message.ts";
import type { Database } from "../database.ts";
import { placeAt, timeOf } from "./place.ts";

/** Most messages of each kind per retention run, so that a day's runs stay within the daily limit of written rows. */
const MAX_ROWS = 500;

/** Old messages are removed in batches at this interval, in milliseconds. Readers check the age themselves. */
const REMOVED_EVERY_MS = 60 * 60_000;

/** Delay before the next run if this one did not finish, in milliseconds. */
const CONTINUE_AFTER_MS = 60_000;

/**
 * Delay before the KV key of an unacknowledged copy is deleted, in milliseconds. An earlier instance of the object may have
 * sent the text, and if it arrived after the deletion, the key would come back.
 */
const IN_FLIGHT_MS = 2 * 60_000;

type Ended = { readonly place: number; readonly id: string };

/**
 * Ends messages: deleted, replaced, cleared, expired, or 30 days old. Their ids are kept for 30 days, so that a repeated
 * send does not restore them. Their texts are removed from the row at once, and from KV soon after.
 */
export class Endings {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Every message up to this place is deleted. */
  get clearedPlace(): number {
    return this.#db.number("cleared");
  }

  /** Messages up to this place have ended, whether or not retention has processed them. */
  livePlace(now: number): number {
    return Math.max(this.clearedPlace, placeAt(now - MAX_AGE_SECONDS * 1000));
  }

  /** Deletes messages that have not ended. */
  delete(messages: readonly Ended[], now: number): void {
    this.#blank(messages, now);
    this.#count(messages.length);
  }

  /**
   * Deletes every message. {@link retain} removes their texts later.
   *
   * @param newestPlace - the newest message's place
   * @returns the number of messages deleted
   */
  clear(newestPlace: number, now: number): number {
    // First end the expired and old messages, so that they are not counted.
    while (this.#endExpired(now) === MAX_ROWS || this.#removeOld(now).removed === MAX_ROWS);
    const sent = this.#db.first<{ n: number }>("SELECT coalesce(sum(sent), 0) AS n FROM accounts")?.n ?? 0;
    const count = sent - this.#db.number("ended");
    this.#count(count);
    this.#db.setNumber("cleared", newestPlace);
    return count;
  }

  /**
   * Removes messages that have ended. Readers do not depend on it: they check the times themselves.
   *
   * @returns whether readers' messages expired, and when the next run is due, in milliseconds since 1970
   */
  retain(now: number): { readonly hasExpired: boolean; readonly nextAt: number | null } {
    const { removed, wereThere } = this.#removeOld(now);
    const expired = this.#endExpired(now);
    const swept = this.#sweepCleared(now);
    this.#db.all("DELETE FROM capsule_parts WHERE ends_day < ?", Math.floor(now / DAY_MS));
    const isFull = [removed, expired, swept].includes(MAX_ROWS);
    return { hasExpired: expired + wereThere > 0, nextAt: isFull ? now + CONTINUE_AFTER_MS : this.nextDue() };
  }

  /** @returns when retention next has something to do, in milliseconds since 1970, or null if there are no messages */
  nextDue(): number | null {
    if (this.#cleared(1).length > 0) return 0;
    const ends =
      "SELECT expires_at AS at FROM messages WHERE expires_at IS NOT NULL AND gone = 0 ORDER BY expires_at LIMIT 1";
    const endsAt = this.#db.first<{ at: number }>(ends)?.at ?? Number.MAX_SAFE_INTEGER;
    const oldest = this.#db.first<{ at: number }>("SELECT place AS at FROM messages ORDER BY place LIMIT 1")?.at;
    if (oldest === undefined) return null;
    const oldAt = timeOf(oldest) + MAX_AGE_SECONDS * 1000 + 1;
    return Math.min(endsAt, Math.ceil(oldAt / REMOVED_EVERY_MS) * REMOVED_EVERY_MS);
  }

  /** Removes the texts of cleared messages, looking at each row once. @returns the number of rows looked at */
  #sweepCleared(now: number): number {
    const cleared = this.#cleared(MAX_ROWS);
    this.#blank(
      cleared.filter(({ gone }) => gone === 0),
      now,
    );
    const last = cleared.at(-1)?.place;
    if (last !== undefined) this.#db.setNumber("swept", last);
    return cleared.length;
  }

  /** The oldest cleared messages that {@link #sweepCleared} has not looked at, including deleted ones. */
  #cleared(limit: number): (Ended & { readonly gone: number })[] {
    return this.#db.all<Ended & { gone: number }>(
      "SELECT place, id, gone FROM messages WHERE place > ? AND place <= ? ORDER BY place LIMIT ?",
      this.#db.number("swept"),
      this.clearedPlace,
      limit,
    );
  }

  #endExpired(now: number): number {
    const expired = this.#db.all<Ended>(
      "SELECT place, id FROM messages WHERE expires_at <= ? AND gone = 0 ORDER BY expires_at LIMIT ?",
      now,
      MAX_ROWS,
    );
    this.#blank(expired, now);
    this.#count(expired.filter(({ place }) => place > this.clearedPlace).length);
    return expired.length;
  }

  #removeOld(now: number): { readonly removed: number; readonly wereThere: number } {
    const old = this.#db.all<Ended & { gone: number }>(
      "SELECT place, id, gone FROM messages WHERE place <= ? ORDER BY place LIMIT ?",
      placeAt(now - MAX_AGE_SECONDS * 1000),
      MAX_ROWS,
    );
    if (old.length === 0) return { removed: 0, wereThere: 0 };
    const list = placesOf(old);
    this.#db.all("DELETE FROM receipts WHERE place IN (SELECT value FROM json_each(?))", list);
    this.#db.all("DELETE FROM messages WHERE place IN (SELECT value FROM json_each(?))", list);
    const wereThere = old.filter(({ gone, place }) => gone === 0 && place > this.clearedPlace).length;
    this.#count(wereThere);
    return { removed: old.length, wereThere };
  }

  #blank(gone: readonly Ended[], now: number): void {
    if (gone.length === 0) return;
    const statement =
      "UPDATE messages SET gone = 1, content = NULL, tags = '[]' WHERE place IN (SELECT value FROM json_each(?))";
    this.#db.all(statement, placesOf(gone));
    const [copying, copied] = [this.#db.number("copying"), this.#db.number("copied")];
    for (const [isDoubtful, dueAt] of [
      [false, now],
      [true, now + IN_FLIGHT_MS],
    ] as const) {
      const inKv = gone.filter(({ place }) => place <= copying && place > copied === isDoubtful);
      if (inKv.length === 0) continue;
      this.#db.all(
        `INSERT INTO kv_deletes SELECT value->>0, value->>1, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
        dueAt,
        JSON.stringify(inKv.map(({ place, id }) => [place, id])),
      );
    }
  }

  #count(ended: number): void {
    if (ended > 0) this.#db.setNumber("ended", this.#db.number("ended") + ended);
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

function placesOf(messages: readonly Ended[]): string {
  return JSON.stringify(messages.map(({ place }) => place));
}
