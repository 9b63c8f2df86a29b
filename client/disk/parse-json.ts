/**
 * The text of a file that a person may have saved with an editor or a shell on Windows: UTF-8 with or without a byte order
 * mark, or UTF-16 with one.
 */
export function textOf(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return bytes.toString("utf16le", 2);
  if (first === 0xfe && second === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString("utf16le");
  return bytes.toString().replace(/^\uFEFF/, "");
}

/** Parses JSON from anywhere: a network, a file, a transcript. @returns undefined if it is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
