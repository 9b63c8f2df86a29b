import { parseJson } from "../../client/disk/parse-json.ts";

// Most lines of a conversation are Claude's calls of a tool and the tools' successes, and some are long. What matters of
// them is told without parsing them, as long as their fields are in the order in which the client writes them.

/** What a line begins with: thinking, the one call of a tool up to its input, or the one result up to its text. */
export interface LineStart {
  /** Undefined for a result. */
  readonly model: string | undefined;
  /** Of the call; undefined for thinking. */
  readonly id: string | undefined;
  /** The name of the called tool. */
  readonly tool: string | undefined;
  /** In bytes. */
  readonly length: number;
}

const START_BYTES = 400;
const START =
  /^\{"parentUuid":[^,]*,"isSidechain":false,(?:"message":\{"id":"[^"]*","type":"message","role":"assistant","model":"([^"]*)","content":\[\{"type":"(?:thinking"|tool_use","id":"([^"]*)","name":"([^"]*)","input":)|"promptId":"[^"]*","type":"user","message":\{"role":"user","content":\[\{"tool_use_id":"([^"]*)")/;

const NEXT_BLOCK = Buffer.from('},{"type":"');

/** @returns undefined for every other line */
export function lineStart(line: Buffer): LineStart | undefined {
  const [found, model, call, tool, result] = START.exec(line.toString("latin1", 0, START_BYTES)) ?? [];
  const isThinking = model !== undefined && tool === undefined;
  if (found === undefined || (isThinking && line.includes(NEXT_BLOCK))) return undefined;
  return { model, id: call ?? result, tool, length: found.length };
}

/** What follows the blocks of an answer. */
const STOP_REASON = Buffer.from('}],"stop_reason":');
const TIMESTAMP = Buffer.from('"timestamp":"');
const TIMESTAMP_BYTES = "2026-11-22T10:51:02.874Z".length;

/** A call's input; undefined when more is on the line than this call. */
export function inputIn(line: Buffer, { length }: LineStart): unknown {
  const end = line.indexOf(STOP_REASON, length);
  return end === -1 ? undefined : parseJson(line.toString("utf8", length, end));
}

export function timestampOfAnswer(line: Buffer): string {
  const begin = line.lastIndexOf(TIMESTAMP) + TIMESTAMP.length;
  return line.toString("latin1", begin, begin + TIMESTAMP_BYTES);
}

/** What follows the one result; a failure's `toolUseResult` is a text. */
const RESULT_END = Buffer.from(']},"uuid":"');
const RESULT_END_BYTES = 160;
const SUCCESS = /^\]\},"uuid":"[^"]*","timestamp":"([^"]*)","toolUseResult":\{"(\w+)"(?::"(\w+)")?/;

/** What may stand at the end of a line and needs the whole of it: the person's words, a command not at its end. */
const MORE = ['"source":"user', '"interrupted":true', '"backgroundTaskId"'];
const TAIL_BYTES = 1_500;

/** When a result came, and what kind the tool says it is; undefined when it failed, or more is told with it. */
export function successIn(line: Buffer, { length }: LineStart): { timestamp: string; type: string } | undefined {
  const end = line.indexOf(RESULT_END, length);
  const [, timestamp, first, type] = SUCCESS.exec(line.toString("latin1", end, end + RESULT_END_BYTES)) ?? [];
  // A notebook's own error would be inside.
  if (end === -1 || timestamp === undefined || first === "new_source") return undefined;
  const tail = line.toString("latin1", line.length - TAIL_BYTES);
  return MORE.some((mark) => tail.includes(mark)) ? undefined : { timestamp, type: (first === "type" && type) || "" };
}
