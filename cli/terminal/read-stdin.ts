import { UsageError } from "./usage-error.ts";

/**
 * Everything that is piped in, as text without the line end that `echo` adds.
 *
 * @param maxBytes - reading stops soon after this many; what is longer comes back longer, for the caller to refuse
 * @throws UsageError when it is not UTF-8
 */
export async function readStdin(maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > maxBytes + LINE_END_BYTES) break;
  }
  const bytes = Buffer.concat(chunks);
  const isCut = size > maxBytes + LINE_END_BYTES;
  try {
    // A cut may go through a character; the caller refuses the text anyway.
    return new TextDecoder("utf-8", { fatal: !isCut }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    throw new UsageError("What was piped in is not UTF-8 text.");
  }
}

/** CR and LF. */
const LINE_END_BYTES = 2;
