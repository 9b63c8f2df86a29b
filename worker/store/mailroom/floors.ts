import * as z from "zod";
import type { MessageRow } from "./rows.ts";
import type { Range, Tables } from "./tables.ts";

/** So many new messages are looked at anew with each check before the floor is moved above them. */
export const SCANNED_BEFORE_MOVING = 50;

/** Most unread messages that are remembered below a floor; with more it stays under the rest. */
const MAX_KEPT = 2_000;

const Places = z.array(z.int());

interface Floor {
  readonly place: number;
  /** What the machine has not read at or below it. */
  readonly unread: readonly number[];
}

/**
 * What a machine has not read, found without looking at what it has: up to its floor the few unread ones are known by
 * place, and only what came after it is looked at. Here, other than in KV, nothing comes late, so a floor can be the
 * newest message.
 */
export class Floors {
  readonly #tables: Tables;
  readonly #scannedBeforeMoving: number;

  /** @param scannedBeforeMoving - injected, so that a small mailbox has floors too */
  constructor(tables: Tables, scannedBeforeMoving: number) {
    this.#tables = tables;
    this.#scannedBeforeMoving = scannedBeforeMoving;
  }

  /**
   * @param machine - in lower case
   * @param range - what the caller looks at
   * @returns newest first, of every project
   */
  unread(machine: string, range: Range, now: number): MessageRow[] {
    const floor = this.#read(machine);
    const above = this.#tables.unreadFor(
      machine,
      { after: Math.max(range.after, floor.place), before: range.before },
      now,
    );
    const below =
      floor.unread.length === 0
        ? []
        : this.#tables.unreadAt(machine, floor.unread, { ...range, before: floor.place + 1 }, now);
    const rows = [...above, ...below];
    const newest = this.#tables.newestPlace();
    const scanned = newest === floor.place ? 0 : this.#countAbove(floor.place);
    const left = floor.unread.length - below.length;
    const isAll = range.before === Number.MAX_SAFE_INTEGER;
    if (isAll && (scanned > this.#scannedBeforeMoving || left > this.#scannedBeforeMoving))
      this.#move(machine, rows, newest);
    return rows;
  }

  /** Older messages came in below them. */
  forget(): void {
    this.#tables.all("DELETE FROM floors");
  }

  /** Stops counting as soon as it is enough to know. */
  #countAbove(place: number): number {
    const statement = "SELECT count(*) AS n FROM (SELECT 1 FROM messages WHERE place > ? LIMIT ?)";
    return this.#tables.first<{ n: number }>(statement, place, this.#scannedBeforeMoving + 1)?.n ?? 0;
  }

  #move(machine: string, unread: readonly MessageRow[], newest: number): void {
    const oldestFirst = unread.map(({ place }) => place).reverse();
    const kept = oldestFirst.slice(0, MAX_KEPT);
    const next = oldestFirst[MAX_KEPT];
    const place = next === undefined ? newest : next - 1;
    this.#tables.all(
      "INSERT INTO floors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET place = excluded.place, unread = excluded.unread",
      ...[machine, place, JSON.stringify(kept)],
    );
  }

  #read(machine: string): Floor {
    const row = this.#tables.first<{ place: number; unread: string }>(
      "SELECT place, unread FROM floors WHERE machine = ?",
      machine,
    );
    return row === undefined
      ? { place: 0, unread: [] }
      : { place: row.place, unread: Places.parse(JSON.parse(row.unread)) };
  }
}
