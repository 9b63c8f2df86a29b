import widthOf from "fast-string-width";

/**
 * Wraps a text between words at a number of terminal columns; CJK characters and emoji take two. A longer word, such as an
 * address, stays whole, so that it can still be copied, and so does a command in backticks. Lines that continue another one
 * begin in the same column as it.
 *
 * @param columns - `Infinity` wraps nothing
 * @param hanging - further columns by which lines that continue another one are indented
 */
export function wrap(text: string, columns: number, hanging = 0): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns, hanging))
    .join("\n");
}

/** {@link wrap}, for what a command prints: lines that are indented below a line with a colon are to be copied and stay whole. */
export function wrapAnswer(text: string, columns: number): string {
  let isBelowColon = false;
  return text
    .split("\n")
    .map((line) => {
      const isIndented = /^ {2}\S/.test(line);
      isBelowColon = (isBelowColon && (isIndented || line === "")) || /^\S.*:$/.test(line);
      return isBelowColon && isIndented ? line : wrapLine(line, columns, 0);
    })
    .join("\n");
}

/** What the client writes in front of a plugin's screen. */
const CLIENT_LABEL = "photon: ";

/**
 * {@link wrap} for a text with which a screen begins. Without the room for its label, the client would wrap the first line
 * again.
 */
export function wrapFirst(text: string, { columns, isMarkdown }: { columns: number; isMarkdown: boolean }): string {
  return isMarkdown ? wrap(CLIENT_LABEL + text, columns).slice(CLIENT_LABEL.length) : wrap(text, columns);
}

function wrapLine(line: string, columns: number, hanging: number): string {
  if (widthOf(line) <= columns) return line;
  const [start = ""] = /^ */.exec(line) ?? [];
  const indent = " ".repeat(Math.min(start.length + hanging, Math.floor(columns / 2)));
  const lines: string[] = [];
  let current = start;
  // Carried along: measuring the line again at each word would take quadratic time for a text that a stranger chose.
  let width = start.length;
  let isEmpty = true;
  for (const [, gap = "", word = ""] of line.slice(start.length).matchAll(PIECE)) {
    const [gapWidth, wordWidth] = [isEmpty ? 0 : widthOf(gap), widthOf(word)];
    if (!isEmpty && width + gapWidth + wordWidth > columns) {
      lines.push(current);
      [current, width] = [indent + word, indent.length + wordWidth];
    } else {
      [current, width] = [isEmpty ? current + word : current + gap + word, width + gapWidth + wordWidth];
    }
    isEmpty = false;
  }
  return [...lines, current].join("\n");
}

/** Where a line may end without a space: on either side of a CJK character with its marks, which take no column. */
const CJK = "\\u2e80-\\u9fff\\ua960-\\ua97f\\uac00-\\ud7ff\\uf900-\\ufaff\\uff01-\\uff60\\u{20000}-\\u{3fffd}";
/** In backticks, at most this many characters stay whole. */
const MAX_COMMAND_CHARS = 400;
const COMMAND = `\`[^\`]{1,${MAX_COMMAND_CHARS}}\``;
const PIECE = new RegExp(`(\\s*)([${CJK}]\\p{M}*|(?:${COMMAND}|[^\\s${CJK}])+)`, "gu");

/** Fills a text up with spaces to a number of columns. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - widthOf(text))) + text;
}

/** The widest of some texts, in columns. */
export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => widthOf(text)));
}

/** Cuts a text to a number of columns, with an ellipsis where it was cut. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = "";
  let width = 1; // of the ellipsis
  for (const { segment } of CHARACTERS.segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** What a person sees as one character may be several code points, such as an emoji of a family. */
const CHARACTERS = new Intl.Segmenter();
