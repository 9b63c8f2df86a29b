import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod";
import { parseJson } from "../../contract/parse-json.ts";
import { isAgentId, isClientSession } from "./client-folder.ts";

/** Limit for an unpacked conversation: both machines hold it in memory. Most are below a quarter of it. */
export const MAX_CONVERSATION_BYTES = 32 * 1024 * 1024;

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

/** @returns null if the bytes are not a conversation of this version, or unpack to too much */
export function unpackConversation(bytes: Buffer): ConversationContent | null {
  try {
    const [first = "", ...lines] = gunzipSync(bytes, { maxOutputLength: MAX_CONVERSATION_BYTES })
      .toString()
      .split("\n");
    const { session, files } = Head.parse(parseJson(first));
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
  } catch {
    return null;
  }
}
