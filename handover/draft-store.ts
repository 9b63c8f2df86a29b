import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../client/paths.ts";
import {
  numberField,
  readPrivateJson,
  recordOf,
  removeOlderFiles,
  textField,
  writePrivateJson,
} from "../client/private-file.ts";
import { isSameName } from "../contract/address.ts";

/** What a session will leave behind, kept on this machine. One per session; a newer version replaces the older. */
export interface HandoverDraft {
  readonly v: 1;
  readonly session: string;
  /** null: the session's folder belongs to no project. */
  readonly project: string | null;
  readonly machine: string;
  /** Markdown. */
  readonly text: string;
  /** In this machine's milliseconds since 1970. */
  readonly savedAt: number;
  /** What the person asked for so far, and successful changes to files. */
  readonly prompts: number;
  readonly edits: number;
  /** The message that carries it, when it was published; a later one replaces that. */
  readonly publishedId: string | null;
  readonly publishedAt: number | null;
  /** What that message says. */
  readonly publishedText: string | null;
  /** What Claude said last, when the client told it; the transcript may lag behind. */
  readonly lastAnswer?: string;
  /** Set when the person published it, who may have put it better and chosen who gets it. */
  readonly byPerson?: PersonsHandover;
}

interface PersonsHandover {
  /** The person's own words; null when they took the draft as it was. */
  readonly text: string | null;
  /** The address they chose; null for everyone. */
  readonly to: string | null;
  /** What the session had done by then. */
  readonly prompts: number;
  readonly edits: number;
}

/** As the contract has it; and a plain file name on every system, so a session cannot name a file elsewhere. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A handover that old is no help any more; the bridge keeps messages no longer either. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;

/** @returns null when the session left none, or its id is not a plain one */
export function readDraft(paths: Paths, session: string): HandoverDraft | null {
  return SESSION_ID.test(session) ? parseDraft(readPrivateJson(draftFile(paths, session))) : null;
}

/**
 * Keeps a draft in place of the session's earlier one, and removes drafts nobody wrote to for 30 days.
 *
 * @throws RangeError for a session id that is not a plain one; the file system's own error (disk full, read-only home)
 */
export function saveDraft(paths: Paths, draft: HandoverDraft, now: number = Date.now()): void {
  requirePlainSession(draft);
  writePrivateJson(draftFile(paths, draft.session), draft);
  removeOlderFiles(paths.drafts, now - MAX_AGE_MS);
}

/** @throws RangeError for a session id that neither a file name nor the bridge would take */
export function requirePlainSession({ session }: HandoverDraft): void {
  if (!SESSION_ID.test(session)) throw new RangeError("The session's id is not a plain one.");
}

/** The newest draft of a project (null: of the sessions in none). */
export function latestDraft(paths: Paths, project: string | null): HandoverDraft | null {
  return listDrafts(paths).find((draft) => isSameProject(draft.project, project)) ?? null;
}

/** Every draft of this machine, newest first. A damaged one is set aside and left out. */
export function listDrafts(paths: Paths): HandoverDraft[] {
  return fileNames(paths)
    .filter((name) => name.endsWith(".json"))
    .map((name) => parseDraft(readPrivateJson(join(paths.drafts, name))))
    .filter((draft) => draft !== null)
    .sort((a, b) => b.savedAt - a.savedAt);
}

function isSameProject(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : isSameName(a, b);
}

function draftFile(paths: Paths, session: string): string {
  return join(paths.drafts, `${session}.json`);
}

function fileNames(paths: Paths): string[] {
  try {
    return readdirSync(paths.drafts);
  } catch {
    return []; // not there yet
  }
}

function parseDraft(value: unknown): HandoverDraft | null {
  const session = textField(value, "session");
  const machine = textField(value, "machine");
  const text = textField(value, "text");
  const savedAt = numberField(value, "savedAt");
  if (session === undefined || machine === undefined || text === undefined || savedAt === undefined) return null;
  const lastAnswer = textField(value, "lastAnswer");
  const byPerson = parsePersons(recordOf(value)?.byPerson);
  return {
    v: 1,
    session,
    project: textField(value, "project") ?? null,
    machine,
    text,
    savedAt,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0,
    publishedId: textField(value, "publishedId") ?? null,
    publishedAt: numberField(value, "publishedAt") ?? null,
    publishedText: textField(value, "publishedText") ?? null,
    ...(lastAnswer === undefined ? {} : { lastAnswer }),
    ...(byPerson === undefined ? {} : { byPerson }),
  };
}

function parsePersons(value: unknown): PersonsHandover | undefined {
  if (recordOf(value) === undefined) return undefined;
  return {
    text: textField(value, "text") ?? null,
    to: textField(value, "to") ?? null,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0,
  };
}
