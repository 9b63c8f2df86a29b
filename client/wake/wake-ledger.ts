import { join } from "node:path";
import { Lease } from "../disk/lease.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, readPrivateJson, recordOf, textField, writePrivateJson } from "../disk/private-file.ts";

/** At most one in this time, and so many in a day, on one machine: a turn costs money, and attention. */
export const WAKE_EVERY_MS = 2 * 60_000;
export const WAKES_A_DAY = 30;
const DAY_MS = 24 * 60 * 60_000;

/** For a moment: a file is read and written. */
const LEASE_MS = 5_000;

/** More are not remembered: three days and more at the limit. Times of a clock that was ahead are among them. */
const MAX_TIMES = 100;
/** A wake names the newest message of each sender and kind. */
const MAX_IDS = 1_000;
/** Projects with an open session on this machine; far more than anybody has. */
const MAX_READERS = 100;

/** What happened, or did not, and when in this machine's milliseconds since 1970. */
export interface Noted {
  readonly at: number;
  /** From closed alphabets: kinds, senders, our own words. */
  readonly what: string;
}

/** What a session is to be woken for. */
export interface WakeBatch {
  /** As whom the session reads: `mac/photon`. Sessions of another project see other messages. */
  readonly reader: string;
  /** The newest message of each sender and kind. */
  readonly messages: readonly WakeMessage[];
}

export interface WakeMessage {
  readonly id: string;
  /** As the bridge wrote it. */
  readonly timestamp: string;
}

/** What was done for all sessions of this machine. */
export interface Wakes {
  /** When, in this machine's milliseconds since 1970. */
  readonly times: readonly number[];
  /** Wakes in the last 24 hours. */
  readonly inDay: number;
  readonly last: Noted | null;
  /** Messages that somebody was woken for. */
  readonly ids: readonly string[];
  /** By reader: the time of the newest message that one of its sessions was woken for. It was told of all before it. */
  readonly upTo: Readonly<Record<string, string>>;
}

/** Whether a session may be woken now: yes; no, somebody was woken for these; not yet. */
export type Permission = "granted" | "known" | "too soon" | "enough for a day" | "busy";

/**
 * Counts the wakes of all sessions of this machine, so that a message wakes one of them, once.
 *
 * Times are compared without their sign: a clock that was set back locks nobody out, and one that jumps to and fro still
 * finds what was counted. What a jump can bring is one wake too early in each other process, and a new day's worth where
 * it is more than a day; the process that woke waits its two minutes on a clock that never jumps.
 */
export class WakeLedger {
  readonly #file: string;
  readonly #heldFile: string;
  readonly #lease: Lease;
  readonly #now: () => number;
  readonly #steadyMs: () => number;
  #lastHere = Number.NEGATIVE_INFINITY;

  /**
   * @param name - `wakes`, or another that is counted apart
   * @param now - milliseconds since 1970
   * @param steadyMs - milliseconds of a clock that nobody can set
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
   * Takes a wake for these messages, if one is to be had.
   *
   * @param what - for the person who asks later
   * @throws the file system's own error: then nobody is woken
   */
  take(batch: WakeBatch, what: string): Permission {
    const refused = this.#refusal(batch); // before anything is written
    if (refused !== null) return refused;
    if (!this.#lease.tryAcquire()) return "busy";
    try {
      const refusedNow = this.#refusal(batch);
      if (refusedNow !== null) return refusedNow;
      if (!this.#lease.isHeld()) return "busy"; // stood still meanwhile
      this.#write(batch, what);
      return "granted";
    } finally {
      this.#lease.release();
    }
  }

  /** Counts one that has happened already, whatever the limits say. @throws as {@link take} */
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

  /** Remembers why somebody was not woken. Never throws: it is only told when somebody asks. */
  hold(what: string): void {
    try {
      writePrivateJson(this.#heldFile, { v: 1, at: this.#now(), what });
    } catch {
      // the disk takes nothing
    }
  }

  /** Why somebody was not woken last; null when nobody ever had to wait. */
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

  #write({ reader, messages }: WakeBatch, what: string): void {
    const { times, ids, upTo } = this.read();
    const { [reader]: before = "", ...others } = upTo;
    const newest = [before, ...messages.map(({ timestamp }) => timestamp)].sort().at(-1) ?? "";
    writePrivateJson(this.#file, {
      v: 1,
      times: [...times, this.#now()].slice(-MAX_TIMES),
      what,
      ids: [...new Set([...ids, ...messages.map(({ id }) => id)])].slice(-MAX_IDS),
      upTo: Object.fromEntries([...Object.entries(others), [reader, newest]].slice(-MAX_READERS)),
    });
    this.#lastHere = this.#steadyMs();
  }
}
