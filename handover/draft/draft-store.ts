import { readdirSync } from "node:fs";
import { join } from "node:path";
import { HANDOVER_POLICIES, type HandoverPolicy } from "../../client/config.ts";
import type { Paths } from "../../client/paths.ts";
import { isPlainSession } from "../../client/plain-session.ts";
import {
  numberField,
  readPrivateJson,
  removeOlderFiles,
  textField,
  writePrivateJson,
} from "../../client/private-file.ts";
import { isSameName } from "../../contract/address.ts";

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
  /** The session's folder: where its work is. */
  readonly folder: string;
  /** What the work is about, for whoever decides to take it over. */
  readonly branch: string | null;
  /** How many files changed in the session or are uncommitted. */
  readonly files: number;
  /** What the person asked for so far, and successful changes to files. */
  readonly prompts: number;
  readonly edits: number;
  /** When it may leave this machine, as the session's settings had it. */
  readonly policy: HandoverPolicy;
  /** What Claude said last, when the client told it; the transcript may lag behind. */
  readonly lastAnswer?: string;
}

/** A handover that old is no help any more; the bridge keeps messages no longer either. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;

/** @returns null when the session left none, or its id is not a plain one */
export function readDraft(paths: Pick<Paths, "drafts">, session: string): HandoverDraft | null {
  return isPlainSession(session) ? parseDraft(readPrivateJson(draftFile(paths, session))) : null;
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
export function requirePlainSession({ session }: Pick<HandoverDraft, "session">): void {
  if (!isPlainSession(session)) throw new RangeError("The session's id is not a plain one.");
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

function draftFile(paths: Pick<Paths, "drafts">, session: string): string {
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
  return {
    v: 1,
    session,
    project: textField(value, "project") ?? null,
    machine,
    text,
    savedAt,
    folder: textField(value, "folder") ?? "",
    branch: textField(value, "branch") ?? null,
    files: numberField(value, "files") ?? 0,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0,
    // A draft that does not say so is from before, or was tampered with: it stays here until it is asked for.
    policy: HANDOVER_POLICIES.find((policy) => policy === textField(value, "policy")) ?? "draft",
    ...(lastAnswer === undefined ? {} : { lastAnswer }),
  };
}
