/** A longer body is shown in parts, so that one message fits into a result with its header and its calls. */
export const MAX_PART_CHARS = 14_000;

/** A part ends at a line's end when there is one this close to where it must end. */
const LOOK_BACK_CHARS = 2_000;

/**
 * Cuts a text into parts; joined they are the text. The same text is always cut at the same places, so that part 2 goes
 * on where part 1 ended, whoever asks for it and when.
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
