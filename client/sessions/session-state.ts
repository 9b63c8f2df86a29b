import { isRunning } from "../disk/is-running.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, textField } from "../disk/private-file.ts";
import { changeSessionFile, readSessionFile, sessionIds } from "./session-file.ts";

/** What a session was told of. The bridge gives every message a later time than the one before, so one time is enough. */
export interface Told {
  /** The time of the newest message the session knows of, as the bridge wrote it. */
  readonly upTo: string;
}

/** How a session hears of new mail: at once over its socket, by asking every 30 seconds, or not, as its key was refused. */
export interface Hearing {
  readonly how: "live" | "polling" | "refused";
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

/** What is known of a session; nothing for one that is not known, or whose file is damaged. */
export function readSession(paths: Pick<Paths, "sessions">, session: string): SessionState {
  const { told, unread, live } = readSessionFile(paths, session);
  const upTo = textField(told, "upTo");
  return {
    told: upTo === undefined ? null : { upTo },
    unread: typeof unread === "number" ? unread : null,
    live: hearingOf(live),
  };
}

/**
 * Changes what is given and keeps the rest, whoever else changes it at the same time. Nothing is kept of a session whose id
 * is not a plain one.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export function updateSession(paths: Pick<Paths, "sessions">, session: string, change: Partial<SessionState>): void {
  changeSessionFile(paths, session, (before) => {
    const { told } = change;
    const upTo = textField(before.told, "upTo");
    // Another process may have told the session of more meanwhile.
    const both = told && upTo !== undefined ? { told: toldBoth({ upTo }, told) } : {};
    return { ...before, ...change, ...both };
  });
}

/** A session whose MCP server runs. */
export interface ListeningSession extends Hearing {
  readonly session: string;
  /** As in {@link SessionState}. */
  readonly unread: number | null;
}

/** The sessions of this machine whose server runs and has said how it hears. */
export function listeningSessions(paths: Pick<Paths, "sessions">): ListeningSession[] {
  // After `/clear` one server has served more than one session: the newest counts.
  const byServer = new Map<number, ListeningSession>();
  for (const session of sessionIds(paths)) {
    const { live, unread } = readSession(paths, session);
    if (live === null || !isRunning(live.pid)) continue;
    const known = byServer.get(live.pid);
    if (known === undefined || known.since <= live.since) byServer.set(live.pid, { ...live, session, unread });
  }
  return [...byServer.values()];
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
  return { how: how === "live" || how === "refused" ? how : "polling", since, pid, reader, workerUrl };
}
