import { existsSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../is-running.ts";
import type { Paths } from "../paths.ts";
import { isPlainSession } from "../plain-session.ts";
import {
  namesIn,
  numberField,
  readPrivateJson,
  recordOf,
  removeOlderFiles,
  textField,
  writePrivateJson,
} from "../private-file.ts";

/** A session whose file was not written for this long has ended. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** What a session was told of. The bridge gives every message a later time than the one before, so one time is enough. */
export interface Told {
  /** The time of the newest message the session knows of, as the bridge wrote it. */
  readonly upTo: string;
}

/** How a session hears of new mail: at once over its socket, or by asking every 30 seconds. */
export interface Hearing {
  readonly how: "live" | "polling";
  /** Since when, in this machine's milliseconds since 1970. */
  readonly since: number;
  /** The session's MCP server. */
  readonly pid: number;
  /** As whom the session reads: `mac/photon`. */
  readonly reader: string;
  readonly workerUrl: string;
}

/** What this machine keeps of one session between its processes: hooks, the MCP server, the status line. */
export interface SessionState {
  /** null: the session was told of nothing yet. */
  readonly told: Told | null;
  /** Unread messages of this session's reader, without what the session sent itself; null: not known yet. */
  readonly unread: number | null;
  /** null: no server of this session has said. */
  readonly live: Hearing | null;
}

const NOTHING_KNOWN: SessionState = { told: null, unread: null, live: null };

/** What is known of a session; nothing for one that is not known, or whose file is damaged. */
export function readSession(paths: Pick<Paths, "sessions">, session: string): SessionState {
  if (!isPlainSession(session)) return NOTHING_KNOWN;
  const file = recordOf(readPrivateJson(fileOf(paths, session)));
  const upTo = textField(file?.told, "upTo");
  return {
    told: upTo === undefined ? null : { upTo },
    unread: numberField(file, "unread") ?? null,
    live: hearingOf(file?.live),
  };
}

/**
 * Changes what is given and keeps the rest. A hook and the server may do so at the same moment, and then one change is lost:
 * a reminder comes once too often, or a count stays until the next one.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export function updateSession(paths: Pick<Paths, "sessions">, session: string, change: Partial<SessionState>): void {
  if (!isPlainSession(session)) return;
  const file = fileOf(paths, session);
  if (!existsSync(file)) removeOlderFiles(paths.sessions, Date.now() - KEPT_MS);
  writePrivateJson(file, { v: 1, ...readSession(paths, session), ...change });
}

/** A session whose MCP server runs. */
export interface ListeningSession extends Hearing {
  readonly session: string;
  /** As in {@link SessionState}. */
  readonly unread: number | null;
}

/** The sessions of this machine whose server runs and has said how it hears. */
export function listeningSessions(paths: Pick<Paths, "sessions">): ListeningSession[] {
  return namesIn(paths.sessions, /\.json$/).flatMap((name) => {
    const session = name.replace(/\.json$/, "");
    const { live, unread } = readSession(paths, session);
    return live !== null && isRunning(live.pid) ? [{ ...live, session, unread }] : [];
  });
}

/** Both together: the later time. */
export function toldBoth(before: Told | null, now: Told): Told {
  return before !== null && before.upTo > now.upTo ? before : now;
}

function hearingOf(value: unknown): Hearing | null {
  const how = textField(value, "how");
  const since = numberField(value, "since");
  const pid = numberField(value, "pid");
  const reader = textField(value, "reader");
  const workerUrl = textField(value, "workerUrl");
  if (since === undefined || pid === undefined || reader === undefined || workerUrl === undefined) return null;
  return { how: how === "live" ? "live" : "polling", since, pid, reader, workerUrl };
}

function fileOf({ sessions }: Pick<Paths, "sessions">, session: string): string {
  return join(sessions, `${session}.json`);
}
