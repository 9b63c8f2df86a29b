import { type ChangedEntry, NOTHING } from "../git/git-entries.ts";

/** One file's part of a patch as git writes it. */
export interface PatchPart {
  /** The lines that it takes away, and those around them; nothing for a binary file or when none is taken away. */
  readonly removedText: () => Buffer;
}

const START = "diff --git ";

/** The parts of a patch: no line within one can begin as the first does. */
export function splitPatch(patch: Buffer): PatchPart[] {
  const starts: number[] = [];
  for (let at = patch.subarray(0, START.length).toString("latin1") === START ? 0 : -1; at !== -1; ) {
    starts.push(at);
    const next = patch.indexOf(`\n${START}`, at);
    at = next === -1 ? -1 : next + 1;
  }
  return starts.map((start, index) => ({ removedText: () => removedText(patch.subarray(start, starts[index + 1])) }));
}

/** How many parts a path has: a file that becomes a link, or the other way round, is taken away and added. */
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
