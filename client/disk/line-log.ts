import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { namesIn, writePrivateFile } from "./private-file.ts";

/** After this size the log continues in a new file. */
const FULL_BYTES = 128 * 1024;

/** The log keeps at least this many lines of each kind. */
const KEPT_LINES = 2_000;

/** If there are more, the oldest is merged into the next one. */
const MAX_FILES = 3;

const FILE = /^(\d{9})\.txt$/;

/**
 * Reads a folder of text files to which processes only append. Processes that append at the same time do not overwrite
 * each other, and a crash leaves at most half a line, which the reader must recognise. The folder keeps at least the
 * last 2,000 lines of each kind: if it has too many files, the oldest is merged into the next one, to which no process
 * appends anymore.
 *
 * @returns the lines, oldest first, including empty and half lines and, after a crash, repeated ones
 */
export function readLines(folder: string): string[] {
  return fileNumbers(folder).flatMap((number) => linesIn(folder, number));
}

/**
 * @param kindOf - returns the kind of a line; null for one that must not be kept (half a line)
 * @throws the file system's own error (disk full, read-only home): then nothing, or half a line, was added
 */
export function appendLines(folder: string, lines: readonly string[], kindOf: (line: string) => string | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    const newest = fileNumbers(folder).at(-1) ?? 1;
    const number = sizeOf(folder, newest) < FULL_BYTES ? newest : newest + 1;
    // One write that begins with a line break: a half line of a crashed process must not swallow the first line.
    appendFileSync(fileOf(folder, number), `\n${lines.join("\n")}\n`, { mode: 0o600 });
    if (number > newest) fold(folder, kindOf);
    // If this process was suspended before its write, its file may have been merged already: append again.
    if ((fileNumbers(folder).at(-1) ?? number) < number + MAX_FILES - 1) return;
  }
}

/**
 * Moves the lines worth keeping from the oldest file into the next one. Processes that do this at the same time write
 * the same content, and after a crash it is repeated. If it fails (full disk), only reading takes longer.
 */
function fold(folder: string, kindOf: (line: string) => string | null): void {
  const [oldest, next, ...newer] = fileNumbers(folder);
  if (oldest === undefined || next === undefined || newer.length < MAX_FILES - 1) return;
  const old = linesIn(folder, oldest); // read first: if it is gone, the next file already has its lines
  const older = new Set([...old, ...linesIn(folder, next)]);
  const younger = new Set(newer.flatMap((number) => linesIn(folder, number)));
  const counts = new Map<string, number>();
  const isKept = (line: string) => {
    const kind = kindOf(line);
    const count = (counts.get(kind ?? "") ?? 0) + 1;
    counts.set(kind ?? "", count);
    return kind !== null && count <= KEPT_LINES;
  };
  for (const line of younger) isKept(line); // only counts it
  const kept = [...older].reverse().filter((line) => !younger.has(line) && isKept(line));
  try {
    writePrivateFile(fileOf(folder, next), `${kept.reverse().join("\n")}\n`);
    rmSync(fileOf(folder, oldest), { force: true });
    fold(folder, kindOf); // earlier failures may have left more files
  } catch {
    // On a full or read-only disk only reading takes longer.
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
