import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { recordOf, textField } from "../../client/disk/private-file.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { shellQuoted } from "../capsule/apply/write-safely.ts";
import { clientFolder, isTaken, projectsFolder, transcriptsName } from "./client-folder.ts";
import {
  BeyondLimits,
  type CarriedTranscript,
  type ConversationContent,
  unpackConversation,
} from "./conversation-file.ts";
import { ConversationLines } from "./conversation-line.ts";
import { mapTexts } from "./masked-values.ts";
import { fromNeutral, growthOf } from "./neutral-paths.ts";

/** A conversation from another machine, examined. Nothing has been written yet. */
export interface ConversationPlan {
  /** The session that it becomes here: the sender's id, or a new one if that is taken. */
  readonly session: string;
  readonly isNewId: boolean;
  readonly messages: number;
  readonly agents: number;
  readonly bytes: number;
  /** The version of the client that wrote it; null if it does not say. */
  readonly client: string | null;
  /** Chosen lines, with neutral paths. */
  readonly transcripts: readonly CarriedTranscript[];
}

/** A conversation that this machine's client can resume. */
export interface PlacedConversation {
  readonly session: string;
  readonly folder: string;
  /** The transcript. */
  readonly file: string;
  /** Shell commands that remove it. */
  readonly undo: readonly string[];
}

/** Why a conversation is not placed, as a sentence for a person. */
export class NotPlaced extends Error {
  override readonly name = "NotPlaced";
}

/** Limit for what is written, with this machine's paths. */
const MAX_PLACED_BYTES = 64 * 1024 * 1024;

/** Room for this machine's folders, which are not known yet. */
const PATH_CHARS = 300;

/**
 * Examines a conversation. It comes from another machine, so every line is parsed and chosen again.
 *
 * @throws NotPlaced if it cannot be used here
 */
export function planConversation(env: NodeJS.ProcessEnv, bytes: Buffer): ConversationPlan {
  const content = unpacked(bytes);
  if (content === null) throw new NotPlaced("It cannot be read. It may come from a newer version of Photon.");
  const isNewId = isTaken(env, content.session);
  const session = isNewId ? randomUUID() : content.session;
  let [messages, size, growth] = [0, 0, 0];
  let client: string | null = null;
  const paths = { folder: "x".repeat(PATH_CHARS), home: "" };
  const transcripts = content.transcripts.map(({ agent, lines }) => {
    const chosen = new ConversationLines({ session, folderOf: (cwd) => cwd });
    const kept = lines.flatMap((line) => {
      if (!line.startsWith("{")) return []; // parsing what is not JSON takes a hundred times as long
      const carried = chosen.carry(recordOf(parseJson(line)) ?? {});
      if (carried === null) return [];
      const text = JSON.stringify(carried);
      size += Buffer.byteLength(text) + 1;
      growth += growthOf(text, paths);
      if (size + growth > MAX_PLACED_BYTES) throw new NotPlaced("It is too large."); // before more of it is kept
      return [text];
    });
    if (agent === null) [messages, client] = [chosen.messages, chosen.version];
    return { agent, lines: kept };
  });
  if (messages === 0) throw new NotPlaced("Photon knows none of its lines. It may come from a newer Claude Code.");
  return { session, isNewId, messages, agents: transcripts.length - 1, bytes: size, client, transcripts };
}

function unpacked(bytes: Buffer): ConversationContent | null {
  try {
    return unpackConversation(bytes);
  } catch (error) {
    throw error instanceof BeyondLimits ? new NotPlaced(error.message, { cause: error }) : error;
  }
}

/**
 * Writes a conversation where Claude Code looks for the sessions of a folder. Replaces nothing, and follows no link below
 * the client's own folder.
 *
 * @throws NotPlaced if nothing was written
 */
export function placeConversation(env: NodeJS.ProcessEnv, plan: ConversationPlan, folder: string): PlacedConversation {
  const { session, transcripts } = plan;
  if (isTaken(env, session)) throw new NotPlaced("A session with its id has come into being here.");
  const parent = join(projectsFolder(env), transcriptsName(folder));
  const file = join(parent, `${session}.jsonl`);
  const agentsFolder = join(parent, session);
  const made: string[] = [];
  try {
    mkdirSync(clientFolder(env), { recursive: true, mode: 0o700 });
    for (const each of [dirname(parent), parent]) requireOwnFolder(each);
    const agents = transcripts.filter(({ agent }) => agent !== null);
    if (agents.length > 0) {
      mkdirSync(agentsFolder, { mode: 0o700 }); // refuses one that exists, also a link
      made.push(agentsFolder);
      mkdirSync(join(agentsFolder, "subagents"), { mode: 0o700 });
    }
    for (const { agent, lines } of agents)
      writeNew(join(agentsFolder, "subagents", `agent-${agent}.jsonl`), placedText(lines, folder));
    const [own] = transcripts.filter(({ agent }) => agent === null);
    // Last and at once: a session with half of its history is never there.
    const temporary = join(parent, `.photon-${randomBytes(6).toString("hex")}.tmp`);
    made.push(temporary); // a name that nothing else has
    writeNew(temporary, placedText(own?.lines ?? [], folder));
    linkSync(temporary, file);
    rmSync(temporary, { force: true });
    return { session, folder, file, undo: undoOf(file, agents.length > 0 ? agentsFolder : null) };
  } catch (error) {
    for (const each of made) rmSync(each, { recursive: true, force: true });
    if (error instanceof NotPlaced) throw error;
    throw new NotPlaced(`It could not be written: ${error instanceof Error ? error.message : error}.`, {
      cause: error,
    });
  }
}

/** Creates a folder, or makes sure that it is one and not a link. */
function requireOwnFolder(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) mkdirSync(path, { mode: 0o700 });
  else if (!stats.isDirectory()) throw new NotPlaced(`${path} is not a folder of its own, but a link or a file.`);
}

function writeNew(path: string, text: string): void {
  writeFileSync(path, text, { flag: "wx", mode: 0o600, flush: true });
}

function placedText(lines: readonly string[], folder: string): string {
  const local = fromNeutral({ folder, home: homeFolder() });
  const placed = lines.map((line) => {
    const entry = recordOf(mapTexts(parseJson(line), local)) ?? {};
    const cwd = textField(entry, "cwd");
    return JSON.stringify(
      cwd === undefined ? entry : { ...entry, cwd: isWithin(cwd, folder) ? normalize(cwd) : folder },
    );
  });
  return `${placed.join("\n")}\n`;
}

/** Both spellings of a path on Windows are the folder's. */
function isWithin(cwd: string, folder: string): boolean {
  const [inner, outer] = [cwd, folder].map((path) => path.replaceAll("\\", "/"));
  return inner === outer || (inner?.startsWith(`${outer}/`) === true && !/\/\.{1,2}(?:\/|$)/.test(inner));
}

/** In `sh` and in PowerShell. */
function undoOf(file: string, agentsFolder: string | null): string[] {
  return [`rm ${shellQuoted(file)}`, ...(agentsFolder === null ? [] : [`rm -r ${shellQuoted(agentsFolder)}`])];
}

/** Continues a placed conversation. */
export function resumeCommand({ folder, session }: PlacedConversation): string {
  return `cd ${shellQuoted(folder)} && claude --resume ${session}`;
}
