import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Small enough for the processor's cache. A longer line makes the buffer grow. */
const CHUNK_BYTES = 256 * 1024;

/** A longer line is skipped: it would have to fit into memory, and a handover needs nothing that long. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;

/** Like Node's `readSync`: reads into a part of the buffer, from a position of an open file, and returns how much. */
export type ReadAt = (file: number, buffer: Buffer, offset: number, length: number, position: number) => number;

/** Where a reading of an open file begins, and what it yields. All have a default. */
interface Reading {
  /** The offset of a line's first byte. */
  readonly from?: number;
  /** Whether to yield the line between two offsets of a chunk. */
  readonly isWanted?: (chunk: Buffer, begin: number, end: number) => boolean;
  readonly chunkBytes?: number;
  readonly readAt?: ReadAt;
}

/** Where a reading ended. */
interface ReadingEnd {
  /** The offset behind the last line that has an end. */
  readonly offset: number;
  /** The line behind it, which may be incomplete; null if there is none, or if it is unwanted. */
  readonly rest: Buffer | null;
}

/**
 * Yields the lines of a transcript, with one chunk in memory at a time, up to the end of the file at the start of reading:
 * the session may still be writing. The last line may be incomplete. Yields nothing if the file cannot be read.
 *
 * @returns each line's bytes, which are only valid until the next line is requested
 */
export function* transcriptLines(
  path: string,
  isWanted?: NonNullable<Reading["isWanted"]>,
  chunkBytes: number = CHUNK_BYTES,
): Generator<Buffer> {
  const file = openTranscript(path);
  if (file === null) return;
  try {
    const { rest } = yield* linesOf(file, { ...(isWanted && { isWanted }), chunkBytes });
    if (rest !== null) yield rest;
  } finally {
    closeSync(file);
  }
}

/** Like {@link transcriptLines}, from an open file: yields only lines that have an end, and returns where that is. */
export function* linesOf(
  file: number,
  { from = 0, isWanted = () => true, chunkBytes = CHUNK_BYTES, readAt = readSync }: Reading = {},
): Generator<Buffer, ReadingEnd, undefined> {
  /** The offset behind the last line. */
  let offset = from;
  try {
    let position = from;
    let left = fstatSync(file).size - from;
    let chunk = Buffer.allocUnsafeSlow(Math.max(0, Math.min(chunkBytes, left)));
    /** Bytes at the start of the chunk that belong to an incomplete line. */
    let kept = 0;
    let isTooLong = false;
    while (left > 0) {
      const bytes = readAt(file, chunk, kept, Math.min(chunk.length - kept, left), position);
      if (bytes === 0) break; // the file was truncated in the meantime
      left -= bytes;
      position += bytes;
      const end = kept + bytes;
      let begin = 0;
      for (
        let feed = chunk.indexOf(LINE_FEED, kept);
        feed !== -1 && feed < end;
        feed = chunk.indexOf(LINE_FEED, begin)
      ) {
        isTooLong ||= feed - begin > MAX_LINE_BYTES;
        if (!isTooLong && isWanted(chunk, begin, feed)) yield chunk.subarray(begin, feed);
        isTooLong = false;
        begin = feed + 1;
        offset = position - (end - begin);
      }
      isTooLong ||= end - begin > MAX_LINE_BYTES;
      kept = isTooLong ? 0 : end - begin;
      const isFull = kept === chunk.length;
      const next = isFull ? Buffer.allocUnsafeSlow(2 * kept) : chunk;
      chunk.copy(next, 0, begin, begin + kept);
      chunk = next;
    }
    if (kept > 0 && isWanted(chunk, 0, kept)) return { offset, rest: chunk.subarray(0, kept) };
  } catch {
    // The file system may disappear. The lines read so far have to do.
  }
  return { offset, rest: null };
}

/** @returns null if the file does not exist, or is none */
export function openTranscript(path: string): number | null {
  try {
    const file = openSync(path, "r");
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch {
    // The file does not exist yet, or was removed.
  }
  return null;
}
