import { wholeCharacters } from "./clip.ts";

/** Text of another machine, made fit to be shown. */
export interface CleanText {
  readonly text: string;
  /** Number of characters removed or made visible, without line ends. */
  readonly changed: number;
}

/** Terminal control sequences, such as colours and cursor movements: `ESC [ … letter`, or with the one-character introducer. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
export const TERMINAL_SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;

const LINE_END = /\r\n?|[\u2028\u2029\u0085]/g;

/** Joiners within an emoji sequence and emoji variation selectors have a visible effect, so they are kept. */
const VISIBLE_JOINERS =
  /(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})/u;
const VISIBLE_SELECTOR = /(?<=[\p{Extended_Pictographic}0-9#*])[\ufe0e\ufe0f](?![\ufe00-\ufe0f])/u;

/**
 * Invisible characters: bidi controls and isolates, zero-width characters, soft hyphen, byte order mark, tag characters,
 * variation selectors, fillers (all "default ignorable" in Unicode) and interlinear annotation marks.
 */
const INVISIBLE = new RegExp(
  `${VISIBLE_JOINERS.source}|${VISIBLE_SELECTOR.source}|([\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb])`,
  "gu",
);

/** Every control character but tab and newline, and lone surrogates. */
const CONTROL = /(?![\t\n])[\p{Cc}\p{Cs}]/gu;

/**
 * Removes characters that a person would not see but a model or terminal would read, and replaces control characters with
 * their visible pictures (ESC is `␛`). The result is what a person reading the message would see. Idempotent.
 */
export function cleanText(raw: string): string {
  return cleanAndCount(raw).text;
}

/** {@link cleanText} with the number of changes, so that the reader can be told. */
export function cleanAndCount(raw: string): CleanText {
  let changed = 0;
  const count = (replacement: string) => {
    changed++;
    return replacement;
  };
  const text = raw
    .replace(LINE_END, "\n")
    .replace(TERMINAL_SEQUENCE, () => count(""))
    .replace(INVISIBLE, (match, hidden?: string) => (hidden === undefined ? match : count("")))
    .replace(CONTROL, (control) => count(picture(control)));
  return { text, changed };
}

/** Unicode has pictures of the first 32 and of DEL; the others have none. */
function picture(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}

/** The same on one line: every run of white space becomes one space. */
export function inOneLine(raw: string): string {
  return cleanText(raw)
    .replace(/[\s\p{Z}]+/gu, " ")
    .trim();
}

/** The same for a header's field, at most `maxChars` long, with an ellipsis where it was cut. */
export function cleanLine(raw: string, maxChars = 200): string {
  const line = inOneLine(raw);
  return line.length <= maxChars ? line : `${wholeCharacters(line.slice(0, maxChars - 1))}…`;
}
