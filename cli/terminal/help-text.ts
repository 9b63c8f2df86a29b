import { wrap } from "../../screens/text-width.ts";
import { columns } from "./terminal.ts";

/** The width of a help text in a pipe. */
const DEFAULT_COLUMNS = 80;

/** A help text for the width of the terminal: lines of a paragraph are joined and wrapped again, indented ones stay lines. */
export function helpText(text: string, width: number = columns()): string {
  const paragraphs = text.replace(/(?<=^\S.*)\n(?=\S)/gm, " ");
  const most = Number.isFinite(width) ? width : DEFAULT_COLUMNS;
  return paragraphs
    .split("\n")
    .map((line) => (EXAMPLE.test(line) ? line : wrap(line, most, noteColumn(line))))
    .join("\n");
}

/** An example without a note is one command, to be copied. */
const EXAMPLE = /^ {2}photon (?!.* {3})/;

/** By how much the note after a command is further right than the command; 0 without a note. */
function noteColumn(line: string): number {
  const [, start = "", command = ""] = /^( +)(\S.*? {2,})\S/.exec(line) ?? [];
  return start === "" ? 0 : command.length;
}
