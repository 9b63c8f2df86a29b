import { isRunning } from "../../client/disk/is-running.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { changeSessionFile, readSessionFile } from "../../client/sessions/session-file.ts";
import type { HandoverDraft } from "./draft-store.ts";

/** Claude's one attempt to write a session's page. It is recorded before it begins, so that a crash cannot repeat it. */
export interface Writing {
  /** Start time by this machine's clock, in milliseconds since 1970. */
  readonly at: number;
  /** The process that asks Claude. */
  readonly pid: number;
  /** The text of the draft from which Claude writes. */
  readonly from: string;
  /** The whole page; undefined if there is none, or not yet. */
  readonly page?: string;
  /** Why there is none, as the rest of a sentence that begins with "but". */
  readonly why?: string;
}

type Sessions = Pick<Paths, "sessions">;

/** An attempt without a result after this time has ended without one. It takes at most 90 seconds. */
const MAX_WRITING_MS = 120_000;

/** Whether Claude was asked for the session's page: the little that a hook needs to know. */
export function wasAsked(paths: Sessions, session: string): boolean {
  return readSessionFile(paths, session).writing !== undefined;
}

/** @returns null if Claude was not asked yet */
export function readWriting(paths: Sessions, session: string): Writing | null {
  const { writing } = readSessionFile(paths, session);
  const at = numberField(writing, "at");
  if (at === undefined) return recordOf(writing) === undefined ? null : { at: 0, pid: 0, from: "" };
  const page = textField(writing, "page");
  const why = textField(writing, "why");
  return {
    at,
    pid: numberField(writing, "pid") ?? 0,
    from: textField(writing, "from") ?? "",
    ...(page !== undefined && { page }),
    ...(why !== undefined && { why }),
  };
}

/**
 * Records that this process asks Claude now.
 *
 * @returns false if a process has asked before, or does so at this moment
 * @throws the file system's own error (disk full, read-only home)
 */
export function beginWriting(paths: Sessions, { session, text }: HandoverDraft, now: number): boolean {
  let isOurs = false;
  changeSessionFile(paths, session, (before) => {
    isOurs = before.writing === undefined;
    return isOurs ? { ...before, writing: { at: now, pid: process.pid, from: text } } : before;
  });
  return isOurs;
}

/** Records how it ended. @throws the file system's own error (disk full, read-only home) */
export function endWriting(paths: Sessions, session: string, result: Pick<Writing, "page" | "why">): void {
  changeSessionFile(paths, session, (before) => ({ ...before, writing: { ...recordOf(before.writing), ...result } }));
}

/** Whether a process is asking Claude at this moment. */
export function isWriting({ at, pid, page, why }: Writing, now: number): boolean {
  return page === undefined && why === undefined && Math.abs(now - at) < MAX_WRITING_MS && isRunning(pid);
}

/**
 * What is published in place of a draft: Claude's page, or the facts with a line that says why there is none.
 *
 * @returns null if Claude was asked for no page, or for that of an earlier state of the session
 */
export function pageInstead({ text }: Pick<HandoverDraft, "text">, writing: Writing | null): string | null {
  if (writing === null || writing.from !== text) return null;
  const { page, why = "this machine stopped or slept meanwhile" } = writing;
  return page ?? afterTitle(text, `Claude was to write this page, but ${why}. These are the facts alone.`);
}

/** A page with a paragraph below its title. */
export function afterTitle(page: string, paragraph: string): string {
  const [title = "", ...rest] = page.split("\n");
  return [title, "", paragraph, ...rest].join("\n");
}
