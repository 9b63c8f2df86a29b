import { UsageError } from "../../screens/failure.ts";

/** The part of stdin that commands use. */
export interface Input extends AsyncIterable<string | Uint8Array> {
  readonly isTTY?: boolean;
}

/**
 * All of stdin as text, without the line end that `echo` adds.
 *
 * @param maxBytes - reading stops soon after this many; a longer text is returned longer, so that the caller can refuse it
 * @throws UsageError if stdin is not UTF-8
 */
export async function readStdin(stdin: Input, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > maxBytes + LINE_END_BYTES) break;
  }
  const bytes = Buffer.concat(chunks);
  const isCut = size > maxBytes + LINE_END_BYTES;
  try {
    // The cut may split a character; the caller refuses the text anyway.
    return new TextDecoder("utf-8", { fatal: !isCut }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    throw new UsageError("The text from the pipe is not UTF-8.");
  }
}

/** CR and LF. */
const LINE_END_BYTES = 2;
