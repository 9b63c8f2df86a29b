import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { findRepository } from "../../client/git/found-repository.ts";
import type { Finding, maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { transcriptLines } from "../reading/read-transcript.ts";
import { type Line, parseLine } from "../transcript/transcript-line.ts";
import { isAgentId, isClientSession } from "./client-folder.ts";
import {
  type CarriedTranscript,
  MAX_AGENTS,
  MAX_CONVERSATION_BYTES,
  MAX_CONVERSATION_LINES,
  packConversation,
} from "./conversation-file.ts";
import { ConversationLines } from "./conversation-line.ts";
import { FilesThatStay } from "./files-that-stay.ts";
import { mapTexts, maskValues } from "./masked-values.ts";
import { neutralFolder, toNeutral } from "./neutral-paths.ts";
import { withinLimits } from "./within-limits.ts";

/** A conversation ready to send, and what it leaves out. */
export interface BuiltConversation {
  readonly bytes: Buffer;
  readonly session: string;
  /** Prompts, answers, tool calls and results. */
  readonly messages: number;
  /** Of subagents. */
  readonly agents: number;
  /** Unpacked. */
  readonly unpackedBytes: number;
  /** The version of the client that wrote it; null if it does not say. */
  readonly client: string | null;
  /** The secrets that were removed from it. */
  readonly masked: readonly Finding[];
  /** How many tool calls named a file that usually holds secrets: their inputs and results are left out. */
  readonly callsLeftOut: number;
  /** How many tool results had no room. */
  readonly resultsLeftOut: number;
  /** Lines that are not JSON, too long, or of a kind that Photon does not know. */
  readonly linesLeftOut: number;
}

/** Why there is no conversation, as a sentence for a person. */
export class NoConversation extends Error {
  override readonly name = "NoConversation";
}

/** The conversation of a session, or why it does not go along, as a sentence for a person. */
export type ConversationOutcome =
  | { readonly built: BuiltConversation }
  | { readonly built: null; readonly why: string };

export interface ConversationSource {
  readonly session: string;
  readonly transcriptPath: string;
  /** Any folder in the session's work tree. */
  readonly folder: string;
  /** How large it may be, packed. */
  readonly maxBytes: number;
  readonly scan: Parameters<typeof maskSecrets>[1];
}

/** Scanned together. Larger batches are hardly faster. */
const BATCH_CHARS = 512 * 1024;

/** Read and kept while building. What remains is then brought below the limit. */
const MAX_KEPT_CHARS = 2 * MAX_CONVERSATION_BYTES;

/**
 * Reads a session's transcript and those of its subagents, up to their current ends, chooses the lines that go along, masks
 * the secrets in their strings, and replaces this machine's paths. 20 MB take about 3 seconds.
 *
 * @throws NoConversation if the session has no transcript, or if it is too large even without the results of its tools
 * @throws PhotonError `internal` if the scan for secrets fails
 */
export async function buildConversation(source: ConversationSource): Promise<BuiltConversation> {
  const { session, transcriptPath, folder, maxBytes } = source;
  if (!isClientSession(session)) throw new NoConversation("The session's id is not one of Claude Code.");
  const neutral = toNeutral({ folder: rootOf(folder), home: homeFolder() });
  const progress = new Progress();
  const agents = agentFiles(transcriptPath);
  for (const { path } of [...agents, { path: transcriptPath }]) noteCalls(path, progress.stays);
  const transcripts: CarriedTranscript[] = [];
  let own: ConversationLines | null = null;
  for (const { agent, path } of [...agents, { agent: null, path: transcriptPath }]) {
    const chosen = new ConversationLines({ session, folderOf: (cwd) => neutralFolder(neutral(cwd)) });
    const lines = await carriedLines(path, chosen, { neutral, progress, scan: source.scan });
    progress.linesLeftOut += chosen.unknown;
    if (agent === null) own = chosen;
    if (agent === null || lines.length > 0) transcripts.push({ agent, lines });
  }
  if (own === null || own.messages === 0) {
    const why =
      progress.linesLeftOut > 0 ? "Photon does not know the format of its transcript" : "It has no transcript";
    throw new NoConversation(`The conversation cannot go along: ${why}.`);
  }
  const fitting = withinLimits(transcripts, (all) => packConversation({ session, transcripts: all }), maxBytes);
  if (fitting === null)
    throw new NoConversation(
      "The conversation does not fit next to the capsule, even without the results of its tools.",
    );
  return {
    ...fitting,
    session,
    messages: own.messages,
    agents: transcripts.length - 1,
    client: own.version,
    masked: progress.masked,
    callsLeftOut: progress.stays.count,
    linesLeftOut: progress.linesLeftOut,
  };
}

/** The root of the work tree, spelled as the session's folder is: not through the target of a link. */
function rootOf(folder: string): string {
  const root = findRepository(folder)?.root;
  if (root === undefined) return folder;
  const below = relative(root, realpathSync(existsSync(folder) ? folder : root));
  return folder.endsWith(below) ? folder.slice(0, folder.length - below.length).replace(/(?<=.)[\\/]$/, "") : root;
}

/** A result may be written before its call, so all calls are read first. */
function noteCalls(path: string, stays: FilesThatStay): void {
  for (const bytes of transcriptLines(path)) {
    const line = bytes.includes('"tool_use"') ? parseLine(bytes) : undefined;
    if (line) stays.note(line);
  }
}

class Progress {
  readonly stays = new FilesThatStay();
  readonly masked: Finding[] = [];
  linesLeftOut = 0;
  keptChars = 0;
  keptLines = 0;
}

interface Carrying {
  readonly neutral: (text: string) => string;
  readonly progress: Progress;
  readonly scan: ConversationSource["scan"];
}

async function carriedLines(
  path: string,
  chosen: ConversationLines,
  { neutral, progress, scan }: Carrying,
): Promise<string[]> {
  const carried: string[] = [];
  let batch: Line[] = [];
  let chars = 0;
  const finish = async () => {
    const { values, findings } = await maskValues(batch, scan);
    progress.masked.push(...findings);
    for (const value of values) carried.push(JSON.stringify(mapTexts(value, neutral)));
    progress.keptChars += chars;
    progress.keptLines += batch.length;
    [batch, chars] = [[], 0];
    if (progress.keptChars > MAX_KEPT_CHARS || progress.keptLines > MAX_CONVERSATION_LINES)
      throw new NoConversation("The conversation is too long to go along.");
  };
  let unread = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  for (const bytes of transcriptLines(path)) {
    unread -= bytes.length + 1;
    if (bytes.length === 0) continue;
    const line = parseLine(bytes);
    if (line === undefined) progress.linesLeftOut++;
    const carriedLine = line && chosen.carry(line);
    if (!carriedLine) continue;
    progress.stays.note(line); // it may be newer than the first reading
    const kept = progress.stays.without(line, carriedLine);
    batch.push(kept);
    chars += JSON.stringify(kept).length;
    if (chars > BATCH_CHARS) await finish();
  }
  if (batch.length > 0) await finish();
  if (unread > 0) progress.linesLeftOut++; // at least one line is too long to be read
  return carried;
}

/** Newer clients write each subagent's transcript into a file of its own, perhaps in subfolders; only the plain ones go. */
function agentFiles(transcriptPath: string): { readonly agent: string; readonly path: string }[] {
  const folder = join(transcriptPath.replace(/\.jsonl$/, ""), "subagents");
  try {
    return readdirSync(folder)
      .flatMap((name) => {
        const agent = /^agent-(.+)\.jsonl$/.exec(name)?.[1];
        const path = join(folder, name);
        return isAgentId(agent) && lstatSync(path).isFile() ? [{ agent, path }] : [];
      })
      .slice(0, MAX_AGENTS);
  } catch {
    return []; // it has none
  }
}
