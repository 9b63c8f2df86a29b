import { cleanText } from "../../client/text/clean-text.ts";
import { clip, wholeCharacters } from "../../client/text/clip.ts";

// Foreign text (a prompt, an answer, a file's name) inside Markdown of ours: it stays in its place and within its limit.
// All lengths are in UTF-16 code units.

/**
 * The text as a block quote: its own headings, lists and unclosed code fences end with the quote.
 *
 * @param maxChars - of the result, marks included; from 4
 */
export function quote(text: string, maxChars: number): string {
  const quoted: string[] = [];
  let left = maxChars;
  for (const line of cleanText(text).trim().split("\n")) {
    const shown = `> ${line.replaceAll("\t", "  ")}`.trimEnd();
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
  const plain = cleanText(name);
  const short = plain.length <= maxChars ? plain : `…${wholeCharacters(plain.slice(1 - maxChars))}`;
  if (!short.includes("`")) return `\`${short}\``;
  // A code span that holds back quotes has more of them around it than in a row inside.
  const fence = "`".repeat(Math.max(...[...short.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short} ${fence}`;
}
