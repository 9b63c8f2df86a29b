import { join } from "node:path";
import { errorCode } from "../disk/disk-error.ts";
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
 * The data of one session: what was announced to it, its number of unread messages, its handover. Each reader parses
 * the part that it needs.
 */
export type SessionFile = Readonly<Record<string, unknown>>;

type SessionPaths = Pick<Paths, "sessions">;

/** A session whose file did not change for this long has ended. The bridge keeps messages no longer either. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Part of the file name if the session's handover is not settled, so that listing the folder finds it among hundreds of
 * others. A session's id cannot contain `+`.
 */
const OPEN = "+open";

/** @returns empty if the session is unknown or its id is not a plain file name */
export function readSessionFile(paths: SessionPaths, session: string): SessionFile {
  return isPlainSession(session) ? find(paths, session).content : {};
}

/**
 * Changes a session's data; does nothing if its id is not a plain file name. Several processes may do this at the same
 * time (hooks, the server, a detached `photon flush`) without losing each other's changes. A file that a newer Photon
 * wrote is left unchanged. The first change of a session removes the files that did not change for 30 days.
 *
 * @param change - returns the new data; may be called more than once. If it sets `open`, {@link openSessionIds} returns
 *   the session
 * @param giveUpMs - after this wait for the others the change is made all the same, and one of theirs may be lost
 * @throws the file system's own error (disk full, read-only home): then the file is unchanged
 */
export function changeSessionFile(
  paths: SessionPaths,
  session: string,
  change: (before: SessionFile) => SessionFile,
  giveUpMs?: number,
): void {
  if (!isPlainSession(session) || changed(find(paths, session), change) === null) return;
  changeUnderLock(
    join(paths.sessions, `${session}.lock`),
    () => find(paths, session).content,
    (_, mayReplace) => {
      const found = find(paths, session);
      const after = changed(found, change);
      if (after === null) return true;
      if (found.file === null) removeOlderFiles(paths.sessions, /./, Date.now() - KEPT_MS);
      return replace(filesOf(paths, session), found.file, after, mayReplace);
    },
    giveUpMs,
  );
}

/**
 * A file next to a session's own one, for what may be lost and would make that one large. It is removed with the others, 30
 * days after its last change.
 *
 * @returns null if the id is not a plain file name
 */
export function losableFileOf({ sessions }: SessionPaths, session: string, name: string): string | null {
  return isPlainSession(session) ? join(sessions, `${session}+${name}.json`) : null;
}

/** The sessions whose handover may not be settled. Reads only the names of the files. */
export function openSessionIds(paths: SessionPaths): string[] {
  return sessionIds(paths, OPEN_FILE);
}

/** Every session that has a file, each once. */
export function sessionIds(paths: SessionPaths, pattern: RegExp = SESSION_FILE): string[] {
  return [...new Set(namesIn(paths.sessions, pattern).map((name) => pattern.exec(name)?.[1] ?? ""))];
}

const SESSION_FILE = /^([^+]+)(?:\+open)?\.json$/;
const OPEN_FILE = /^([^+]+)\+open\.json$/;

interface Found {
  /** null if the session has no file. */
  readonly file: string | null;
  readonly content: SessionFile;
  /** A newer Photon wrote the file, so it must not be replaced. */
  readonly isNewer: boolean;
}

/** Looks twice, because another process may rename the file between two reads. */
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

/** @returns null if nothing must be written: nothing changed, or a newer Photon wrote the file */
function changed({ content, isNewer }: Found, change: (before: SessionFile) => SessionFile): SessionFile | null {
  const after = change(content);
  return isNewer || JSON.stringify(after) === JSON.stringify(content) ? null : after;
}

/**
 * Renames the file before an open handover is written to it, and after the handover is removed from it. A crash between
 * the two steps can leave `+open` in the name without a handover, but never a handover that is not found.
 */
function replace(
  { open, plain }: ReturnType<typeof filesOf>,
  file: string | null,
  after: SessionFile,
  mayReplace: () => boolean,
): boolean {
  const isOpen = after.open !== undefined;
  if (isOpen && file === plain && !isRenamed(plain, open)) return false; // another process was first: from its content
  const target = isOpen || file === open ? open : plain;
  if (!writePrivateFile(target, `${JSON.stringify({ v: 1, ...after }, null, 2)}\n`, mayReplace)) return false;
  if (!isOpen && target === open) isRenamed(open, plain); // or another process has done it
  return true;
}

/** @returns false if the file is gone: another process, which did not get the lock in time, has renamed it */
function isRenamed(from: string, to: string): boolean {
  try {
    replaceFile(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function filesOf({ sessions }: SessionPaths, session: string): { open: string; plain: string } {
  return { open: join(sessions, `${session}${OPEN}.json`), plain: join(sessions, `${session}.json`) };
}
