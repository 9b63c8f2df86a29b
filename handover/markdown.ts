// Puts foreign text (a prompt, an answer, a file name) into our Markdown, so that it cannot break out of its place or
// exceed its limit. All lengths are in UTF-16 code units.

/** Control and bidi characters, which are invisible or change how other text looks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Replaces every run of white space by one space. */
export function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(UNSEEN, "").trim();
}

/** Cuts a text that is too long between words, and marks the cut. */
export function clip(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length)));
  const words = cut.replace(/\s+\S*$/, "");
  return `${words.length > cut.length / 2 ? words : cut}${MARK}`;
}

const MARK = " …";

/**
 * Makes a block quote. Headings, lists and unclosed code fences in the text end with the quote.
 *
 * @param maxChars - limit for the result, including the `>` marks; at least 4
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

/** A shorter piece of a line is not worth showing. */
const MIN_CUT_CHARS = 40;

/** A file or branch name as code. Cuts a long one at the start, because its end says more. */
export function code(name: string, maxChars: number): string {
  const plain = name.replace(UNSEEN, "?");
  const short = plain.length <= maxChars ? plain : `…${wholeCharacters(plain.slice(1 - maxChars))}`;
  if (!short.includes("`")) return `\`${short}\``;
  // The fence must be longer than any run of backquotes inside.
  const fence = "`".repeat(Math.max(...[...short.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short} ${fence}`;
}

/** Removes the half of a surrogate pair that a cut may leave at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}

/** The first items that fit; at least one if there is one. */
export function fitting(items: readonly string[], separator: string, maxChars: number): string[] {
  let chars = -separator.length;
  const fit = items.findIndex((item) => {
    chars += separator.length + item.length;
    return chars > maxChars;
  });
  return items.slice(0, fit === -1 ? items.length : Math.max(1, fit));
}

/** The shown items, followed by a line that says how many are left out. */
export function withRest(all: readonly string[], shown: readonly string[], rest: (left: number) => string): string[] {
  const left = all.length - shown.length;
  return left > 0 ? [...shown, rest(left)] : [...shown];
}
