import * as z from "zod";
import type { SeenMachine } from "../../../contract/api.ts";
import { isoTime } from "../../ambient.ts";
import type { Database } from "../database.ts";

/** Milliseconds since 1970, by the id of the computer. */
const Installations = z.record(z.string(), z.int());

/** More computers under one name are somebody's mistake, or mischief. */
const MAX_INSTALLATIONS = 20;

/** Names kept of machines that have not joined: with the shared key anybody can invent more. The last seen stay. */
const MAX_UNJOINED = 200;

/** "Last seen" is exact to a minute, which saves a busy machine a row written for each message. */
const STEP_MS = 60_000;

type Row = {
  readonly name: string;
  readonly seen: number;
  readonly installations: string;
  readonly own_key: number;
};

interface Sign {
  readonly installation?: string | undefined;
  /** It asked with a machine's own key, not with the shared one. */
  readonly hasOwnKey?: boolean;
  /** It marked a message, so that an earlier answer to it is old. */
  readonly hasMarked?: boolean;
}

/** The machines that sent, were shown or marked something, and when last. */
export class LastSeen {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  note(name: string, now: number, { installation, hasOwnKey = false, hasMarked = false }: Sign): void {
    const machine = name.toLowerCase();
    const statement = "SELECT name, seen, installations, own_key FROM last_seen WHERE machine = ?";
    const known = this.#db.first<Row>(statement, machine);
    const installations = Installations.parse(JSON.parse(known?.installations ?? "{}"));
    const isRecent = (at: number | undefined) => at !== undefined && Math.abs(now - at) < STEP_MS;
    const isKnown = installation === undefined || isRecent(installations[installation]);
    const isJoinedKnown = !hasOwnKey || known?.own_key === 1;
    if (!hasMarked && known?.name === name && isRecent(known.seen) && isKnown && isJoinedKnown) return;
    if (known === undefined && !hasOwnKey) this.#makeRoom();
    if (installation !== undefined) installations[installation] = now;
    const newest = Object.entries(installations)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_INSTALLATIONS);
    this.#db.all(
      `INSERT INTO last_seen (machine, name, seen, marks, installations, own_key) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, seen = max(seen, excluded.seen), marks = marks + ?,
         installations = excluded.installations, own_key = max(own_key, excluded.own_key)`,
      // A name that was forgotten does not count its marks from the same number again: an ETag has it.
      machine,
      name,
      now,
      hasMarked ? now : 0,
      JSON.stringify(Object.fromEntries(newest)),
      Number(hasOwnKey),
      Number(hasMarked),
    );
  }

  /** Forgets the name that was not heard of for the longest time, when there are as many as are kept. */
  #makeRoom(): void {
    this.#db.all(
      `DELETE FROM last_seen WHERE machine =
         (SELECT machine FROM last_seen WHERE own_key = 0 ORDER BY seen DESC LIMIT 1 OFFSET ?)`,
      MAX_UNJOINED - 1,
    );
  }

  /** Whether whoever was heard of under a name used the shared key, and never a machine's own. @param machine - in lower case */
  isUnjoined(machine: string): boolean {
    const row = this.#db.first<{ own_key: number }>("SELECT own_key FROM last_seen WHERE machine = ?", machine);
    return row?.own_key === 0;
  }

  /** How often a machine marked something. @param machine - in lower case */
  marks(machine: string): number {
    return this.#db.first<{ marks: number }>("SELECT marks FROM last_seen WHERE machine = ?", machine)?.marks ?? 0;
  }

  /** Machines that have joined before names that anybody can invent; each the last seen first. */
  all(): SeenMachine[] {
    const statement = "SELECT name, seen, installations, own_key FROM last_seen ORDER BY own_key DESC, seen DESC";
    const rows = this.#db.all<Row>(statement);
    return rows.map(({ name, seen, installations }) => {
      const computers = Object.entries(Installations.parse(JSON.parse(installations))).sort(([, a], [, b]) => b - a);
      return {
        machine: name,
        seenAt: isoTime(seen),
        ...(computers.length > 0 && { installations: computers.map(([id, ms]) => ({ id, seenAt: isoTime(ms) })) }),
      };
    });
  }
}
