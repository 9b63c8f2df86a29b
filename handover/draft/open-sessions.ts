import { statSync } from "node:fs";
import { uptime } from "node:os";
import { isRunning } from "../../client/disk/is-running.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { changeSessionFile, openSessionIds, readSessionFile } from "../../client/sessions/session-file.ts";

/** A session on this machine whose handover is not settled: it is running, has just ended, or was killed. */
export interface OpenSession {
  readonly session: string;
  /** The client's process. */
  readonly pid: number;
  readonly transcriptPath: string;
  readonly folder: string;
  /** This machine's milliseconds since 1970. */
  readonly seenAt: number;
  /** Whether its draft should be published now, according to the policy. */
  readonly isDue: boolean;
  readonly hasEnded: boolean;
  /** Whether it ended, was compacted or was cut off when it was seen; otherwise it had only ended a turn. */
  readonly isFinal?: boolean;
}

/** Older sessions are forgotten: their work is no longer current. */
const MAX_AGE_MS = 14 * 24 * 60 * 60 * 1000;

/** A session without activity for this long has ended, even if another process now has its pid. */
const IDLE_MS = 24 * 60 * 60 * 1000;

/** The clock and the uptime may differ this much. */
const TOLERANCE_MS = 60_000;

/** Does nothing for an invalid session id. @throws the file system's own error (disk full, read-only home) */
export function noteOpen(paths: Pick<Paths, "sessions">, { session, ...open }: OpenSession): void {
  changeSessionFile(paths, session, ({ killed: _, ...before }) => ({ ...before, open })); // it continues
}

/** @throws the file system's own error (read-only home); the session is then settled again */
export function forgetOpen(paths: Pick<Paths, "sessions">, session: string): void {
  changeSessionFile(paths, session, ({ open: _, ...others }) => others);
}

/** @returns null if the session is not open */
export function readOpen(paths: Pick<Paths, "sessions">, session: string): OpenSession | null {
  const { open } = readSessionFile(paths, session);
  const seenAt = numberField(open, "seenAt");
  if (seenAt === undefined) return null;
  const { isDue, hasEnded, isFinal } = recordOf(open) ?? {};
  return {
    session,
    seenAt,
    isDue: isDue === true,
    hasEnded: hasEnded === true,
    pid: numberField(open, "pid") ?? 0,
    transcriptPath: textField(open, "transcriptPath") ?? "",
    folder: textField(open, "folder") ?? "",
    ...(isFinal === true && { isFinal }),
  };
}

/** All open sessions. Forgets those that are too old. Reads only the files of open sessions. */
export function openSessions(paths: Pick<Paths, "sessions">, now: number): OpenSession[] {
  const all = openSessionIds(paths).flatMap((session) => readOpen(paths, session) ?? []);
  const isOld = ({ seenAt }: OpenSession) => Math.abs(now - seenAt) > MAX_AGE_MS;
  for (const { session } of all.filter(isOld)) forgetOpen(paths, session);
  return all.filter((each) => !isOld(each));
}

/** Whether a session is running, as far as this machine knows. */
export function isStillOpen(paths: Pick<Paths, "sessions">, session: string, now: number): boolean {
  const open = readOpen(paths, session);
  return open !== null && !open.hasEnded && !wasKilled(open, now);
}

/**
 * Whether a session ended without notice: its process is gone, the machine was restarted, or there was no activity for a
 * day. If another process has its pid, only the last of these detects it.
 *
 * @param upMs - this machine's uptime in milliseconds
 */
export function wasKilled(
  { pid, seenAt, transcriptPath }: Pick<OpenSession, "pid" | "seenAt" | "transcriptPath">,
  now: number,
  upMs: number = uptime() * 1000,
): boolean {
  if (seenAt < now - upMs - TOLERANCE_MS || !isRunning(pid)) return true;
  return Math.max(seenAt, writtenAt(transcriptPath)) < now - IDLE_MS;
}

function writtenAt(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
