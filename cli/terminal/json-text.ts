import { cleanText } from "../../client/text/clean-text.ts";

/** JSON that is safe on a terminal: escapes what {@link cleanText} would remove, so that the reading program loses nothing. */
export function jsonText(value: unknown): string {
  return visible(JSON.stringify(value, null, 2));
}

/** The same on one line. */
export function jsonLine(value: unknown): string {
  return visible(JSON.stringify(value));
}

function visible(json: string): string {
  return json.replace(MAY_BE_HIDDEN, (char) => {
    if (cleanText(char) === char && !LINE_SEPARATOR.test(char)) return char;
    return Array.from({ length: char.length }, (_, index) => escaped(char.charCodeAt(index))).join("");
  });
}

/** JSON is ASCII outside strings, and has no raw control character below U+0020 inside them. */
const MAY_BE_HIDDEN = /[^\n -~]/gu;
const LINE_SEPARATOR = /[\u2028\u2029]/;

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, "0")}`;
}
