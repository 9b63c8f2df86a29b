import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { errorCode } from "./disk-error.ts";
import { isRunning } from "./is-running.ts";
import { numberField, readJson, textField } from "./private-file.ts";

const FILE = /^(\d{12})\.json$/;

/**
 * A lease that one process of this machine holds at a time. Another process can acquire it when the holder ends,
 * crashes or hangs, or after a reboot.
 *
 * Each acquisition creates a numbered file in the folder; the process that created the newest one holds the lease. A
 * file can be created only once, so two processes that find the lease free at the same moment cannot both get it. A
 * holder that was suspended (a closed lid) finds a newer file and knows that it lost the lease. Call {@link isHeld}
 * right before each action that only the holder may take.
 *
 * Not guaranteed: a process that is suspended between that call and its action may act at the same time as the next
 * holder. Therefore everything that Photon does under a lease is idempotent.
 */
export class Lease {
  readonly #folder: string;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #token = randomUUID();
  /** The number of this process's file; null if not held. */
  #own: number | null = null;

  /** @param ttlMs - a holder that does not {@link renew} for this long loses the lease */
  constructor(folder: string, ttlMs: number, now: () => number = Date.now) {
    this.#folder = folder;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** Acquires the lease if it is free. @throws the file system's own error (disk full, read-only home) */
  tryAcquire(): boolean {
    const newest = this.#newest();
    if (newest !== null && newest === this.#own) return this.#renewed(newest);
    if (newest !== null && !this.#isFree(newest)) return false;
    const number = (newest ?? 0) + 1;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (!this.#make(number)) return false;
    // If this process was suspended before it created the file, the number may have been used and removed already.
    if (this.#newest() !== number) {
      rmSync(this.#file(number), { force: true });
      return false;
    }
    this.#own = number;
    for (const old of this.#numbers()) if (old < number) rmSync(this.#file(old), { force: true });
    return true;
  }

  /** Whether this process still holds the lease. */
  isHeld(): boolean {
    return this.#own !== null && this.#newest() === this.#own;
  }

  /** Extends the lease. @returns false if it was lost */
  renew(): boolean {
    return this.#own !== null && this.#newest() === this.#own && this.#renewed(this.#own);
  }

  /** Never throws: if a write fails, the lease expires. */
  release(): void {
    if (this.#own === null || !this.isHeld()) return;
    try {
      // The file stays, because its number must not be used again. A process that reads half of it tries again later.
      writeFileSync(this.#file(this.#own), JSON.stringify({ v: 1, token: this.#token, released: 1 }));
    } catch {
      // The lease expires.
    }
    this.#own = null;
  }

  #make(number: number): boolean {
    const holder = { v: 1, token: this.#token, pid: process.pid, host: hostname() };
    try {
      writeFileSync(this.#file(number), JSON.stringify(holder), { flag: "wx", mode: 0o600 });
      return this.#renewed(number);
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      // A full disk creates an empty file, which would look like a holder that is still writing.
      rmSync(this.#file(number), { force: true });
      throw error;
    }
  }

  #renewed(number: number): boolean {
    try {
      const now = this.#now() / 1000;
      utimesSync(this.#file(number), now, now);
      return true;
    } catch {
      return false; // a newer holder has just removed it
    }
  }

  /** Released, not renewed in time (or by a wrong clock), or its process has ended. */
  #isFree(number: number): boolean {
    try {
      const age = this.#now() - statSync(this.#file(number)).mtimeMs;
      if (Math.abs(age) > this.#ttlMs) return true;
      const file = readJson(this.#file(number));
      if (file.state !== "whole") return false; // being written, or its writer crashed: it expires
      if (numberField(file.value, "released") === 1) return true;
      const pid = numberField(file.value, "pid");
      // Several computers may share the home, so the process number counts only on its own host.
      return pid !== undefined && textField(file.value, "host") === hostname() && !isRunning(pid);
    } catch {
      return false; // a newer holder has just removed it
    }
  }

  #newest(): number | null {
    return this.#numbers().at(-1) ?? null;
  }

  #numbers(): number[] {
    try {
      return readdirSync(this.#folder)
        .map((name) => Number(FILE.exec(name)?.[1]))
        .filter((number) => number > 0)
        .sort((a, b) => a - b);
    } catch {
      return []; // no process has acquired it yet
    }
  }

  #file(number: number): string {
    return join(this.#folder, `${String(number).padStart(12, "0")}.json`);
  }
}
