import { isRunning } from "../disk/is-running.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, recordOf, textField } from "../disk/private-file.ts";
import { changeSessionFile, readSessionFile, sessionIds } from "./session-file.ts";

/** Which messages were announced to a session. Each has a later time than the one before, so one time is enough. */
export interface Announced {
  /** The time of the newest announced message, as the bridge wrote it. */
  readonly upTo: string;
}

/** How a session learns of new mail: over its socket, by polling every 30 seconds, or not (its key was refused). */
export interface MailConnection {
  readonly how: "live" | "polling" | "refused";
  /** Start time by this machine's clock, in milliseconds since 1970. */
  readonly since: number;
  /** Process number of the session's MCP server. */
  readonly pid: number;
  /** The session's reader address: `mac/photon`. */
  readonly reader: string;
  readonly workerUrl: string;
  /** Whether the client runs the mod in this session, without which nothing wakes it; null: no terminal, or not known yet. */
  readonly hasMod: boolean | null;
}

/** The state of one session that its processes share: hooks, the MCP server, the status line. */
export interface SessionState {
  /** null if no message was announced yet. */
  readonly told: Announced | null;
  /** Unread messages of the session's reader, without those it sent itself; null if not known yet. */
  readonly unread: number | null;
  /** null until the session's server reports it. */
  readonly live: MailConnection | null;
  /** When the hook of the session's start last ran, by this machine's clock, in milliseconds since 1970; null if unknown. */
  readonly hookRanAt: number | null;
}

/** Reads a session's state. All fields are null if the session is unknown or its file is damaged. */
export function readSession(paths: Pick<Paths, "sessions">, session: string): SessionState {
  const { told, unread, live, hookRanAt } = readSessionFile(paths, session);
  const upTo = textField(told, "upTo");
  return {
    told: upTo === undefined ? null : { upTo },
    unread: typeof unread === "number" ? unread : null,
    live: mailConnectionOf(live),
    hookRanAt: typeof hookRanAt === "number" ? hookRanAt : null,
  };
}

/**
 * Changes the given fields and keeps the others, even if other processes change them at the same time. Does nothing if
 * the session's id is not a plain file name.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export function updateSession(paths: Pick<Paths, "sessions">, session: string, change: Partial<SessionState>): void {
  changeSessionFile(paths, session, (before) => {
    const { told } = change;
    const upTo = textField(before.told, "upTo");
    // Another process may have announced newer messages in the meantime.
    const both = told && upTo !== undefined ? { told: laterAnnounced({ upTo }, told) } : {};
    return { ...before, ...change, ...both };
  });
}

/** Remembers that a session was killed, so that its handover is offered on this machine, too. @throws the file system's own error */
export function noteKilled(paths: Pick<Paths, "sessions">, session: string): void {
  changeSessionFile(paths, session, (before) => ({ ...before, killed: true }));
}

export function wasSessionKilled(paths: Pick<Paths, "sessions">, session: string): boolean {
  return readSessionFile(paths, session).killed === true;
}

/** When a session's start last ran its hook on this machine, in milliseconds since 1970; null: not in the last 30 days. */
export function lastHookRun(paths: Pick<Paths, "sessions">): number | null {
  const times = sessionIds(paths).flatMap((session) => readSession(paths, session).hookRanAt ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

/** The open sessions in a terminal whose client runs no mods: mail cannot wake them. */
export function sessionsWithoutMod(paths: Pick<Paths, "sessions">): ListeningSession[] {
  return listeningSessions(paths).filter(({ hasMod }) => hasMod === false);
}

/** A session whose MCP server is running. */
export interface ListeningSession extends MailConnection {
  readonly session: string;
  /** See {@link SessionState}. */
  readonly unread: number | null;
}

/** The sessions of this machine whose server is running and has reported how it learns of mail. */
export function listeningSessions(paths: Pick<Paths, "sessions">): ListeningSession[] {
  // After `/clear` one server has served several sessions: the newest counts.
  const byServer = new Map<number, ListeningSession>();
  for (const session of sessionIds(paths)) {
    const { live, unread } = readSession(paths, session);
    if (live === null || !isRunning(live.pid)) continue;
    const known = byServer.get(live.pid);
    if (known === undefined || known.since <= live.since) byServer.set(live.pid, { ...live, session, unread });
  }
  return [...byServer.values()];
}

/** Merges two states: the later time counts. */
export function laterAnnounced(before: Announced | null, now: Announced): Announced {
  return before !== null && before.upTo > now.upTo ? before : now;
}

function mailConnectionOf(value: unknown): MailConnection | null {
  const how = textField(value, "how");
  const since = numberField(value, "since");
  const pid = numberField(value, "pid");
  const reader = textField(value, "reader");
  const workerUrl = textField(value, "workerUrl");
  if (since === undefined || pid === undefined || reader === undefined || workerUrl === undefined) return null;
  const { hasMod } = recordOf(value) ?? {};
  return {
    how: how === "live" || how === "refused" ? how : "polling",
    since,
    pid,
    reader,
    workerUrl,
    hasMod: typeof hasMod === "boolean" ? hasMod : null,
  };
}
