import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { isPlainSession } from "../../client/sessions/plain-session.ts";
import { changeSessionFile, readSessionFile, sessionIds } from "../../client/sessions/session-file.ts";
import { HANDOVER_POLICIES, type HandoverPolicy } from "../../client/settings/policies.ts";
import { isSameName } from "../../contract/address.ts";

/** The handover that a session would leave, kept on this machine. A session has one; a newer version replaces it. */
export interface HandoverDraft {
  readonly session: string;
  /** null if the session's folder belongs to no project. */
  readonly project: string | null;
  readonly machine: string;
  /** Markdown. */
  readonly text: string;
  /** This machine's milliseconds since 1970. */
  readonly savedAt: number;
  /** The session's folder. */
  readonly folder: string;
  /** Shown when someone chooses a handover to resume. */
  readonly branch: string | null;
  /** Files that the session changed or that are uncommitted. */
  readonly files: number;
  /** The person's prompts so far. */
  readonly prompts: number;
  /** Successful changes to files. */
  readonly edits: number;
  /** The policy in the session's settings: when the draft may leave this machine. */
  readonly policy: HandoverPolicy;
  /** Whether git was too slow for the hook that made the draft, so that its state is not known. */
  readonly isGitSlow?: boolean;
  /** Files that the session created or edited, as the client named them: usually absolute. */
  readonly edited?: readonly string[];
  /** What the draft was made from; missing if it is not known. */
  readonly transcriptPath?: string;
  /** Claude's last answer, if the client passed it to the hook; the transcript may lag behind. */
  readonly lastAnswer?: string;
}

/** @returns null if the session has no draft or an invalid id */
export function readDraft(paths: Pick<Paths, "sessions">, session: string): HandoverDraft | null {
  return parseDraft(session, readSessionFile(paths, session).draft);
}

/**
 * Saves a draft in place of the session's earlier one. It is removed 30 days after the last change to the session's file.
 *
 * @throws RangeError for an invalid session id; the file system's own error (disk full, read-only home)
 */
export function saveDraft(paths: Pick<Paths, "sessions">, { session, ...draft }: HandoverDraft): void {
  requirePlainSession({ session });
  changeSessionFile(paths, session, (before) => ({ ...before, draft }));
}

/** @throws RangeError for a session id that would not do as a file name or for the bridge */
export function requirePlainSession({ session }: Pick<HandoverDraft, "session">): void {
  if (!isPlainSession(session)) throw new RangeError("The session id is invalid.");
}

/**
 * The newest draft of a project; for null, of the sessions without a project.
 *
 * @param isWanted - by default all count
 */
export function latestDraft(
  paths: Pick<Paths, "sessions">,
  project: string | null,
  isWanted: (draft: HandoverDraft) => boolean = () => true,
): HandoverDraft | null {
  return listDrafts(paths).find((draft) => isSameProject(draft.project, project) && isWanted(draft)) ?? null;
}

/** All drafts on this machine, newest first. Damaged files are set aside and left out. */
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
  const transcriptPath = textField(value, "transcriptPath");
  const edited = recordOf(value)?.edited;
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
    ...(recordOf(value)?.isGitSlow === true && { isGitSlow: true }),
    ...(Array.isArray(edited) && { edited: edited.filter((path) => typeof path === "string") }),
    ...(transcriptPath === undefined ? {} : { transcriptPath }),
    ...(lastAnswer === undefined ? {} : { lastAnswer }),
  };
}
