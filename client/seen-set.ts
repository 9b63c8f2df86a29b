import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "./paths.ts";

/** Ids in one file; a full one is followed by the next. */
const IDS_PER_FILE = 1_000;

/** Files that are read: together at least 2,000 ids. Older ones are removed. */
const KEPT_FILES = 3;

/** Half an id, which a crash or a full disk may leave, is none. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FILE = /^(\d{9})\.txt$/;

/**
 * The messages this machine was shown lately. The bridge may call a message unread for a minute after it was marked, so
 * whoever shows messages leaves out what is here.
 */
export function readSeen(paths: Paths): Set<string> {
  return new Set(fileNumbers(paths).flatMap((number) => idsIn(paths, number)));
}

/**
 * Remembers that messages were shown. To be called when their text really reached somebody: a crash before that shows
 * them again, one after it does not.
 *
 * Files only grow and nothing is rewritten, so processes that add at the same time lose nothing of each other. Both may
 * have shown the same message by then.
 *
 * @throws the file system's own error (disk full, read-only home): then it is not remembered
 */
export function addSeen(paths: Paths, ids: readonly string[]): void {
  const seen = readSeen(paths);
  const added = ids.filter((id) => !seen.has(id));
  if (added.length === 0) return;
  const newest = fileNumbers(paths).at(-1) ?? 1;
  const number = idsIn(paths, newest).length < IDS_PER_FILE ? newest : newest + 1;
  mkdirSync(paths.seen, { recursive: true, mode: 0o700 });
  // In one write, and on a new line: half a line of a crashed process must not swallow the first id.
  appendFileSync(fileOf(paths, number), `\n${added.join("\n")}\n`, { mode: 0o600 });
  for (const old of fileNumbers(paths).slice(0, -KEPT_FILES)) rmSync(fileOf(paths, old), { force: true });
}

function fileNumbers(paths: Paths): number[] {
  try {
    return readdirSync(paths.seen)
      .map((name) => Number(FILE.exec(name)?.[1]))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
  } catch {
    return []; // nothing was shown yet
  }
}

function idsIn(paths: Paths, number: number): string[] {
  try {
    return readFileSync(fileOf(paths, number), "utf8")
      .split("\n")
      .filter((line) => ID.test(line));
  } catch {
    return []; // another process has just removed it
  }
}

function fileOf(paths: Paths, number: number): string {
  return join(paths.seen, `${String(number).padStart(9, "0")}.txt`);
}
