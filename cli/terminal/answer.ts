import { cleanText } from "../../client/text/clean-text.ts";

/** What a command has to say. It is printed once, when everything is done. */
export interface Answer {
  /** For a person, on stdout; empty prints nothing. May have colours: text from elsewhere in it is cleaned already. */
  readonly text: string;
  /** The same for a program (`--json`), as one document; null when the command has printed its own. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** Lines for stderr, without `--json`. The document says the same in its own fields. */
  readonly warnings?: readonly string[];
  /** Default 0. What else a command may end with is on its help. */
  readonly exitCode?: 0 | 1 | 3;
  /**
   * Called when the text is printed: only then somebody was shown it. What it answers is printed as well. For a program,
   * which gets one document, it is called before.
   */
  readonly whenPrinted?: () => Promise<Answer | null>;
}

/**
 * JSON that a terminal may show: whatever {@link cleanText} would take out is written as an escape instead, so that
 * nothing is lost for the program that reads it.
 */
export function jsonText(value: unknown): string {
  return visible(JSON.stringify(value, null, 2));
}

/** The same on one line, for a program that reads line by line. */
export function jsonLine(value: unknown): string {
  return visible(JSON.stringify(value));
}

function visible(json: string): string {
  return json.replace(MAY_BE_HIDDEN, (char) => {
    if (cleanText(char) === char && !LINE_SEPARATOR.test(char)) return char;
    return Array.from({ length: char.length }, (_, index) => escaped(char.charCodeAt(index))).join("");
  });
}

/** Outside of strings JSON has nothing but ASCII, and inside it has no raw control below U+0020. */
const MAY_BE_HIDDEN = /[^\n -~]/gu;
const LINE_SEPARATOR = /[\u2028\u2029]/;

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, "0")}`;
}
