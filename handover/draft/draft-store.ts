import type { Paths } from "../../client/disk/paths.ts";
import { numberField, textField } from "../../client/disk/private-file.ts";
import { isPlainSession } from "../../client/sessions/plain-session.ts";
import { changeSessionFile, readSessionFile, sessionIds } from "../../client/sessions/session-file.ts";
import { HANDOVER_POLICIES, type HandoverPolicy } from "../../client/settings/policies.ts";
import { isSameName } from "../../contract/address.ts";

/** What a session will leave behind, kept on this machine. One per session; a newer version replaces the older. */
export interface HandoverDraft {
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

/** @returns null when the session left none, or its id is not a plain one */
export function readDraft(paths: Pick<Paths, "sessions">, session: string): HandoverDraft | null {
  return parseDraft(session, readSessionFile(paths, session).draft);
}

/**
 * Keeps a draft in place of the session's earlier one, for 30 days after anything was written of the session.
 *
 * @throws RangeError for a session id that is not a plain one; the file system's own error (disk full, read-only home)
 */
export function saveDraft(paths: Pick<Paths, "sessions">, { session, ...draft }: HandoverDraft): void {
  requirePlainSession({ session });
  changeSessionFile(paths, session, (before) => ({ ...before, draft }));
}

/** @throws RangeError for a session id that neither a file name nor the bridge would take */
export function requirePlainSession({ session }: Pick<HandoverDraft, "session">): void {
  if (!isPlainSession(session)) throw new RangeError("The session's id is not a plain one.");
}

/** The newest draft of a project (null: of the sessions in none). */
export function latestDraft(paths: Pick<Paths, "sessions">, project: string | null): HandoverDraft | null {
  return listDrafts(paths).find((draft) => isSameProject(draft.project, project)) ?? null;
}

/** Every draft of this machine, newest first. A damaged file is set aside and left out. */
export function listDrafts(paths: Pick<Paths, "sessions">): HandoverDraft[] {
  return sessionIds(paths)
    .flatMap((session) => readDraft(paths, session) ?? [])
    .sort((a, b) => b.savedAt - a.savedAt);
}

function isSameProject(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : isSameName(a, b);
}

function parseDraft(session: string, value: unknown): HandoverDraft | null {
  const machine = textField(value, "machine");
  const text = textField(value, "text");
  const savedAt = numberField(value, "savedAt");
  if (machine === undefined || text === undefined || savedAt === undefined) return null;
  const lastAnswer = textField(value, "lastAnswer");
  // A draft without a policy was tampered with: it stays here until a person asks for it.
  return {
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
    policy: HANDOVER_POLICIES.find((policy) => policy === textField(value, "policy")) ?? "draft",
    ...(lastAnswer === undefined ? {} : { lastAnswer }),
  };
}
