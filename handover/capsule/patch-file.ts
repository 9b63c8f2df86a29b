import { constants, inflateSync } from "node:zlib";
import { type ChangedEntry, NOTHING } from "../git/git-entries.ts";

/** More changed files than a session makes: .gitignore is probably incomplete. Twice as many need too much memory. */
export const MAX_FILES = 10_000;

/** Limit per file: larger files would fill the capsule. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** Limit for all unpacked binary parts of a patch together: git holds them in memory at the same time. */
const MAX_BINARY_BYTES = 64 * 1024 * 1024;

/** Enough encoded lines to unpack the first bytes of a part. */
const MAX_HEAD_LINES = 12;

const BASE_85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/** The part of a git patch for one file. */
export interface PatchPart {
  /** The removed lines with their context; empty for a binary file, or if no line is removed. */
  readonly removedText: () => Buffer;
}

const START = "diff --git ";

/** Splits a patch at its `diff --git` lines. No line within a part can start like that. */
export function splitPatch(patch: Buffer): PatchPart[] {
  const starts: number[] = [];
  for (let at = patch.subarray(0, START.length).toString("latin1") === START ? 0 : -1; at !== -1; ) {
    starts.push(at);
    const next = patch.indexOf(`\n${START}`, at);
    at = next === -1 ? -1 : next + 1;
  }
  return starts.map((start, index) => ({ removedText: () => removedText(patch.subarray(start, starts[index + 1])) }));
}

/** The number of parts for one path: two if its type changes, because git then deletes it and adds it again. */
export function partsFor({ from, to }: ChangedEntry): number {
  return from.mode === NOTHING || to.mode === NOTHING || from.mode.slice(0, 3) === to.mode.slice(0, 3) ? 1 : 2;
}

function removedText(part: Buffer): Buffer {
  const firstHunk = part.indexOf("\n@@ ");
  if (firstHunk === -1) return Buffer.alloc(0);
  const lines: Buffer[] = [];
  let isAny = false;
  for (let at = firstHunk + 1; at < part.length; ) {
    const end = part.indexOf(10, at);
    const next = end === -1 ? part.length : end + 1;
    const sign = part[at];
    if (sign === 0x2d) isAny = true;
    if (sign === 0x2d || sign === 0x20) lines.push(part.subarray(at + 1, next));
    at = next;
  }
  return isAny ? Buffer.concat(lines) : Buffer.alloc(0);
}

/**
 * Whether git would need more memory for a patch than a session's work justifies. Both build and apply check this, so that
 * no capsule is built that the other machine refuses.
 */
export function unpacksToTooMuch(patch: Buffer): boolean {
  let [parts, bytes] = [0, 0];
  for (let at = 0; at !== -1; at = nextLine(patch, at, "diff --git ")) if (++parts > 2 * MAX_FILES + 1) return true;
  for (const kind of ["literal ", "delta "]) {
    for (let at = nextLine(patch, 0, kind); at !== -1; at = nextLine(patch, at, kind)) {
      const size = Math.max(...sizesAt(patch, at, kind));
      bytes += size;
      if (!(size <= 2 * MAX_FILE_BYTES) || bytes > MAX_BINARY_BYTES) return true;
    }
  }
  return false;
}

/** The offset of the next line that starts with `start`, or -1. */
function nextLine(patch: Buffer, from: number, start: string): number {
  const at = patch.indexOf(`\n${start}`, from);
  return at === -1 ? -1 : at + 1;
}

/** The size that a binary part claims; for a delta also the size of its result. NaN if it cannot be read. */
function sizesAt(patch: Buffer, at: number, kind: string): number[] {
  const lines = patch.toString("latin1", at, at + 100 + MAX_HEAD_LINES * 70).split("\n");
  const size = /^[a-z]+ (\d{1,15})$/.exec(lines[0] ?? "")?.[1];
  if (size === undefined) return [Number.NaN];
  return kind === "literal " || size === "0"
    ? [Number(size)]
    : [Number(size), deltaResultSize(lines.slice(1, MAX_HEAD_LINES))];
}

/** A delta starts with two sizes, seven bits per byte: that of its base, then that of its result. */
function deltaResultSize(lines: readonly string[]): number {
  try {
    const code = Buffer.concat(
      lines.slice(0, lines.indexOf("") === -1 ? lines.length : lines.indexOf("")).map(decodeBase85),
    );
    const head = inflateSync(code, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 * MAX_FILE_BYTES });
    let at = head.findIndex((byte) => byte < 0x80) + 1;
    if (at === 0) return Number.NaN;
    for (let [size, factor] = [0, 1]; at < Math.min(head.length, 20); at++, factor *= 128) {
      const byte = head[at] ?? 0;
      size += (byte & 0x7f) * factor;
      if (byte < 0x80) return size;
    }
    return Number.NaN;
  } catch {
    return Number.NaN;
  }
}

/** Decodes one line of git's base 85: a letter for its length in bytes, then five characters per four bytes. */
function decodeBase85(line: string): Buffer {
  const letter = line.charCodeAt(0);
  const length = letter >= 97 ? letter - 70 : letter - 64;
  const bytes = Buffer.alloc(Math.ceil((line.length - 1) / 5) * 4);
  for (let at = 1, to = 0; at < line.length; at += 5, to += 4) {
    let value = 0;
    for (const sign of line.slice(at, at + 5)) value = value * 85 + BASE_85.indexOf(sign);
    bytes.writeUInt32BE(value, to);
  }
  return bytes.subarray(0, length);
}
