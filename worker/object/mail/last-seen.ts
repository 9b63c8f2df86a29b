import * as z from "zod";
import type { SeenMachine } from "../../../contract/api.ts";
import { isoTime } from "../../ambient.ts";
import type { Database } from "../database.ts";
import { storedJson } from "../stored-json.ts";

/** Milliseconds since 1970 by installation id. */
const Installations = z.record(z.string(), z.int());

/** More computers with one name than this are a mistake or abuse. */
const MAX_INSTALLATIONS = 20;

/** Most names kept of machines that have not joined, most recently seen first: the shared key can invent any number. */
const MAX_UNJOINED = 200;

/** "Last seen" is exact to a minute, so that a busy machine does not write a row per message. */
const STEP_MS = 60_000;

type Row = {
  readonly name: string;
  readonly seen: number;
  readonly installations: string;
  readonly own_key: number;
};

interface Sighting {
  readonly installation?: string | undefined;
  /** Whether the request had a machine's own key instead of the shared key. */
  readonly hasOwnKey?: boolean;
  /** Whether the request marked a message, which makes the machine's ETags stale. */
  readonly hasMarked?: boolean;
}

/** A machine that has joined and was not revoked. */
export interface JoinedMachine {
  /** Its names, the present one first. */
  readonly names: readonly string[];
  /** When its key was last used, in milliseconds since 1970. */
  readonly seenMs: number;
  /** See {@link Reader.mailSince}; null for a machine that has not joined. */
  readonly mailSince: number | null;
}

/** Knows when each machine last sent, was shown or marked a message. */
export class LastSeen {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  note(name: string, now: number, { installation, hasOwnKey = false, hasMarked = false }: Sighting): void {
    const machine = name.toLowerCase();
    const statement = "SELECT name, seen, installations, own_key FROM last_seen WHERE machine = ?";
    const known = this.#db.first<Row>(statement, machine);
    const installations = storedJson(Installations, known?.installations ?? "{}");
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
      // If the name was forgotten, its count must not restart at a number that an old ETag has.
      machine,
      name,
      now,
      hasMarked ? now : 0,
      JSON.stringify(Object.fromEntries(newest)),
      Number(hasOwnKey),
      Number(hasMarked),
    );
  }

  /** Moves what is known of a machine to its new name. */
  rename(from: string, to: string): void {
    const statement = "UPDATE OR REPLACE last_seen SET machine = ?, name = ? WHERE machine = ?";
    this.#db.all(statement, to.toLowerCase(), to, from.toLowerCase());
  }

  /** Forgets the least recently seen name if the limit is reached. */
  #makeRoom(): void {
    this.#db.all(
      `DELETE FROM last_seen WHERE machine =
         (SELECT machine FROM last_seen WHERE own_key = 0 ORDER BY seen DESC LIMIT 1 OFFSET ?)`,
      MAX_UNJOINED - 1,
    );
  }

  /** Whether a name was seen, and only with the shared key. @param machine - in lower case */
  isUnjoined(machine: string): boolean {
    const row = this.#db.first<{ own_key: number }>("SELECT own_key FROM last_seen WHERE machine = ?", machine);
    return row?.own_key === 0;
  }

  /** Number of marks by a machine. @param machine - in lower case */
  marks(machine: string): number {
    return this.#db.first<{ marks: number }>("SELECT marks FROM last_seen WHERE machine = ?", machine)?.marks ?? 0;
  }

  /**
   * Machines that have joined come first, then names that none of them ever had; most recently seen first in each.
   *
   * @param reserved - the names in lower case of machines that ever joined, revoked ones included
   */
  all(joined: readonly JoinedMachine[], reserved: readonly string[], present: Present): SeenMachine[] {
    const rows = this.#db.all<Row>("SELECT name, seen, installations, own_key FROM last_seen");
    const byName = new Map(rows.map((row) => [row.name.toLowerCase(), row]));
    const members = joined.map((machine) => ({
      ...machine,
      rows: machine.names.flatMap((name) => byName.get(name.toLowerCase()) ?? []),
    }));
    for (const name of reserved) byName.delete(name);
    const others = [...byName.values()].map((row) => ({
      names: [row.name],
      seenMs: row.seen,
      mailSince: null,
      rows: [row],
    }));
    return [members, others].flatMap((machines) => machines.map((machine) => sighted(machine, present)).sort(bySeen));
  }
}

/** The machines that are connected now. */
interface Present {
  /** In lower case. */
  readonly online: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

function sighted(
  { names, seenMs, mailSince, rows }: JoinedMachine & { readonly rows: readonly Row[] },
  { online, now }: Present,
): SeenMachine {
  const isOnline = names.some((name) => online.has(name.toLowerCase()));
  const [machine = "", ...formerNames] = names;
  const computers = new Map<string, number>();
  for (const { installations } of rows) {
    for (const [id, ms] of Object.entries(storedJson(Installations, installations))) {
      computers.set(id, Math.max(ms, computers.get(id) ?? 0));
    }
  }
  const latestFirst = [...computers].sort(([, a], [, b]) => b - a);
  return {
    machine,
    seenAt: isoTime(Math.max(isOnline ? now : seenMs, ...rows.map(({ seen }) => seen))),
    ...(isOnline && { online: true }),
    ...(mailSince !== null && { mailSince: isoTime(mailSince) }),
    ...(formerNames.length > 0 && { formerNames }),
    ...(latestFirst.length > 0 && { installations: latestFirst.map(([id, ms]) => ({ id, seenAt: isoTime(ms) })) }),
  };
}

function bySeen(a: SeenMachine, b: SeenMachine): number {
  return Date.parse(b.seenAt) - Date.parse(a.seenAt);
}
