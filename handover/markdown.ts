import { cleanText, inOneLine } from "../client/text/clean-text.ts";
import { clip, wholeCharacters } from "../client/text/clip.ts";

// Puts foreign text (a prompt, an answer, a file name) into our Markdown, so that it cannot break out of its place or
// exceed its limit. All lengths are in UTF-16 code units.

/**
 * Makes a block quote. Headings, lists and unclosed code fences in the text end with the quote.
 *
 * @param maxChars - limit for the result, including the `>` marks; at least 4
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

/** A shorter piece of a line is not worth showing. */
const MIN_CUT_CHARS = 40;

/**
 * A file or branch name as code, on one line. Each line end, control or invisible character becomes a question mark, so
 * that a name cannot leave its place and two names do not look alike. Cuts a long one at the start, because its end says
 * more, and leaves out what may be a part of a secret: a scan would not recognise it.
 */
export function code(name: string, maxChars: number): string {
  const plain = name.replace(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu, "?");
  const short = plain.length <= maxChars ? plain : `…${endOfName(wholeCharacters(plain.slice(1 - maxChars)))}`;
  if (!short.includes("`")) return `\`${short}\``;
  // The fence must be longer than any run of backquotes inside.
  const fence = "`".repeat(Math.max(...[...short.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short} ${fence}`;
}

/** From a name's cut end: its whole folders and file, or if it is in the file already, its plain words. */
function endOfName(end: string): string {
  const folder = end.indexOf("/");
  return folder !== -1 && folder < end.length - 1 ? end.slice(folder) : (PLAIN_END.exec(end)?.[0] ?? "");
}

/** Words and short numbers behind separators. Characters beyond ASCII are in no secret. */
const PLAIN_END = /(?:(?:[-_.]|[^!-~])(?:[A-Z]?[a-z]{1,15}|[A-Z]{1,8}|\d{1,4})?(?![A-Za-z0-9]))*\/?$/u;

/**
 * A command as code. A long one begins with a later command of its list, as after `cd …`, and is cut at its end: the scan
 * recognises some secrets only by what is before them.
 */
export function commandAsCode(command: string, maxChars: number): string {
  if (command.length <= maxChars) return code(command, maxChars);
  const tails = [...command.matchAll(/(?:&&|\|\||;)\s+/g)]
    .map(({ 0: sign, index }) => command.slice(index + sign.length))
    .filter((tail) => tail.length >= MIN_COMMAND_CHARS);
  const tail = tails.find(({ length }) => length < maxChars) ?? tails.at(-1);
  return code(clip(tail === undefined ? command : `…${tail}`, maxChars), maxChars);
}

/** A shorter end of a list, such as `done`, says too little. */
const MIN_COMMAND_CHARS = 8;

/** What a program printed, as code on one line: it could read like words of this page. */
export function printedAsCode(text: string, maxChars: number): string {
  return code(clip(inOneLine(text).replaceAll("`", "'"), maxChars - 2), maxChars);
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
