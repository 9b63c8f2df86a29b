import * as z from "zod";
import type { Database } from "../database.ts";
import { storedJson } from "../stored-json.ts";
import type { MessageRow } from "./message-rows.ts";
import type { Messages, Range } from "./messages.ts";

/** The floor moves only after more new messages than this, because moving it writes a row. Until then, each check rescans them. */
const SCANNED_BEFORE_MOVING = 16;

/** Most unread messages stored for below a floor. If there are more, the floor stays below the newest of them. */
const MAX_KEPT = 2_000;

const Places = z.array(z.int());

interface Floor {
  readonly place: number;
  /** Places of the machine's unread messages at or below the floor. */
  readonly unread: readonly number[];
}

/**
 * Finds a machine's unread messages without rescanning those it has read. Each machine has a floor: the unread messages up
 * to it are stored by place, and only later messages are searched. Places only increase, so the floor can be the newest
 * message.
 */
export class Floors {
  readonly #db: Database;
  readonly #messages: Messages;

  constructor(db: Database, messages: Messages) {
    this.#db = db;
    this.#messages = messages;
  }

  /**
   * @param names - all names of the machine in lower case, the present one first, by which its floor is kept
   * @param range - the places to search
   * @returns messages in every project, newest first
   */
  unread(names: readonly string[], range: Range, now: number): MessageRow[] {
    const [machine = ""] = names;
    const floor = this.#read(machine);
    const after = Math.max(range.after, floor.place);
    const above = this.#messages.unreadFor(names, { after, before: range.before }, now);
    const before = Math.min(range.before, floor.place + 1);
    const below =
      floor.unread.length === 0 ? [] : this.#messages.unreadAt(names, floor.unread, { ...range, before }, now);
    const rows = [...above, ...below];
    if (range.before === Number.MAX_SAFE_INTEGER) this.#moveWhenDue(machine, floor, rows, below.length);
    return rows;
  }

  /** Forgets the floor of a machine that gets another name: unread messages to that name may lie below it. */
  forget(machine: string): void {
    this.#db.all("DELETE FROM floors WHERE machine = ?", machine);
  }

  #moveWhenDue(machine: string, floor: Floor, unread: readonly MessageRow[], unreadBelow: number): void {
    const newest = this.#messages.newestPlace();
    const scanned = newest === floor.place ? 0 : this.#countAbove(floor.place);
    const readBelow = floor.unread.length - unreadBelow;
    if (scanned <= SCANNED_BEFORE_MOVING && readBelow <= SCANNED_BEFORE_MOVING) return;
    const oldestFirst = unread.map(({ place }) => place).reverse();
    const kept = oldestFirst.slice(0, MAX_KEPT);
    const next = oldestFirst[MAX_KEPT];
    const place = next === undefined ? newest : next - 1;
    this.#db.all(
      "INSERT INTO floors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET place = excluded.place, unread = excluded.unread",
      machine,
      place,
      JSON.stringify(kept),
    );
  }

  /** Stops counting at the limit. */
  #countAbove(place: number): number {
    const statement = "SELECT count(*) AS n FROM (SELECT 1 FROM messages WHERE place > ? LIMIT ?)";
    return this.#db.first<{ n: number }>(statement, place, SCANNED_BEFORE_MOVING + 1)?.n ?? 0;
  }

  #read(machine: string): Floor {
    const statement = "SELECT place, unread FROM floors WHERE machine = ?";
    const row = this.#db.first<{ place: number; unread: string }>(statement, machine);
    return row === undefined ? { place: 0, unread: [] } : { place: row.place, unread: storedJson(Places, row.unread) };
  }
}
