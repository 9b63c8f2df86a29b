import { constants, inflateSync } from "node:zlib";
import { MAX_FILE_BYTES } from "./exclusions.ts";

/** More changed files than a session makes: something is missing from .gitignore. Twice as many take too much memory. */
export const MAX_FILES = 10_000;

/** All binary parts of a patch together, unfolded: git holds them at the same time. */
const MAX_BINARY_BYTES = 64 * 1024 * 1024;

/** Enough of a part for the start of what it unfolds to, however its code is written down. */
const MAX_HEAD_LINES = 12;

const BASE_85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/**
 * Whether git would take more memory for a patch than a session's work needs. Both sides ask: nothing is built that is
 * refused when it arrives.
 */
export function unfoldsToTooMuch(patch: Buffer): boolean {
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

/** Where the next line begins that starts so; -1: there is none. */
function nextLine(patch: Buffer, from: number, start: string): number {
  const at = patch.indexOf(`\n${start}`, from);
  return at === -1 ? -1 : at + 1;
}

/** The size that a part says it has; of a difference also that of what it makes. NaN when it cannot be read. */
function sizesAt(patch: Buffer, at: number, kind: string): number[] {
  const lines = patch.toString("latin1", at, at + 100 + MAX_HEAD_LINES * 70).split("\n");
  const size = /^[a-z]+ (\d{1,15})$/.exec(lines[0] ?? "")?.[1];
  if (size === undefined) return [Number.NaN];
  return kind === "literal " || size === "0" ? [Number(size)] : [Number(size), madeBy(lines.slice(1, MAX_HEAD_LINES))];
}

/** A difference begins with two sizes, seven bits in each byte: of what it is made from, and of what it makes. */
function madeBy(lines: readonly string[]): number {
  try {
    const code = Buffer.concat(
      lines.slice(0, lines.indexOf("") === -1 ? lines.length : lines.indexOf("")).map(decoded),
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

/** One line of git's base 85: a letter for how many bytes it has, then five signs for each four of them. */
function decoded(line: string): Buffer {
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
