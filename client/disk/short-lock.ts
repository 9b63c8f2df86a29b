import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { parseJson } from "../../contract/parse-json.ts";
import { errorCode } from "./disk-error.ts";
import { isRunning } from "./is-running.ts";
import { numberField, textField } from "./private-file.ts";

/**
 * A running process that holds the lock for this long counts as hung (it or its disk), and its lock is removed. On a busy
 * machine, a process may pause for some hundred milliseconds between two of its steps.
 */
const MAX_HELD_MS = 500;

/** The default wait for a lock that others take again and again, or that cannot be removed. */
const GIVE_UP_MS = 1_000;

/** A lock of an unknown process or of another computer is stale after this time. */
const STALE_MS = 2_000;

const PAUSE_MS = 3;

/** More changes by others during one change are not contention but a fault. */
const MAX_ATTEMPTS = 100;

/**
 * Serialises changes that several processes of this machine make to the same small file. Hooks can use it, because it
 * waits for the lock only briefly.
 *
 * The lock of a killed process is removed at once, the lock of a hung one after half a second. Before a process
 * replaces the file it checks that it still holds the lock and that the content is the one it changed; otherwise it
 * starts again from the new content.
 *
 * Not guaranteed: a process that is suspended between that check and the rename, for as long as it takes another to
 * give up waiting and to write, overwrites the other's change.
 *
 * @param lockFile - created and removed; its folder is created if it does not exist
 * @param read - the content that the change starts from, comparable as JSON
 * @param change - writes if `mayReplace` allows it; returns false if it was not allowed to write. May be called more
 *   than once
 * @param giveUpMs - after this wait the change is made without the lock
 * @throws what `read` and `change` throw
 */
export function changeUnderLock<T>(
  lockFile: string,
  read: () => T,
  change: (before: T, mayReplace: () => boolean) => boolean,
  giveUpMs: number = GIVE_UP_MS,
): void {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const own = takeLock(lockFile, giveUpMs);
    const isHeld = () => contentOf(lockFile) === own;
    try {
      const before = read();
      const isUnchanged = () => JSON.stringify(read()) === JSON.stringify(before);
      // The lock last: reading the file may take long, and the lock may be lost meanwhile.
      if (change(before, () => isUnchanged() && (own === null || isHeld()))) return;
    } finally {
      if (own !== null && isHeld()) quietly(() => rmSync(lockFile, { force: true }));
    }
  }
  throw new Error(`Other processes keep changing what ${lockFile} protects.`);
}

/** @returns the content of the lock, which identifies it; null if it cannot be acquired */
function takeLock(file: string, giveUpMs: number): string | null {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  const start = performance.now();
  let holder: string | null = null;
  let heldSince = start;
  quietly(() => mkdirSync(dirname(file), { recursive: true, mode: 0o700 }));
  for (;;) {
    const made = make(file, own);
    if (made !== "busy") return made === "made" ? own : null;
    const now = performance.now();
    if (now - start >= giveUpMs) return null;
    const current = contentOf(file);
    if (current !== holder) [holder, heldSince] = [current, now];
    if (holder !== null && (now - heldSince >= MAX_HELD_MS || isLeftOver(file, holder))) {
      if (!takeAway(file, holder)) return null; // a read-only folder: waiting does not help
    } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

function make(file: string, content: string): "made" | "busy" | "impossible" {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    const code = errorCode(error);
    // Windows reports EPERM for a file that is being removed.
    return code === "EEXIST" || (code === "EPERM" && process.platform === "win32") ? "busy" : "impossible";
  }
  try {
    writeFileSync(handle, content);
    return "made";
  } catch {
    quietly(() => rmSync(file, { force: true })); // a full disk creates an empty file
    return "impossible";
  } finally {
    closeSync(handle);
  }
}

/**
 * Removes the lock of this holder only. Another process may have acquired the lock since it was read; then its lock is
 * put back, and a process that acquired it in between notices that before it replaces anything.
 *
 * @returns false if the folder is read-only
 */
function takeAway(file: string, holder: string): boolean {
  const taken = `${file}.${randomUUID()}`;
  try {
    renameSync(file, taken);
    if (contentOf(taken) === holder) rmSync(taken, { force: true });
    else renameSync(taken, file);
  } catch (error) {
    const code = errorCode(error);
    // Any other error means that another process was faster.
    return !(code === "EACCES" || code === "EROFS" || (code === "EPERM" && process.platform !== "win32"));
  }
  return true;
}

/** Whether the lock is stale: its process has ended, or it names no process of this computer and is old. */
function isLeftOver(file: string, holder: string): boolean {
  const content = parseJson(holder); // undefined while it is being written, or if its process was killed first
  const pid = numberField(content, "pid");
  if (pid !== undefined && textField(content, "host") === hostname()) return !isRunning(pid);
  try {
    return Math.abs(Date.now() - statSync(file).mtimeMs) > STALE_MS;
  } catch {
    return false; // it has just been removed
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
    // Writing the file itself reports the same problem.
  }
}
