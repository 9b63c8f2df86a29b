import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { isRunning } from "./is-running.ts";
import { numberField, textField } from "./private-file.ts";

/** A holder that lives has it so long at most: then it hangs, or its disk does, and the lock is taken from it. */
const MAX_WAIT_MS = 250;

/** After that the lock cannot be had at all (a read-only home with an old lock in it), and the change is tried without. */
const GIVE_UP_MS = 500;

/** A lock that does not say whose it is, or is another computer's, is left over after that. */
const STALE_MS = 2_000;

const PAUSE_MS = 3;

/** How often a change is worked out again because the lock was taken away meanwhile. */
const MAX_ATTEMPTS = 5;

/**
 * Reads and changes something that other processes of this machine change too, one after another, without waiting for
 * anything but the disk: for hooks, which have no time, and for files that are small.
 *
 * A holder that was killed is followed at once, and one that stands still after a quarter of a second; before it replaces
 * anything it asks whether it still holds the lock, and otherwise begins again with what is there by then.
 *
 * Not guaranteed: a process that is stopped for a quarter of a second between that question and the rename that follows
 * undoes what was changed meanwhile. On a disk that takes no lock everybody changes as they come.
 *
 * @param lockFile - made and removed; its folder is made when it is not there
 * @param change - reads, and writes as long as it is told that it may replace; false when it was not allowed to
 * @throws what `change` throws
 */
export function changeUnderLock(lockFile: string, change: (mayReplace: () => boolean) => boolean): void {
  for (let attempt = 1; ; attempt++) {
    const own = takeLock(lockFile);
    try {
      if (change(() => own === null || attempt === MAX_ATTEMPTS || contentOf(lockFile) === own)) return;
    } finally {
      if (own !== null && contentOf(lockFile) === own) quietly(() => rmSync(lockFile, { force: true }));
    }
  }
}

/** @returns what is in the lock, to know it again; null when none can be had */
function takeLock(file: string): string | null {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  const start = performance.now();
  quietly(() => mkdirSync(dirname(file), { recursive: true, mode: 0o700 }));
  for (;;) {
    const made = make(file, own);
    if (made !== "busy") return made === "made" ? own : null;
    const waitedMs = performance.now() - start;
    if (waitedMs >= GIVE_UP_MS) return null;
    const holder = contentOf(file);
    if (holder !== null && (waitedMs >= MAX_WAIT_MS || isLeftOver(file, holder))) {
      if (!takeAway(file, holder)) return null; // a read-only folder: waiting does not help
    } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

function make(file: string, content: string): "made" | "busy" | "impossible" {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Windows says EPERM of a name that is just being removed.
    return code === "EEXIST" || (code === "EPERM" && process.platform === "win32") ? "busy" : "impossible";
  }
  try {
    writeFileSync(handle, content);
    return "made";
  } catch {
    quietly(() => rmSync(file, { force: true })); // a full disk gives the name, and no room for the rest
    return "impossible";
  } finally {
    closeSync(handle);
  }
}

/**
 * Removes the lock of this holder and of no other: between looking and removing another process may have taken it. Then
 * it is put back; who came between finds that out before it replaces anything.
 *
 * @returns false when the folder does not allow it
 */
function takeAway(file: string, holder: string): boolean {
  const taken = `${file}.${randomUUID()}`;
  try {
    renameSync(file, taken);
    if (contentOf(taken) === holder) rmSync(taken, { force: true });
    else renameSync(taken, file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Otherwise another process was faster.
    return !(code === "EACCES" || code === "EROFS" || (code === "EPERM" && process.platform !== "win32"));
  }
  return true;
}

/** Whether its process is gone. One that was killed before it could write into it is known by the lock's age. */
function isLeftOver(file: string, holder: string): boolean {
  try {
    const content: unknown = JSON.parse(holder);
    const pid = numberField(content, "pid");
    if (pid !== undefined && textField(content, "host") === hostname()) return !isRunning(pid);
  } catch {
    // being written at this moment, or never
  }
  try {
    return Math.abs(Date.now() - statSync(file).mtimeMs) > STALE_MS;
  } catch {
    return false; // it has just gone
  }
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // What cannot be made or removed here shows where the file itself is written.
  }
}
