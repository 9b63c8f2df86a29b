import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isRunning } from "./is-running.ts";
import { numberField, readJson, textField } from "./private-file.ts";

const FILE = /^(\d{12})\.json$/;

/**
 * Something only one process of this machine has at a time, and that the next one gets when its holder ends, dies, hangs
 * or the machine starts anew.
 *
 * The folder has one file for each time it was taken, numbered; who made the newest has it, and a file can be made only
 * once. So two processes that find it free at the same moment cannot both get it, and a holder that was stopped for a
 * while (a closed lid) finds a newer file and knows that it has it no more. To be asked with {@link isHeld} right before
 * doing what only one may do.
 *
 * Not guaranteed: a process that is stopped between that question and what it does then may do it beside the next
 * holder. What Photon does under a lease can therefore be repeated.
 */
export class Lease {
  readonly #folder: string;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #token = randomUUID();
  /** The number of our file; null when we hold nothing. */
  #own: number | null = null;

  /** @param ttlMs - a holder that did not {@link renew} it for so long has lost it */
  constructor(folder: string, ttlMs: number, now: () => number = Date.now) {
    this.#folder = folder;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** Takes it when it is free. @throws the file system's own error (disk full, read-only home) */
  tryAcquire(): boolean {
    const newest = this.#newest();
    if (newest !== null && newest === this.#own) return this.#renewed(newest);
    if (newest !== null && !this.#isFree(newest)) return false;
    const number = (newest ?? 0) + 1;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (!this.#make(number)) return false;
    // Who stood still between looking and making may have made a number that was used and tidied away meanwhile.
    if (this.#newest() !== number) {
      rmSync(this.#file(number), { force: true });
      return false;
    }
    this.#own = number;
    for (const old of this.#numbers()) if (old < number) rmSync(this.#file(old), { force: true });
    return true;
  }

  /** Whether this process has it still. */
  isHeld(): boolean {
    return this.#own !== null && this.#newest() === this.#own;
  }

  /** Says that its holder is alive. @returns false when it is somebody else's by now */
  renew(): boolean {
    return this.#own !== null && this.#newest() === this.#own && this.#renewed(this.#own);
  }

  /** Gives it back. Never throws: then it is free after its time. */
  release(): void {
    if (this.#own === null || !this.isHeld()) return;
    try {
      // The file stays: its number must not be used again. Half of it read is no harm: whoever wants it asks again.
      writeFileSync(this.#file(this.#own), JSON.stringify({ v: 1, token: this.#token, released: 1 }));
    } catch {
      // the disk takes nothing
    }
    this.#own = null;
  }

  #make(number: number): boolean {
    const holder = { v: 1, token: this.#token, pid: process.pid, host: hostname() };
    try {
      writeFileSync(this.#file(number), JSON.stringify(holder), { flag: "wx", mode: 0o600 });
      return this.#renewed(number);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
      // On a full disk the name is made and the rest is not: it would look like one who has just begun.
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
      return false; // somebody has just tidied it away
    }
  }

  /** Given back, not renewed in time (or by a clock that was far off), or its process is gone. */
  #isFree(number: number): boolean {
    try {
      const age = this.#now() - statSync(this.#file(number)).mtimeMs;
      if (Math.abs(age) > this.#ttlMs) return true;
      const file = readJson(this.#file(number));
      if (file.state !== "whole") return false; // being written, or its writer died: free after its time
      if (numberField(file.value, "released") === 1) return true;
      const pid = numberField(file.value, "pid");
      // A home that several computers share has process numbers of all of them.
      return pid !== undefined && textField(file.value, "host") === hostname() && !isRunning(pid);
    } catch {
      return false; // it has just gone: somebody made a newer one
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
      return []; // nobody ever had it
    }
  }

  #file(number: number): string {
    return join(this.#folder, `${String(number).padStart(12, "0")}.json`);
  }
}
