import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { isRunning } from "./is-running.ts";
import { numberField, textField } from "./private-file.ts";

/** After this wait a running holder counts as hung (it or its disk), and its lock is removed. */
const MAX_WAIT_MS = 250;

/** After this wait the change is tried without the lock: it cannot be acquired (a read-only home with a stale lock). */
const GIVE_UP_MS = 500;

/** A lock of an unknown process or of another computer is stale after this time. */
const STALE_MS = 2_000;

const PAUSE_MS = 3;

/** How often a change is attempted if another process removes the lock during it. */
const MAX_ATTEMPTS = 5;

/**
 * Serialises changes that several processes of this machine make to the same small file. Hooks can use it, because it
 * waits for the lock only briefly.
 *
 * The lock of a killed process is removed at once, the lock of a hung one after a quarter of a second. Before a process
 * replaces the file it checks that it still holds the lock; if it does not, it starts again from the file's new
 * content.
 *
 * Not guaranteed: a process that is suspended for a quarter of a second between that check and the rename overwrites
 * the changes of others. On a disk where no lock can be created, changes are not serialised.
 *
 * @param lockFile - created and removed; its folder is created if it does not exist
 * @param change - reads, then writes if `mayReplace` allows it; returns false if it was not allowed to write
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

/** @returns the content of the lock, which identifies it; null if it cannot be acquired */
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
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Any other error means that another process was faster.
    return !(code === "EACCES" || code === "EROFS" || (code === "EPERM" && process.platform !== "win32"));
  }
  return true;
}

/** Whether the lock is stale: its process has ended, or it names no process of this computer and is old. */
function isLeftOver(file: string, holder: string): boolean {
  try {
    const content: unknown = JSON.parse(holder);
    const pid = numberField(content, "pid");
    if (pid !== undefined && textField(content, "host") === hostname()) return !isRunning(pid);
  } catch {
    // Being written, or its process was killed first.
  }
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
