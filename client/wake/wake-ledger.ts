import { join } from "node:path";
import { Lease } from "../disk/lease.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, readPrivateJson, recordOf, textField, writePrivateJson } from "../disk/private-file.ts";

/** One machine wakes a session at most once in this time and so often a day: a turn costs money and attention. */
export const WAKE_EVERY_MS = 2 * 60_000;
export const WAKES_A_DAY = 30;
const DAY_MS = 24 * 60 * 60_000;

/** The lease covers one read and one write of a file. */
const LEASE_MS = 5_000;

/** Remembered wakes: more than three days at the limit, with room for times of a clock that was ahead. */
const MAX_TIMES = 100;
/** Remembered messages; a wake names the newest one of each sender and kind. */
const MAX_IDS = 1_000;
/** Remembered readers: far more projects than have open sessions on one machine. */
const MAX_READERS = 100;

/** A wake that happened or was held back. */
export interface Noted {
  /** By this machine's clock, in milliseconds since 1970. */
  readonly at: number;
  /** Made only of message kinds, sender names and Photon's own words. */
  readonly what: string;
}

/** The messages for which a session should be woken. */
export interface WakeBatch {
  /** The session's reader address: `mac/photon`. Sessions of another project see other messages. */
  readonly reader: string;
  /** The newest message of each sender and kind. */
  readonly messages: readonly WakeMessage[];
}

export interface WakeMessage {
  readonly id: string;
  /** As the bridge wrote it. */
  readonly timestamp: string;
}

/** The wakes of all sessions of this machine. */
export interface Wakes {
  /** By this machine's clock, in milliseconds since 1970. */
  readonly times: readonly number[];
  /** Wakes in the last 24 hours. */
  readonly inDay: number;
  readonly last: Noted | null;
  /** Messages for which a session was woken. */
  readonly ids: readonly string[];
  /** By reader: the time of the newest message for which a session was woken. It covers all older messages. */
  readonly upTo: Readonly<Record<string, string>>;
}

/** Whether a session may be woken now. `known`: a session was woken for these messages already. `busy`: retry later. */
export type Permission = "granted" | "known" | "too soon" | "enough for a day" | "busy";

/**
 * Counts the wakes of all sessions of this machine, so that a message wakes one of them, once.
 *
 * Compares absolute time differences, so a clock that is set back blocks no wakes, and wakes still count after the
 * clock jumps forth and back. A jump can cause one early wake in each other process, and a jump of more than a day
 * resets the daily count. The process that woke a session waits its two minutes on a monotonic clock.
 */
export class WakeLedger {
  readonly #file: string;
  readonly #heldFile: string;
  readonly #lease: Lease;
  readonly #now: () => number;
  readonly #steadyMs: () => number;
  #lastHere = Number.NEGATIVE_INFINITY;
  /** What the last {@link take} of this process replaced, and by what. */
  #taken: { readonly before: unknown; readonly at: number } | null = null;

  /**
   * @param name - `wakes`, or the name of a separate count
   * @param now - milliseconds since 1970
   * @param steadyMs - milliseconds of a monotonic clock
   */
  constructor(
    paths: Pick<Paths, "leases">,
    name: string,
    now: () => number = Date.now,
    steadyMs: () => number = () => performance.now(),
  ) {
    this.#file = join(paths.leases, `${name}.json`);
    this.#heldFile = join(paths.leases, `${name}-held.json`);
    this.#lease = new Lease(join(paths.leases, name), LEASE_MS, now);
    this.#now = now;
    this.#steadyMs = steadyMs;
  }

  /**
   * Records a wake for these messages if the limits allow it.
   *
   * @param what - shown to a person who asks later
   * @throws the file system's own error: then no session may be woken
   */
  take(batch: WakeBatch, what: string): Permission {
    const refused = this.#refusal(batch); // cheap check without the lease
    if (refused !== null) return refused;
    if (!this.#lease.tryAcquire()) return "busy";
    try {
      const refusedNow = this.#refusal(batch);
      if (refusedNow !== null) return refusedNow;
      if (!this.#lease.isHeld()) return "busy"; // suspended, and the lease expired
      const before = readPrivateJson(this.#file);
      this.#taken = { before, at: this.#write(batch, what) };
      return "granted";
    } finally {
      this.#lease.release();
    }
  }

  /**
   * Undoes this process's last {@link take}, whose turn has not begun: the messages may wake another session. Does nothing
   * if a session was woken since, or is just now.
   *
   * @throws the file system's own error
   */
  giveBack(): void {
    const taken = this.#taken;
    this.#taken = null;
    if (taken === null || !this.#lease.tryAcquire()) return;
    try {
      if (this.read().times.at(-1) !== taken.at || !this.#lease.isHeld()) return;
      writePrivateJson(this.#file, taken.before ?? {});
      this.#lastHere = Number.NEGATIVE_INFINITY;
    } finally {
      this.#lease.release();
    }
  }

  /** Records a wake that has happened already, regardless of the limits. @throws like {@link take} */
  note(batch: WakeBatch, what: string): void {
    this.#write(batch, what);
  }

  /** Whether a session of this machine was woken for every message of the batch. */
  isKnown({ reader, messages }: WakeBatch): boolean {
    const { ids, upTo } = this.read();
    const newest = upTo[reader] ?? "";
    return messages.every(({ id, timestamp }) => ids.includes(id) || timestamp <= newest);
  }

  read(): Wakes {
    const file = readPrivateJson(this.#file);
    const { ids, times, upTo } = recordOf(file) ?? {};
    const known = Array.isArray(times) ? times.filter((time): time is number => Number.isFinite(time)) : [];
    const [at, what] = [known.at(-1), textField(file, "what")];
    return {
      times: known,
      inDay: known.filter((time) => Math.abs(this.#now() - time) < DAY_MS).length,
      last: at === undefined || what === undefined ? null : { at, what },
      ids: Array.isArray(ids) ? ids.filter((id): id is string => typeof id === "string") : [],
      upTo: Object.fromEntries(
        Object.entries(recordOf(upTo) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      ),
    };
  }

  /** Records why a session was not woken. Never throws: it is only information. */
  hold(what: string): void {
    try {
      writePrivateJson(this.#heldFile, { v: 1, at: this.#now(), what });
    } catch {
      // The reason is lost.
    }
  }

  /** Why a session was last not woken; null if this never happened. */
  held(): Noted | null {
    const file = readPrivateJson(this.#heldFile);
    const [at, what] = [numberField(file, "at"), textField(file, "what")];
    return at === undefined || what === undefined ? null : { at, what };
  }

  #refusal(batch: WakeBatch): Exclude<Permission, "granted" | "busy"> | null {
    const { times, inDay } = this.read();
    if (this.isKnown(batch)) return "known";
    if (inDay >= WAKES_A_DAY) return "enough for a day";
    const isSoon = times.some((time) => Math.abs(this.#now() - time) < WAKE_EVERY_MS);
    return isSoon || this.#steadyMs() - this.#lastHere < WAKE_EVERY_MS ? "too soon" : null;
  }

  /** @returns the time of the wake */
  #write({ reader, messages }: WakeBatch, what: string): number {
    const at = this.#now();
    const { times, ids, upTo } = this.read();
    const { [reader]: before = "", ...others } = upTo;
    const newest = [before, ...messages.map(({ timestamp }) => timestamp)].sort().at(-1) ?? "";
    writePrivateJson(this.#file, {
      v: 1,
      times: [...times, at].slice(-MAX_TIMES),
      what,
      ids: [...new Set([...ids, ...messages.map(({ id }) => id)])].slice(-MAX_IDS),
      upTo: Object.fromEntries([...Object.entries(others), [reader, newest]].slice(-MAX_READERS)),
    });
    this.#lastHere = this.#steadyMs();
    return at;
  }
}
