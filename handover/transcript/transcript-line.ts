import { parseJson } from "../../client/disk/parse-json.ts";
import { recordOf, textField } from "../../client/disk/private-file.ts";

/** A line of a transcript, parsed; nothing is known about its fields. */
export type Line = Record<string, unknown>;

/** A line's type shows within so many bytes, when its fields are in the order in which the client writes them. */
const HEAD_BYTES = 220;

/** The first of these that a line has says what it is. Inside a text of the JSON these quotes would be escaped. */
const KIND =
  /^\{"type":"(\w[\w-]*)"|"isSidechain":(true)|"attachment":\{"type":"([\w-]+)"|"type":"(user|system)"|"role":"(assistant)"/;
const TYPES: ReadonlySet<string> = new Set(["user", "assistant", "system", "cost-state", "queued_command"]);
const MARKS = ['"type":"user"', '"role":"assistant"', '"type":"system"', '"type":"queued_command"'];

/**
 * Whether a line can hold a fact at all. Most of a transcript is what the client keeps for itself, copies of the system
 * prompt above all: a look at a line's beginning costs a fraction of decoding it.
 *
 * @param chunk - has the line between `begin` and `end`
 */
export function mayHoldFacts(chunk: Buffer, begin = 0, end = chunk.length): boolean {
  const head = chunk.toString("latin1", begin, Math.min(begin + HEAD_BYTES, end));
  const [, type, isSidechain, attachment, user, assistant] = KIND.exec(head) ?? [];
  const found = type ?? attachment ?? user ?? assistant;
  // The session's first line, whatever is attached, tells when it began.
  if (found !== undefined && found !== "attachment") return TYPES.has(found) || head.startsWith('{"parentUuid":null');
  return isSidechain === undefined && MARKS.some((mark) => chunk.subarray(begin, end).includes(mark));
}

/** @returns undefined when it is broken, or no line of a transcript */
export function parseLine(line: Buffer): Line | undefined {
  return recordOf(parseJson(line.toString()));
}

/** The blocks of a line's message; none when its content is a plain text. */
export function blocksOf(line: Line): Line[] {
  const content = recordOf(line.message)?.content;
  return Array.isArray(content) ? content.map(recordOf).filter((block) => block !== undefined) : [];
}

/** Texts and blocks of text as one text. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((block) => textField(block, "text") ?? "").join("\n") : "";
}
