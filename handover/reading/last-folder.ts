import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { recordOf, textField } from "../../client/disk/private-file.ts";
import { parseJson } from "../../contract/parse-json.ts";

/** Enough for the last lines; a longer line (a large file that was read) is skipped. */
const MAX_TAIL_BYTES = 256 * 1024;

/** The session's working directory, from the last lines of its transcript. @returns null if they do not say it */
export function lastFolder(transcriptPath: string): string | null {
  const lines = tailOf(transcriptPath).split("\n").reverse();
  for (const line of lines) {
    if (!line.includes('"cwd"')) continue;
    const entry = recordOf(parseJson(line));
    const cwd = textField(entry, "cwd");
    if (cwd && entry?.isSidechain !== true) return cwd; // a subagent may work elsewhere
  }
  return null;
}

function tailOf(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const tail = Buffer.alloc(Math.min(size, MAX_TAIL_BYTES));
      return tail.toString("utf8", 0, readSync(file, tail, 0, tail.length, size - tail.length));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
