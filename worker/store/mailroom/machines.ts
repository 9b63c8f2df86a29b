import * as z from "zod";
import type { SeenMachine } from "../../../contract/api.ts";
import { isoTime } from "../iso-time.ts";
import type { Tables } from "./tables.ts";

/** Milliseconds since 1970, by the id of the computer. */
const Installations = z.record(z.string(), z.int());

/** A name that more computers claim is somebody's mistake, or mischief. */
const MAX_INSTALLATIONS = 20;

type MachineRow = { readonly name: string; readonly seen: number; readonly installations: string };

interface Sign {
  readonly installation?: string | undefined;
  /** It marked a message: what it was told before is old. */
  readonly hasMarked?: boolean;
}

/** Who sent, was shown or read something, and when last. */
export class Machines {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  note(name: string, now: number, { installation, hasMarked = false }: Sign): void {
    const machine = name.toLowerCase();
    const known = this.#tables.first<MachineRow>(
      "SELECT name, seen, installations FROM machines WHERE machine = ?",
      machine,
    );
    const { [installation ?? ""]: _, ...others } = Installations.parse(JSON.parse(known?.installations ?? "{}"));
    const installations = installation === undefined ? others : { [installation]: now, ...others };
    const newest = Object.entries(installations)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_INSTALLATIONS);
    this.#tables.all(
      `INSERT INTO machines (machine, name, seen, marks, installations) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, seen = max(seen, excluded.seen), marks = marks + excluded.marks,
         installations = excluded.installations`,
      ...[machine, name, now, hasMarked ? 1 : 0, JSON.stringify(Object.fromEntries(newest))],
    );
  }

  /** How often a machine marked something. */
  marks(machine: string): number {
    return this.#tables.first<{ marks: number }>("SELECT marks FROM machines WHERE machine = ?", machine)?.marks ?? 0;
  }

  /** The last seen first. */
  all(): SeenMachine[] {
    const rows = this.#tables.all<MachineRow>("SELECT name, seen, installations FROM machines ORDER BY seen DESC");
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
