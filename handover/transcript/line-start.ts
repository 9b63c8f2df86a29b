import { parseJson } from "../../contract/parse-json.ts";

// For speed: most lines are tool calls and successful results, and some are long. If their fields are in the order in
// which the client writes them, the facts can be read without parsing the whole line.

/** The start of a line with only thinking, only one tool call (up to its input) or only one result (up to its text). */
export interface LineStart {
  /** Undefined for a result. */
  readonly model: string | undefined;
  /** The call's id; undefined for thinking. */
  readonly id: string | undefined;
  /** The name of the called tool. */
  readonly tool: string | undefined;
  /** Length of the matched start, in bytes. */
  readonly length: number;
}

const START_BYTES = 400;
const START =
  /^\{"parentUuid":[^,]*,"isSidechain":false,(?:"message":\{"id":"[^"]*","type":"message","role":"assistant","model":"([^"]*)","content":\[\{"type":"(?:thinking"|tool_use","id":"([^"]*)","name":"([^"]*)","input":)|"promptId":"[^"]*","type":"user","message":\{"role":"user","content":\[\{"tool_use_id":"([^"]*)")/;

const NEXT_BLOCK = Buffer.from('},{"type":"');

/** @returns undefined for all other lines */
export function lineStart(line: Buffer): LineStart | undefined {
  const [found, model, call, tool, result] = START.exec(line.toString("latin1", 0, START_BYTES)) ?? [];
  const isThinking = model !== undefined && tool === undefined;
  if (found === undefined || (isThinking && line.includes(NEXT_BLOCK))) return undefined;
  return { model, id: call ?? result, tool, length: found.length };
}

/** Follows the content blocks of an answer. */
const STOP_REASON = Buffer.from('}],"stop_reason":');
const TIMESTAMP = Buffer.from('"timestamp":"');
const TIMESTAMP_BYTES = "2026-11-22T10:51:02.874Z".length;

/** The call's input; undefined if the line holds more than this call. */
export function inputIn(line: Buffer, { length }: LineStart): unknown {
  const end = line.indexOf(STOP_REASON, length);
  return end === -1 ? undefined : parseJson(line.toString("utf8", length, end));
}

const PLACE_BYTES = 500;

/** The folder in which a call was made, from the end of its line; undefined if it is not plain there. */
export function folderIn(line: Buffer): string | undefined {
  return /"cwd":"([^"\\]+)"/.exec(line.toString("utf8", Math.max(0, line.length - PLACE_BYTES)))?.[1];
}

export function timestampOfAnswer(line: Buffer): string {
  const begin = line.lastIndexOf(TIMESTAMP) + TIMESTAMP.length;
  return line.toString("latin1", begin, begin + TIMESTAMP_BYTES);
}

/** Follows a single result. In a failure, `toolUseResult` is a string. */
const RESULT_END = Buffer.from(']},"uuid":"');
const RESULT_END_BYTES = 160;
const SUCCESS = /^\]\},"uuid":"[^"]*","timestamp":"([^"]*)","toolUseResult":\{"(\w+)"(?::"(\w+)")?/;

/** Fields at the end of a line that require parsing it: the person's words, or a command that has not ended. */
const NEEDS_PARSING = ['"source":"user', '"interrupted":true', '"backgroundTaskId"'];
const TAIL_BYTES = 1_500;

/** The output of a test runner or of a check with problems, within JSON. */
const NOTEWORTHY =
  /\d+ (?:passed|passing|failed|failing)|ok {1,2}\\t|test result: |Ran \d+ tests|\d+ (?:tests?|runs|examples|assertions), \d|TEST (?:SUCC|FAIL)|(?:PASS|FAIL)ED {2}\]|Tests? (?:run|Passed|Failed)|(?:# |\xb9 )pass \d|tests (?:passed|failed)|OK \(|error TS\d|Found [1-9]\d* (?:err|prob)|problems? \(|errors? generated|BUILD FAILED|Failed to compile|error(?:\[E\d+\])?: |warnings? and|pull\/\d/i;
const COUNTS_BYTES = 800;

/**
 * The time and the type of a successful result; undefined if it failed or the whole line must be parsed.
 *
 * @param mayBeNoteworthy - whether the end of the output matters
 */
export function successIn(
  line: Buffer,
  { length }: LineStart,
  mayBeNoteworthy: boolean,
): { timestamp: string; type: string } | undefined {
  const end = line.indexOf(RESULT_END, length);
  const [, timestamp, first, type] = SUCCESS.exec(line.toString("latin1", end, end + RESULT_END_BYTES)) ?? [];
  // A notebook's result may hold an error.
  if (end === -1 || timestamp === undefined || first === "new_source") return undefined;
  if (mayBeNoteworthy && NOTEWORTHY.test(line.toString("latin1", Math.max(length, end - COUNTS_BYTES), end)))
    return undefined;
  const tail = line.toString("latin1", line.length - TAIL_BYTES);
  return NEEDS_PARSING.some((mark) => tail.includes(mark))
    ? undefined
    : { timestamp, type: (first === "type" && type) || "" };
}
