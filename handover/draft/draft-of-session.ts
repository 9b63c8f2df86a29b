import { existsSync } from "node:fs";
import type { Paths } from "../../client/disk/paths.ts";
import { findRepository } from "../../client/git/found-repository.ts";
import type { Config } from "../../client/settings/config.ts";
import { PATIENT_MS } from "../git/git-state.ts";
import { type HandoverDraft, readDraft } from "./draft-store.ts";
import { keepDraft } from "./keep-draft.ts";
import { readOpen } from "./open-sessions.ts";

/**
 * The draft of a session. If the session has entered or left a worktree since the draft was saved, or git was too slow
 * then, it is made again.
 *
 * @param folder - where the session works now
 * @returns null if the session has no draft
 */
export function draftOfSession(paths: Paths, config: Config, session: string, folder: string): HandoverDraft | null {
  const draft = readDraft(paths, session);
  if (draft === null) return null;
  return hasMoved(draft.folder, folder) ? madeAgain(paths, config, draft, folder) : withGit(paths, config, draft);
}

/** A draft with the state in git, if git was too slow for the hook that made it and the session is still open. */
export function withGit(paths: Paths, config: Config, draft: HandoverDraft): HandoverDraft {
  return draft.isGitSlow ? madeAgain(paths, config, draft, draft.folder) : draft;
}

function madeAgain(paths: Paths, config: Config, draft: HandoverDraft, folder: string): HandoverDraft {
  const { session } = draft;
  const transcriptPath = readOpen(paths, session)?.transcriptPath || null;
  if (transcriptPath === null) return draft;
  try {
    const moment = { session, transcriptPath, folder, lastAnswer: null, isFinal: false, gitMs: PATIENT_MS };
    keepDraft(paths, config, moment);
  } catch {
    return { ...draft, folder }; // the disk fails; the text stays the earlier one
  }
  return readDraft(paths, session) ?? draft;
}

/** Whether both folders are in one repository, but in different work trees of it; or the first was removed. */
function hasMoved(from: string, to: string): boolean {
  if (from === to || from === "") return false;
  if (!existsSync(from)) return true;
  const [before, now] = [findRepository(from), findRepository(to)];
  return before !== null && before.main === now?.main && before.root !== now.root;
}
