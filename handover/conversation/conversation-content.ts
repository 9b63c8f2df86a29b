import { recordOf, textField } from "../../client/disk/private-file.ts";
import type { Line } from "../transcript/transcript-line.ts";

const TOOL_ID = /^[A-Za-z0-9_-]{1,100}$/;
const TOOL_NAME = /^[A-Za-z0-9_.:-]{1,200}$/;

/** More is no input of a tool. JSON can be nested more deeply than this code's stack. */
const MAX_DEPTH = 50;

/** Of a message or a result. Of an empty block a note goes along, which is longer than the block. */
const MAX_BLOCKS = 10_000;

/**
 * The texts, tool calls and results of a message. Thinking stays: it is encrypted, so no scan sees what is in it, and
 * Claude does not need the thinking of earlier turns. Of images and other blocks a note goes along.
 *
 * @returns null if nothing is left
 */
export function carriedContent(content: unknown): string | Line[] | null {
  if (typeof content === "string") return content === "" ? null : content;
  if (!Array.isArray(content)) return null;
  const blocks = content
    .slice(0, MAX_BLOCKS)
    .map((block) => carriedBlock(recordOf(block) ?? {}))
    .filter((block) => block !== null);
  return blocks.length === 0 ? null : blocks;
}

function carriedBlock(block: Line): Line | null {
  switch (block.type) {
    case "text":
      return textField(block, "text") ? { type: "text", text: block.text } : null;
    case "thinking":
    case "redacted_thinking":
      return null;
    case "tool_use": {
      const { id, name, input } = block;
      if (!isMatching(id, TOOL_ID) || !isMatching(name, TOOL_NAME) || depthOf(input) > MAX_DEPTH) return null;
      return { type: "tool_use", id, name, input: recordOf(input) ?? {} };
    }
    case "tool_result": {
      const { tool_use_id, is_error } = block;
      if (!isMatching(tool_use_id, TOOL_ID)) return null;
      const content = resultContent(block.content);
      return { type: "tool_result", tool_use_id, content, ...(is_error === true && { is_error }) };
    }
    default:
      return note(block);
  }
}

function resultContent(content: unknown): string | Line[] {
  if (!Array.isArray(content)) return typeof content === "string" ? content : "";
  return content.slice(0, MAX_BLOCKS).flatMap((each) => {
    const block = recordOf(each) ?? {};
    if (block.type !== "text") return [note(block)];
    return textField(block, "text") ? [{ type: "text", text: block.text }] : [];
  });
}

function note({ type }: Line): Line {
  const kind = isMatching(type, /^[a-z_]{1,40}$/) ? type.replaceAll("_", " ") : "block";
  return { type: "text", text: `[${kind}, left out by Photon]` };
}

const LEFT_OUT = "[The result of this tool did not fit, left out by Photon]";

/** @returns the line without the results of tools; null if it has none, or only short ones */
export function withoutResults(line: Line): Line | null {
  const message = recordOf(line.message);
  if (!Array.isArray(message?.content)) return null;
  let isShorter = false;
  const content = message.content.map((each) => {
    const block = recordOf(each);
    if (block?.type !== "tool_result" || JSON.stringify(block.content ?? "").length <= 2 * LEFT_OUT.length) return each;
    isShorter = true;
    return { ...block, content: LEFT_OUT };
  });
  return isShorter ? { ...line, message: { ...message, content } } : null;
}

function isMatching(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

/** Stops counting above the limit. */
function depthOf(value: unknown): number {
  let level: unknown[] = [value];
  for (let depth = 0; ; depth++) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    if (level.length === 0 || depth > MAX_DEPTH) return depth;
  }
}
