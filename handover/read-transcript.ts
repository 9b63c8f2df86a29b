import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;

/** A longer line is left out: nothing a handover needs is that long, and it would have to be held in memory whole. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * The lines of a transcript, one chunk of it in memory at a time, up to where the file ended when the reading began: the
 * session may be writing to it. The last line may be cut short. Nothing when the file is missing or cannot be read.
 */
export function* transcriptLines(path: string, chunkBytes: number = CHUNK_BYTES): Generator<string> {
  const file = open(path);
  if (file === null) return;
  try {
    let start: Buffer[] = []; // of a line that goes on in the next chunk
    let startBytes = 0;
    for (const chunk of chunksOf(file, chunkBytes)) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
        const rest = chunk.subarray(from, end);
        if (startBytes + rest.length <= MAX_LINE_BYTES) yield Buffer.concat([...start, rest]).toString();
        start = [];
        startBytes = 0;
        from = end + 1;
      }
      startBytes += chunk.length - from;
      if (startBytes <= MAX_LINE_BYTES) start.push(chunk.subarray(from));
      else start = [];
    }
    if (startBytes > 0 && startBytes <= MAX_LINE_BYTES) yield Buffer.concat(start).toString();
  } finally {
    closeSync(file);
  }
}

function* chunksOf(file: number, chunkBytes: number): Generator<Buffer> {
  let left = fstatSync(file).size;
  while (left > 0) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left)); // a new one each time: lines keep parts of it
    const bytes = readSync(file, chunk);
    if (bytes === 0) return;
    left -= bytes;
    yield chunk.subarray(0, bytes);
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
