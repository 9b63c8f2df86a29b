// Foreign text (a prompt, an answer, a file's name) inside Markdown of ours: it stays in its place and within its limit.
// All lengths are in UTF-16 code units.

/** Control characters and the ones that turn the direction of writing: they show nothing, or something else than is there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with every run of white space as one space. */
export function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(UNSEEN, "").trim();
}

/** The text, cut between words and marked when it is too long. */
export function clip(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length)));
  const words = cut.replace(/\s+\S*$/, "");
  return `${words.length > cut.length / 2 ? words : cut}${MARK}`;
}

const MARK = " …";

/**
 * The text as a block quote: its own headings, lists and unclosed code fences end with the quote.
 *
 * @param maxChars - of the result, marks included; from 4
 */
export function quote(text: string, maxChars: number): string {
  const quoted: string[] = [];
  let left = maxChars;
  for (const line of text.trim().split(/\r\n|\r|\n/)) {
    const shown = `> ${line.replaceAll("\t", "  ").replace(UNSEEN, "")}`.trimEnd();
    if (shown.length + "\n> …".length > left) {
      quoted.push(left > MIN_CUT_CHARS ? clip(shown, left - 1) : "> …");
      break;
    }
    quoted.push(shown);
    left -= shown.length + 1;
  }
  return quoted.join("\n");
}

/** Less of a line is not worth showing. */
const MIN_CUT_CHARS = 40;

/** A file's or branch's name; of a long one the end, which tells more. */
export function code(name: string, maxChars: number): string {
  const plain = name.replace(UNSEEN, "?");
  const short = plain.length <= maxChars ? plain : `…${wholeCharacters(plain.slice(1 - maxChars))}`;
  if (!short.includes("`")) return `\`${short}\``;
  // A code span that holds back quotes has more of them around it than in a row inside.
  const fence = "`".repeat(Math.max(...[...short.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short} ${fence}`;
}

/** Without the half of a character (of a surrogate pair) that a cut may leave at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}
