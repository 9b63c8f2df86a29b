import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod";
import { textField } from "../../client/disk/private-file.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { isAgentId, isClientSession } from "./client-folder.ts";

const LINE_FEED = 0x0a;

/** Limit for an unpacked conversation: both machines hold it in memory. Most are below a quarter of it. */
export const MAX_CONVERSATION_BYTES = 32 * 1024 * 1024;

/** Limit for its lines, in all transcripts: each takes time to examine. A usual line has more than 335 bytes. */
export const MAX_CONVERSATION_LINES = 100_000;

/** Most transcripts of subagents in a conversation. */
export const MAX_AGENTS = 500;

/** The first line of the file. */
const Head = z.strictObject({
  v: z.literal(1),
  session: z.string().refine(isClientSession),
  /** The transcripts in their order, and the number of lines of each. The session's own has no agent. */
  files: z
    .array(z.strictObject({ agent: z.string().refine(isAgentId).nullable(), lines: z.int().min(0) }))
    .min(1)
    .max(MAX_AGENTS + 1),
});

/** A transcript: of the session, or of one of its subagents. */
export interface CarriedTranscript {
  /** The subagent's id; null for the session. */
  readonly agent: string | null;
  /** Each one JSON object, without a line break. */
  readonly lines: readonly string[];
}

export interface ConversationContent {
  readonly session: string;
  readonly transcripts: readonly CarriedTranscript[];
}

/** Deterministic: the same content gives the same bytes. */
export function packConversation({ session, transcripts }: ConversationContent): Buffer {
  const head: z.infer<typeof Head> = {
    v: 1,
    session,
    files: transcripts.map(({ agent, lines }) => ({ agent, lines: lines.length })),
  };
  return gzipSync([JSON.stringify(head), ...transcripts.flatMap(({ lines }) => lines)].join("\n"));
}

/** A conversation beyond the limits that its sender keeps. Made by hand, perhaps to block the receiver. */
export class BeyondLimits extends Error {
  override readonly name = "BeyondLimits";
}

/**
 * @returns null if the bytes are not a conversation of this version
 * @throws BeyondLimits as soon as it unpacks to too many bytes or lines
 */
export function unpackConversation(bytes: Buffer): ConversationContent | null {
  const [first = "", ...lines] = unpackedLines(bytes);
  const head = Head.safeParse(parseJson(first));
  if (!head.success) return null;
  const { session, files } = head.data;
  const isWhole = files.reduce((sum, file) => sum + file.lines, 0) === lines.length;
  const agents = files.map(({ agent }) => agent);
  const isOdd = new Set(agents).size !== agents.length || !agents.includes(null);
  if (!isWhole || isOdd) return null;
  let at = 0;
  const transcripts = files.map(({ agent, lines: count }) => {
    at += count;
    return { agent, lines: lines.slice(at - count, at) };
  });
  return { session, transcripts };
}

/** Unpacks piece by piece up to the limit, and counts the lines before it makes a text of each. */
function unpackedLines(bytes: Buffer): string[] {
  const unpacked = unpackedBytes(bytes);
  let count = 0;
  for (let feed = unpacked.indexOf(LINE_FEED); feed !== -1; feed = unpacked.indexOf(LINE_FEED, feed + 1))
    if (++count > MAX_CONVERSATION_LINES) throw new BeyondLimits(`It has more than ${MAX_CONVERSATION_LINES} lines.`);
  return unpacked.toString().split("\n");
}

function unpackedBytes(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_CONVERSATION_BYTES });
  } catch (error) {
    if (!isTooLarge(error)) return Buffer.alloc(0);
    throw new BeyondLimits(`It unpacks to more than ${MAX_CONVERSATION_BYTES / 1024 / 1024} MiB.`);
  }
}

function isTooLarge(error: unknown): boolean {
  return textField(error, "code") === "ERR_BUFFER_TOO_LARGE";
}
