import { join } from "node:path";
import type { Paths } from "../disk/paths.ts";
import {
  namesIn,
  readVersioned,
  recordOf,
  removeOlderFiles,
  replaceFile,
  writePrivateFile,
} from "../disk/private-file.ts";
import { changeUnderLock } from "../disk/short-lock.ts";
import { isPlainSession } from "./plain-session.ts";

/**
 * What belongs to one session, in one file: what it was told, how many messages it has unread, its handover. Whoever
 * needs a part of it parses that part.
 */
export type SessionFile = Readonly<Record<string, unknown>>;

type SessionPaths = Pick<Paths, "sessions">;

/** A session that nobody wrote to for so long is over; the bridge keeps no message longer either. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * In the name of a file whose session has a handover that is not settled, so that it is found among hundreds of others
 * by a look at the folder. No session's id can have the `+`.
 */
const OPEN = "+open";

/** @returns empty when nothing is known of the session, or its id is not a plain one */
export function readSessionFile(paths: SessionPaths, session: string): SessionFile {
  return isPlainSession(session) ? find(paths, session).content : {};
}

/**
 * Changes what is known of a session; does nothing for an id that is not a plain one. Several processes may do it at the
 * same time (hooks, the server, a detached `photon flush`): nothing that one of them changed is lost. A file that a newer
 * Photon wrote is left as it is. The first change of a session removes the files of those that nobody wrote to for 30 days.
 *
 * @param change - what it was becomes what it returns; may be called more than once. `open` in it makes the session one of
 *   {@link openSessionIds}
 * @throws the file system's own error (disk full, read-only home): then it is as it was
 */
export function changeSessionFile(
  paths: SessionPaths,
  session: string,
  change: (before: SessionFile) => SessionFile,
): void {
  if (!isPlainSession(session) || changed(find(paths, session), change) === null) return;
  changeUnderLock(join(paths.sessions, `${session}.lock`), (mayReplace) => {
    const found = find(paths, session);
    const after = changed(found, change);
    if (after === null) return true;
    if (found.file === null) removeOlderFiles(paths.sessions, /./, Date.now() - KEPT_MS);
    return replace(filesOf(paths, session), found.file, after, mayReplace);
  });
}

/** The sessions whose handover may not be settled. Only the names of the files are looked at. */
export function openSessionIds(paths: SessionPaths): string[] {
  return sessionIds(paths, OPEN_FILE);
}

/** Every session of which something is known, each once. */
export function sessionIds(paths: SessionPaths, pattern: RegExp = SESSION_FILE): string[] {
  return [...new Set(namesIn(paths.sessions, pattern).map((name) => pattern.exec(name)?.[1] ?? ""))];
}

const SESSION_FILE = /^([^+]+)(?:\+open)?\.json$/;
const OPEN_FILE = /^([^+]+)\+open\.json$/;

interface Found {
  /** null when there is none. */
  readonly file: string | null;
  readonly content: SessionFile;
  /** A newer Photon's: it is not to be written. */
  readonly isNewer: boolean;
}

/** The file may get its other name between two looks. */
function find(paths: SessionPaths, session: string): Found {
  const { open, plain } = filesOf(paths, session);
  for (const file of [open, plain, open, plain]) {
    const found = readVersioned(file);
    if (found.state === "newer") return { file, content: {}, isNewer: true };
    if (found.state === "whole") return { file, content: contentOf(found.value), isNewer: false };
  }
  return { file: null, content: {}, isNewer: false };
}

function contentOf(value: unknown): SessionFile {
  const { v: _, ...content } = recordOf(value) ?? {};
  return content;
}

/** @returns null when there is nothing to write */
function changed({ content, isNewer }: Found, change: (before: SessionFile) => SessionFile): SessionFile | null {
  const after = change(content);
  return isNewer || JSON.stringify(after) === JSON.stringify(content) ? null : after;
}

/**
 * The name changes before an open handover is in the file, and after it is out of it: a crash between the two leaves a
 * name that says too much, never a handover that nobody finds.
 */
function replace(
  { open, plain }: ReturnType<typeof filesOf>,
  file: string | null,
  after: SessionFile,
  mayReplace: () => boolean,
): boolean {
  const isOpen = after.open !== undefined;
  if (isOpen && file === plain) replaceFile(plain, open);
  const target = isOpen || file === open ? open : plain;
  if (!writePrivateFile(target, `${JSON.stringify({ v: 1, ...after }, null, 2)}\n`, mayReplace)) return false;
  if (!isOpen && target === open) replaceFile(open, plain);
  return true;
}

function filesOf({ sessions }: SessionPaths, session: string): { open: string; plain: string } {
  return { open: join(sessions, `${session}${OPEN}.json`), plain: join(sessions, `${session}.json`) };
}
