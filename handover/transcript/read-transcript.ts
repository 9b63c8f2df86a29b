import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Small enough for the processor's cache. A longer line makes the buffer grow. */
const CHUNK_BYTES = 256 * 1024;

/** A longer line is skipped: it would have to fit into memory, and a handover needs nothing that long. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Yields the lines of a transcript, with one chunk in memory at a time, up to the end of the file at the start of reading:
 * the session may still be writing. The last line may be incomplete. Yields nothing if the file cannot be read.
 *
 * @param isWanted - whether to yield the line between two offsets of a chunk
 * @returns each line's bytes, which are only valid until the next line is requested
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
    /** Bytes at the start of the chunk that belong to an incomplete line. */
    let kept = 0;
    let isTooLong = false;
    while (left > 0) {
      const bytes = readSync(file, chunk, kept, Math.min(chunk.length - kept, left), null);
      if (bytes === 0) break; // the file was truncated in the meantime
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
    // The file system may disappear. The lines read so far have to do.
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
    // The file does not exist yet, or was removed.
  }
  return null;
}
