import { join } from "node:path";
import { Lease } from "./lease.ts";
import type { Paths } from "./paths.ts";
import { numberField, readPrivateJson, recordOf, textField, writePrivateJson } from "./private-file.ts";

/** At most one in this time, and so many in a day, on one machine: a turn costs money, and attention. */
export const WAKE_EVERY_MS = 2 * 60_000;
export const WAKES_A_DAY = 30;

/** For a moment: a file is read and written. */
const LEASE_MS = 5_000;

/** More are not remembered; what came so long ago is told at the next prompt, and wakes nobody. */
const MAX_IDS = 500;

/** What was done for all sessions of this machine. */
export interface Wakes {
  /** Local date of the count, like 2026-11-24. */
  readonly day: string;
  readonly count: number;
  /** This machine's milliseconds since 1970; null before the first. */
  readonly lastAt: number | null;
  /** Messages that somebody was woken for. */
  readonly ids: readonly string[];
}

/** Whether a session may be woken now: yes; no, for these nobody has to be; not yet. */
export type Permission = "granted" | "known" | "too soon" | "enough for today" | "busy";

/**
 * Counts the wakes of all sessions of this machine, so that a message wakes one of them, once. A clock that jumps costs a wake
 * or two, and opens no flood: two minutes have to pass in any case.
 */
export class WakeLedger {
  readonly #file: string;
  readonly #lease: Lease;
  readonly #now: () => number;
  /** On this process's own clock, which never jumps; the file's may. */
  #lastHere: number | null = null;

  /** @param name - `wakes`, or another that is counted apart */
  constructor(paths: Pick<Paths, "wakes" | "leases">, name: string, now: () => number = Date.now) {
    this.#file = join(paths.wakes, `${name}.json`);
    this.#lease = new Lease(join(paths.leases, name), LEASE_MS, now);
    this.#now = now;
  }

  /** Takes a wake for these messages, if one is to be had. @throws the file system's own error: then nobody is woken */
  take(ids: readonly string[]): Permission {
    const refused = this.#refusal(ids); // before anything is written
    if (refused !== null) return refused;
    if (!this.#lease.tryAcquire()) return "busy";
    try {
      const refusedNow = this.#refusal(ids);
      if (refusedNow !== null) return refusedNow;
      const now = this.#now();
      const { count, ids: known, day } = this.read();
      const all = [...new Set([...known, ...ids])].slice(-MAX_IDS);
      writePrivateJson(this.#file, { v: 1, day, count: count + 1, lastAt: now, ids: all });
      this.#lastHere = performance.now();
      return "granted";
    } finally {
      this.#lease.release();
    }
  }

  #refusal(ids: readonly string[]): Exclude<Permission, "granted" | "busy"> | null {
    const { count, lastAt, ids: known } = this.read();
    if (ids.every((id) => known.includes(id))) return "known";
    if (count >= WAKES_A_DAY) return "enough for today";
    const isSoon = lastAt !== null && Math.abs(this.#now() - lastAt) < WAKE_EVERY_MS;
    const isSoonHere = this.#lastHere !== null && performance.now() - this.#lastHere < WAKE_EVERY_MS;
    return isSoon || isSoonHere ? "too soon" : null;
  }

  /** As it is now: a new day begins with none. */
  read(): Wakes {
    const file = readPrivateJson(this.#file);
    const { ids } = recordOf(file) ?? {};
    const today = localDay(this.#now());
    return {
      day: today,
      count: textField(file, "day") === today ? (numberField(file, "count") ?? 0) : 0,
      lastAt: numberField(file, "lastAt") ?? null,
      ids: Array.isArray(ids) ? ids.filter((id): id is string => typeof id === "string") : [],
    };
  }
}

function localDay(now: number): string {
  const at = new Date(now);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
