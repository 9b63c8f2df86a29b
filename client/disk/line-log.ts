import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { namesIn, writePrivateFile } from "./private-file.ts";

/** A file that has so much is followed by the next one. */
const FULL_BYTES = 128 * 1024;

/** Of each kind so many lines stay at least. */
const KEPT_LINES = 2_000;

/** When there are more, the oldest is folded into the one after it. */
const MAX_FILES = 3;

const FILE = /^(\d{9})\.txt$/;

/**
 * A folder of text files that only grow: processes that add at the same time lose nothing of each other, and a crash leaves
 * at most half a line, which the reader has to recognise. The last 2,000 lines of each kind stay at least. For that the
 * oldest file, when it is one too many, is folded into the next one, to which nobody adds any more.
 *
 * @returns the lines, oldest first; empty ones, half ones and, after a crash, repeated ones with them
 */
export function readLines(folder: string): string[] {
  return fileNumbers(folder).flatMap((number) => linesIn(folder, number));
}

/**
 * @param kindOf - of a line; null of one that is to be forgotten (half a line)
 * @throws the file system's own error (disk full, read-only home): then nothing, or half a line, was added
 */
export function appendLines(folder: string, lines: readonly string[], kindOf: (line: string) => string | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    const newest = fileNumbers(folder).at(-1) ?? 1;
    const number = sizeOf(folder, newest) < FULL_BYTES ? newest : newest + 1;
    // In one write, and on a new line: half a line of a crashed process must not swallow the first one.
    appendFileSync(fileOf(folder, number), `\n${lines.join("\n")}\n`, { mode: 0o600 });
    if (number > newest) fold(folder, kindOf);
    // A process that stood still before its write may have added to a file that was folded meanwhile: then once more.
    if ((fileNumbers(folder).at(-1) ?? number) < number + MAX_FILES - 1) return;
  }
}

/**
 * Moves the lines worth keeping from the oldest file into the next one. Processes that do it at the same time write the
 * same; after a crash in between it is done again. If it fails (full disk), there is only more to read.
 */
function fold(folder: string, kindOf: (line: string) => string | null): void {
  const [oldest, next, ...newer] = fileNumbers(folder);
  if (oldest === undefined || next === undefined || newer.length < MAX_FILES - 1) return;
  const old = linesIn(folder, oldest); // before the next one: when it is gone, somebody has put it in there
  const older = new Set([...old, ...linesIn(folder, next)]);
  const younger = new Set(newer.flatMap((number) => linesIn(folder, number)));
  const counts = new Map<string, number>();
  const isKept = (line: string) => {
    const kind = kindOf(line);
    const count = (counts.get(kind ?? "") ?? 0) + 1;
    counts.set(kind ?? "", count);
    return kind !== null && count <= KEPT_LINES;
  };
  for (const line of younger) isKept(line); // counts it
  const kept = [...older].reverse().filter((line) => !younger.has(line) && isKept(line));
  try {
    writePrivateFile(fileOf(folder, next), `${kept.reverse().join("\n")}\n`);
    rmSync(fileOf(folder, oldest), { force: true });
    fold(folder, kindOf); // a disk that took nothing before may have left more of them
  } catch {
    // A full or read-only disk: there is only more to read.
  }
}

function fileNumbers(folder: string): number[] {
  return namesIn(folder, FILE).map((name) => Number(FILE.exec(name)?.[1]));
}

function sizeOf(folder: string, number: number): number {
  return statSync(fileOf(folder, number), { throwIfNoEntry: false })?.size ?? 0;
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
