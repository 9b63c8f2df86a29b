import { recordOf, textField } from "../../client/disk/private-file.ts";
import { withoutPart } from "../../client/text/clip.ts";
import { parseJson } from "../../contract/parse-json.ts";

/** A parsed line of a transcript. Its fields are unchecked. */
export type Line = Record<string, unknown>;

/** The type of a line is within these first bytes, if its fields are in the client's order. */
const HEAD_BYTES = 220;

/** The first match says what kind of line it is. Within a JSON string these quotes would be escaped. */
const KIND =
  /^\{"type":"(\w[\w-]*)"|"isSidechain":(true)|"attachment":\{"type":"([\w-]+)"|"type":"(user|system)"|"role":"(assistant)"/;
const TYPES: ReadonlySet<string> = new Set([
  ...["user", "assistant", "system", "cost-state", "queued_command", "ai-title", "pr-link"],
]);
const MARKS = ['"type":"user"', '"role":"assistant"', '"type":"system"', '"type":"queued_command"'];

/**
 * Whether a line can hold a fact. Most of a transcript is the client's own data, above all copies of the system prompt.
 * Checking the start of a line costs a fraction of decoding it.
 *
 * @param chunk - holds the line between `begin` and `end`
 */
export function mayHoldFacts(chunk: Buffer, begin = 0, end = chunk.length): boolean {
  const head = chunk.toString("latin1", begin, Math.min(begin + HEAD_BYTES, end));
  const [, type, isSidechain, attachment, user, assistant] = KIND.exec(head) ?? [];
  const found = type ?? attachment ?? user ?? assistant;
  // An attachment without a parent is the session's first line, which has the start time.
  if (found !== undefined && found !== "attachment") return TYPES.has(found) || head.startsWith('{"parentUuid":null');
  const line = chunk.subarray(begin, end);
  // Of a subagent's lines only its calls and their results matter.
  return isSidechain === undefined
    ? MARKS.some((mark) => line.includes(mark))
    : CALLS.some((mark) => line.includes(mark));
}

const CALLS = ['"type":"tool_use"', '"type":"tool_result"'];

/** @returns undefined if the line is not a JSON object */
export function parseLine(line: Buffer): Line | undefined {
  return recordOf(parseJson(line.toString()));
}

/** The blocks of a line's message; empty if its content is a string. */
export function blocksOf(line: Line): Line[] {
  const content = recordOf(line.message)?.content;
  return Array.isArray(content) ? content.map(recordOf).filter((block) => block !== undefined) : [];
}

/** Joins the text blocks of a content. The result is {@link bounded}. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return bounded(content);
  return bounded(Array.isArray(content) ? content.map((block) => textField(block, "text") ?? "").join("\n") : "");
}

/** How much of a text is read: of its beginning and of its end. In UTF-16 code units. */
const MAX_BEGINNING_CHARS = 16_000;
const MAX_END_CHARS = 8_000;

/** The beginning and the end of a long text, without cut words. Every text of any length passes here before a pattern. */
export function bounded(text: string, maxBeginning = MAX_BEGINNING_CHARS, maxEnd = MAX_END_CHARS): string {
  if (text.length <= maxBeginning + maxEnd) return text;
  const beginning = withoutPart(text.slice(0, maxBeginning));
  return maxEnd === 0 ? beginning : `${beginning}\n…\n${text.slice(-maxEnd).replace(/^[!-~]+/, "")}`;
}
