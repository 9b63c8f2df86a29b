import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;

/** A longer line is left out: nothing a handover needs is that long, and it would have to be held in memory whole. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;
const EMPTY = Buffer.alloc(0);

/**
 * The lines of a transcript, one chunk of it in memory at a time, up to where the file ended when the reading began: the
 * session may be writing to it. The last line may be cut short. Nothing when the file is missing or cannot be read.
 *
 * @param isWanted - looks at a line's bytes, which are only valid during the call; the others are not even decoded
 */
export function* transcriptLines(
  path: string,
  isWanted: (line: Buffer) => boolean = () => true,
  chunkBytes: number = CHUNK_BYTES,
): Generator<string> {
  const file = open(path);
  if (file === null) return;
  try {
    const line = new LineInParts();
    for (const chunk of chunksOf(file, chunkBytes)) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
        const whole = line.endWith(chunk.subarray(from, end));
        if (whole !== null && isWanted(whole)) yield whole.toString();
        from = end + 1;
      }
      line.goOnWith(chunk.subarray(from));
    }
    const last = line.endWith(EMPTY);
    if (last !== null && last.length > 0 && isWanted(last)) yield last.toString();
  } finally {
    closeSync(file);
  }
}

/** A line that may reach over several chunks. Copies only such a one: the chunks' memory is used again. */
class LineInParts {
  #parts: Buffer[] = [];
  #bytes = 0;

  goOnWith(part: Buffer): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes <= MAX_LINE_BYTES) this.#parts.push(Buffer.from(part));
    else this.#parts = [];
  }

  /** @returns the whole line, or null when it is too long; the next one begins */
  endWith(rest: Buffer): Buffer | null {
    const bytes = this.#bytes + rest.length;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > MAX_LINE_BYTES) return null;
    return parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
  }
}

/** Always the same piece of memory. */
function* chunksOf(file: number, chunkBytes: number): Generator<Buffer> {
  let left = fstatSync(file).size;
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left));
  while (left > 0) {
    const bytes = readSync(file, chunk, 0, Math.min(chunk.length, left), null);
    if (bytes === 0) return; // it was cut short meanwhile
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
