import { statSync } from "node:fs";
import { uptime } from "node:os";
import { isRunning } from "../../client/disk/is-running.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { changeSessionFile, openSessionIds, readSessionFile } from "../../client/sessions/session-file.ts";

/** A session that began here and whose handover is not settled: it works, ended a moment ago, or was killed. */
export interface OpenSession {
  readonly session: string;
  /** The client's process. */
  readonly pid: number;
  readonly transcriptPath: string;
  readonly folder: string;
  /** This machine's milliseconds since 1970. */
  readonly seenAt: number;
  /** Its draft is to be published now; the policy was asked. */
  readonly isDue: boolean;
  readonly hasEnded: boolean;
}

/** Older ones are forgotten: what nobody fetched for so long is no help any more. */
const MAX_AGE_MS = 14 * 24 * 60 * 60 * 1000;

/** A session nobody wrote to for so long is over, whatever process has its number now. */
const IDLE_MS = 24 * 60 * 60 * 1000;

/** The clock and the time since the start of the machine may be that far apart. */
const TOLERANCE_MS = 60_000;

/** Does nothing for a session whose id is not a plain one. @throws the file system's own error (disk full, read-only home) */
export function noteOpen(paths: Pick<Paths, "sessions">, { session, ...open }: OpenSession): void {
  changeSessionFile(paths, session, (before) => ({ ...before, open }));
}

/** @throws the file system's own error (read-only home): then it is settled once more */
export function forgetOpen(paths: Pick<Paths, "sessions">, session: string): void {
  changeSessionFile(paths, session, ({ open: _, ...others }) => others);
}

/** @returns null when the session is not open */
export function readOpen(paths: Pick<Paths, "sessions">, session: string): OpenSession | null {
  const { open } = readSessionFile(paths, session);
  const seenAt = numberField(open, "seenAt");
  if (seenAt === undefined) return null;
  const { isDue, hasEnded } = recordOf(open) ?? {};
  return {
    ...{ session, seenAt, isDue: isDue === true, hasEnded: hasEnded === true },
    pid: numberField(open, "pid") ?? 0,
    transcriptPath: textField(open, "transcriptPath") ?? "",
    folder: textField(open, "folder") ?? "",
  };
}

/** Every one; those that are too old are forgotten. Reads no other session's file. */
export function openSessions(paths: Pick<Paths, "sessions">, now: number): OpenSession[] {
  const all = openSessionIds(paths).flatMap((session) => readOpen(paths, session) ?? []);
  const isOld = ({ seenAt }: OpenSession) => Math.abs(now - seenAt) > MAX_AGE_MS;
  for (const { session } of all.filter(isOld)) forgetOpen(paths, session);
  return all.filter((each) => !isOld(each));
}

/**
 * Whether a session is over without having said so: its process is gone, the machine was started anew, or nobody wrote
 * to it for a day. Another process may have got its number meanwhile; then it is found a day later.
 *
 * @param upMs - how long this machine has been running, in milliseconds
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
