import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { homeFolder } from "../../client/disk/user-folders.ts";

/** A session's id as the client makes them. Nothing else becomes a file name. */
const SESSION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isClientSession(session: unknown): session is string {
  return typeof session === "string" && SESSION_ID.test(session);
}

/** An agent's id, as in `subagents/agent-<id>.jsonl`. */
const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export function isAgentId(agent: unknown): agent is string {
  return typeof agent === "string" && AGENT_ID.test(agent);
}

/** Claude Code's own settings folder, with `CLAUDE_CONFIG_DIR` honoured. */
export function clientFolder(env: NodeJS.ProcessEnv): string {
  return env.CLAUDE_CONFIG_DIR ? resolve(env.CLAUDE_CONFIG_DIR) : join(homeFolder(), ".claude");
}

/** Where the client keeps the transcripts of all folders. */
export function projectsFolder(env: NodeJS.ProcessEnv): string {
  return join(clientFolder(env), "projects");
}

/** The client's name for a folder is cut here, and a hash follows. */
const MAX_NAME_CHARS = 200;

/** The name of the folder that holds the transcripts of the sessions in a folder. The client goes by the real path. */
export function transcriptsName(folder: string): string {
  const path = realPath(folder);
  const name = path.replace(/[^a-zA-Z0-9]/g, "-");
  return name.length <= MAX_NAME_CHARS ? name : `${name.slice(0, MAX_NAME_CHARS)}-${hashOf(path)}`;
}

function realPath(folder: string): string {
  try {
    return realpathSync.native(folder).normalize("NFC");
  } catch {
    return folder.normalize("NFC");
  }
}

/** The client's own hash of a long path. */
function hashOf(path: string): string {
  let hash = 0;
  for (let at = 0; at < path.length; at++) hash = ((hash << 5) - hash + path.charCodeAt(at)) | 0;
  return Math.abs(hash).toString(36);
}

/**
 * A session's transcript on this machine. A session that entered another folder keeps it where it began, so all folders
 * are searched.
 *
 * @returns null if the client has none
 */
export function findTranscript(env: NodeJS.ProcessEnv, session: string): string | null {
  if (!isClientSession(session)) return null;
  const found = transcriptFolders(env).map((folder) => join(folder, `${session}.jsonl`));
  return found.find((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile()) ?? null;
}

/** Whether any folder has a transcript, or other files, of a session with this id. */
export function isTaken(env: NodeJS.ProcessEnv, session: string): boolean {
  return transcriptFolders(env).some((folder) =>
    [`${session}.jsonl`, session].some(
      (name) => lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined,
    ),
  );
}

function transcriptFolders(env: NodeJS.ProcessEnv): string[] {
  const projects = projectsFolder(env);
  try {
    return readdirSync(projects).map((name) => join(projects, name));
  } catch {
    return []; // the client has never run here
  }
}
