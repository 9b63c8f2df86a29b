import * as z from "zod";
import { Refusal } from "../../refusal.ts";
import type { Database } from "../database.ts";
import { storedJson } from "../stored-json.ts";

/** Most bytes of messages and capsules that one machine may have stored at a time: 256 MB. */
export const QUOTA_BYTES = 256 * 1024 * 1024;

const DAY_SECONDS = 24 * 60 * 60;

/** Bytes by the day (since 1970) on which they expire. */
const Bytes = z.record(z.string(), z.number());
type Bytes = z.infer<typeof Bytes>;

interface Account {
  readonly sent: number;
  readonly bytes: Bytes;
}

/**
 * Counts the unexpired bytes of each account, in one row per account. Bytes count until their expiry, even if they are
 * deleted earlier.
 */
export class Quota {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Counts a message.
   *
   * @param who - a fingerprint, or `shared`
   * @param seconds - how long the message is kept
   * @throws Refusal 507 if the account has no room for it
   */
  spendMessage(who: string, bytes: number, seconds: number, now: number): void {
    const { sent, bytes: before } = this.#account(who, now);
    this.#save(who, { sent: sent + 1, bytes: withRoom(plus(before, endsDay(seconds, now), bytes)) });
  }

  /**
   * Counts a part of a capsule. A repeated part counts once, until its new expiry, so that a client may retry as often as
   * KV fails.
   *
   * @throws Refusal 507 if the account has no room for it
   */
  spendCapsulePart(who: string, sha256: string, bytes: number, seconds: number, now: number): void {
    const day = endsDay(seconds, now);
    const statement = "SELECT ends_day FROM capsule_parts WHERE sha256 = ? AND who = ?";
    const known = this.#db.first<{ ends_day: number }>(statement, sha256, who);
    if (known?.ends_day === day) return;
    const { sent, bytes: before } = this.#account(who, now);
    const without = known === undefined ? before : plus(before, known.ends_day, -bytes);
    this.#save(who, { sent, bytes: withRoom(plus(without, day, bytes)) });
    const upsert =
      "INSERT INTO capsule_parts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET ends_day = excluded.ends_day";
    this.#db.all(upsert, sha256, who, bytes, day);
  }

  #account(who: string, now: number): Account {
    const statement = "SELECT sent, bytes FROM accounts WHERE who = ?";
    const row = this.#db.first<{ sent: number; bytes: string }>(statement, who);
    if (row === undefined) return { sent: 0, bytes: {} };
    const today = endsDay(0, now);
    const alive = Object.entries(storedJson(Bytes, row.bytes)).filter(([day]) => Number(day) >= today);
    return { sent: row.sent, bytes: Object.fromEntries(alive) };
  }

  #save(who: string, { sent, bytes }: Account): void {
    const upsert =
      "INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET sent = excluded.sent, bytes = excluded.bytes";
    this.#db.all(upsert, who, sent, JSON.stringify(bytes));
  }
}

function endsDay(seconds: number, now: number): number {
  return Math.floor(now / 1000 / DAY_SECONDS) + Math.ceil(seconds / DAY_SECONDS);
}

function plus(bytes: Bytes, day: number, more: number): Bytes {
  return { ...bytes, [day]: Math.max(0, (bytes[day] ?? 0) + more) };
}

function withRoom(bytes: Bytes): Bytes {
  const total = Object.values(bytes).reduce((sum, each) => sum + each, 0);
  if (total <= QUOTA_BYTES) return bytes;
  const megabytes = QUOTA_BYTES / 1024 / 1024;
  const sentence = `This machine already stores ${megabytes} MB on the bridge. Messages expire after 30 days, capsules after 14.`;
  throw new Refusal(507, "quota_exceeded", sentence);
}
