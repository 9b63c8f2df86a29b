import { statSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { isRunning } from "../../client/is-running.ts";
import type { Paths } from "../../client/paths.ts";
import { isPlainSession } from "../../client/plain-session.ts";
import {
  namesIn,
  numberField,
  readPrivateJson,
  recordOf,
  removeFile,
  textField,
  writePrivateJson,
} from "../../client/private-file.ts";

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

/** @throws the file system's own error (disk full, read-only home) */
export function noteOpen(paths: Pick<Paths, "open">, session: OpenSession): void {
  if (isPlainSession(session.session)) writePrivateJson(fileOf(paths, session.session), { v: 1, ...session });
}

export function forgetOpen(paths: Pick<Paths, "open">, session: string): void {
  if (isPlainSession(session)) removeFile(fileOf(paths, session));
}

/** @returns null when there is none of this session */
export function readOpen(paths: Pick<Paths, "open">, session: string): OpenSession | null {
  return isPlainSession(session) ? parse(readPrivateJson(fileOf(paths, session))) : null;
}

/** Every one; those that are too old are removed. */
export function openSessions(paths: Pick<Paths, "open">, now: number): OpenSession[] {
  const all = namesIn(paths.open, /\.json$/).flatMap((name) => readOpen(paths, name.slice(0, -".json".length)) ?? []);
  const isOld = ({ seenAt }: OpenSession) => Math.abs(now - seenAt) > MAX_AGE_MS;
  for (const { session } of all.filter(isOld)) forgetOpen(paths, session);
  return all.filter((each) => !isOld(each));
}

function parse(value: unknown): OpenSession | null {
  const session = textField(value, "session");
  const seenAt = numberField(value, "seenAt");
  if (session === undefined || seenAt === undefined) return null;
  const { isDue, hasEnded } = recordOf(value) ?? {};
  return {
    ...{ session, seenAt, isDue: isDue === true, hasEnded: hasEnded === true },
    pid: numberField(value, "pid") ?? 0,
    transcriptPath: textField(value, "transcriptPath") ?? "",
    folder: textField(value, "folder") ?? "",
  };
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

function fileOf({ open }: Pick<Paths, "open">, session: string): string {
  return join(open, `${session}.json`);
}
