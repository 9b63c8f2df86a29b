/** A longer body is shown in parts, so that a message with its header and calls fits into one result. */
export const MAX_PART_CHARS = 14_000;

/** A part ends at the end of a line if there is one this close to the limit. */
const LOOK_BACK_CHARS = 2_000;

/**
 * Cuts a text into parts; joined they are the text. The cuts depend only on the text, so part 2 always continues where part
 * 1 ended.
 *
 * @returns at least one part
 */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (text.length - start > MAX_PART_CHARS) {
    const end = cutBefore(text, start + MAX_PART_CHARS);
    parts.push(text.slice(start, end));
    start = end;
  }
  return [...parts, text.slice(start)];
}

function cutBefore(text: string, limit: number): number {
  const afterLine = text.lastIndexOf("\n", limit - 1) + 1;
  if (afterLine > limit - LOOK_BACK_CHARS) return afterLine;
  const isHighSurrogate = /[\ud800-\udbff]/.test(text.charAt(limit - 1));
  return isHighSurrogate ? limit - 1 : limit;
}
