import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Small enough to stay in the processor's own memory. A longer line makes it grow. */
const CHUNK_BYTES = 256 * 1024;

/** A longer line is left out: nothing a handover needs is that long, and it would have to be held in memory whole. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * The lines of a transcript, one chunk of it in memory at a time, up to where the file ended when the reading began: the
 * session may be writing to it. The last line may be cut short. Nothing when the file is missing or cannot be read.
 *
 * @param isWanted - looks at the line between two places of a chunk; the others are left out
 * @returns each line's bytes, which are only valid until the next one is asked for
 */
export function* transcriptLines(
  path: string,
  isWanted: (chunk: Buffer, begin: number, end: number) => boolean = () => true,
  chunkBytes: number = CHUNK_BYTES,
): Generator<Buffer> {
  const file = open(path);
  if (file === null) return;
  try {
    let left = fstatSync(file).size;
    let chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, left));
    /** Of the chunk, what is read and not yet given: the beginning of a line. */
    let kept = 0;
    let isTooLong = false;
    while (left > 0) {
      const bytes = readSync(file, chunk, kept, Math.min(chunk.length - kept, left), null);
      if (bytes === 0) break; // it was cut short meanwhile
      left -= bytes;
      const end = kept + bytes;
      let from = 0;
      for (
        let feed = chunk.indexOf(LINE_FEED, kept);
        feed !== -1 && feed < end;
        feed = chunk.indexOf(LINE_FEED, from)
      ) {
        isTooLong ||= feed - from > MAX_LINE_BYTES;
        if (!isTooLong && isWanted(chunk, from, feed)) yield chunk.subarray(from, feed);
        isTooLong = false;
        from = feed + 1;
      }
      isTooLong ||= end - from > MAX_LINE_BYTES;
      kept = isTooLong ? 0 : end - from;
      const isFull = kept === chunk.length;
      const next = isFull ? Buffer.allocUnsafeSlow(2 * kept) : chunk;
      chunk.copy(next, 0, from, from + kept);
      chunk = next;
    }
    if (kept > 0 && isWanted(chunk, 0, kept)) yield chunk.subarray(0, kept);
  } catch {
    // What could be read so far has to do: a file system may go away.
  } finally {
    closeSync(file);
  }
}

function open(path: string): number | null {
  try {
    const file = openSync(path, "r");
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch {
    // Not written yet, or already removed.
  }
  return null;
}
