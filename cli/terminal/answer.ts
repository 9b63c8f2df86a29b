import { cleanText } from "../../client/text/clean-text.ts";

/** The result of a command. It is printed once, when everything is done. */
export interface Answer {
  /** For a person, on stdout; empty prints nothing. It may contain colours: foreign text in it must be cleaned before. */
  readonly text: string;
  /** The same for a program (`--json`), as one document; null if the command has printed its own. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** Lines for stderr, without `--json`. The JSON document says the same in its own fields. */
  readonly warnings?: readonly string[];
  /** Default 0. A command's help lists its exit codes. */
  readonly exitCode?: 0 | 1 | 3;
  /**
   * Called after the text was printed, because a message is shown only then. Its result is printed too. With `--json`, where
   * both are one document, it is called first.
   */
  readonly whenPrinted?: () => Promise<Answer | null>;
}

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
