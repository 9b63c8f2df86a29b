import { recordOf } from "../../client/disk/private-file.ts";
import { bounded, type Line, textOf } from "./transcript-line.ts";

/** The parts of a result that matter once its call appears, as plain data. */
export interface EarlyResult {
  readonly line: Line;
  readonly block: Line;
}

/** Each in UTF-16 code units, of the beginning and of the end. */
const MAX_TEXT_CHARS = 4_000;

const OF_LINE = ["toolDenialKind", "toolDenialBeforeRun", "permissionDecision"];
const OF_RESULT = [
  ...["type", "error", "status", "success", "interrupted", "backgroundTaskId", "filePath"],
  ...["answers", "annotations", "plan", "isAgent", "task", "tasks"],
];

/** Without the copies of files and outputs, which may be long. */
export function earlyResult(line: Line, { content, is_error }: Line): EarlyResult {
  const { toolUseResult: result } = line;
  return {
    line: {
      ...only(OF_LINE, line),
      // Of a text only matters that it is one.
      toolUseResult: typeof result === "string" ? "" : only(OF_RESULT, recordOf(result) ?? {}),
    },
    block: { is_error, content: bounded(textOf(content), MAX_TEXT_CHARS, MAX_TEXT_CHARS) },
  };
}

function only(keys: readonly string[], fields: Line): Line {
  return Object.fromEntries(keys.filter((key) => key in fields).map((key) => [key, fields[key]]));
}
