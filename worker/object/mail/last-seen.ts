import * as z from "zod";
import type { SeenMachine } from "../../../contract/api.ts";
import { isoTime } from "../../iso-time.ts";
import type { Database } from "../database.ts";

/** Milliseconds since 1970, by the id of the computer. */
const Installations = z.record(z.string(), z.int());

/** More computers under one name are somebody's mistake, or mischief. */
const MAX_INSTALLATIONS = 20;

/** "Last seen" is exact to a minute, which saves a busy machine a row written for each message. */
const STEP_MS = 60_000;

type Row = { readonly name: string; readonly seen: number; readonly installations: string };

interface Sign {
  readonly installation?: string | undefined;
  /** It marked a message, so that an earlier answer to it is old. */
  readonly hasMarked?: boolean;
}

/** The machines that sent, were shown or marked something, and when last. */
export class LastSeen {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  note(name: string, now: number, { installation, hasMarked = false }: Sign): void {
    const machine = name.toLowerCase();
    const known = this.#db.first<Row>("SELECT name, seen, installations FROM last_seen WHERE machine = ?", machine);
    const installations = Installations.parse(JSON.parse(known?.installations ?? "{}"));
    const isRecent = (at: number | undefined) => at !== undefined && Math.abs(now - at) < STEP_MS;
    const isKnown = installation === undefined || isRecent(installations[installation]);
    if (!hasMarked && known?.name === name && isRecent(known.seen) && isKnown) return;
    if (installation !== undefined) installations[installation] = now;
    const newest = Object.entries(installations)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_INSTALLATIONS);
    this.#db.all(
      `INSERT INTO last_seen (machine, name, seen, marks, installations) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, seen = max(seen, excluded.seen), marks = marks + excluded.marks,
         installations = excluded.installations`,
      ...[machine, name, now, hasMarked ? 1 : 0, JSON.stringify(Object.fromEntries(newest))],
    );
  }

  /** How often a machine marked something. @param machine - in lower case */
  marks(machine: string): number {
    return this.#db.first<{ marks: number }>("SELECT marks FROM last_seen WHERE machine = ?", machine)?.marks ?? 0;
  }

  /** The last seen first. */
  all(): SeenMachine[] {
    const rows = this.#db.all<Row>("SELECT name, seen, installations FROM last_seen ORDER BY seen DESC");
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
