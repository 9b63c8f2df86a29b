import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Lines in one file; a full one is followed by the next. */
const LINES_PER_FILE = 1_000;

/** Files that are read: together at least 2,000 lines. Older ones are removed. */
const KEPT_FILES = 3;

const FILE = /^(\d{9})\.txt$/;

/**
 * A folder of text files that only grow: nothing is rewritten, so processes that add at the same time lose nothing of each
 * other, and a crash leaves at most half a line, which the reader has to recognise.
 *
 * @returns the lines of at least the last 2,000, oldest first; the empty ones and half ones with them
 */
export function readLines(folder: string): string[] {
  return fileNumbers(folder).flatMap((number) => linesIn(folder, number));
}

/** @throws the file system's own error (disk full, read-only home): then nothing, or half a line, was added */
export function appendLines(folder: string, lines: readonly string[]): void {
  const newest = fileNumbers(folder).at(-1) ?? 1;
  const number = linesIn(folder, newest).filter(Boolean).length < LINES_PER_FILE ? newest : newest + 1;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // In one write, and on a new line: half a line of a crashed process must not swallow the first one.
  appendFileSync(fileOf(folder, number), `\n${lines.join("\n")}\n`, { mode: 0o600 });
  for (const old of fileNumbers(folder).slice(0, -KEPT_FILES)) rmSync(fileOf(folder, old), { force: true });
}

function fileNumbers(folder: string): number[] {
  try {
    return readdirSync(folder)
      .map((name) => Number(FILE.exec(name)?.[1]))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
  } catch {
    return []; // nothing was added yet
  }
}

function linesIn(folder: string, number: number): string[] {
  try {
    return readFileSync(fileOf(folder, number), "utf8").split("\n");
  } catch {
    return []; // another process has just removed it
  }
}

function fileOf(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(9, "0")}.txt`);
}
