import { existsSync } from "node:fs";
import type { Paths } from "../../client/disk/paths.ts";
import { findRepository } from "../../client/git/found-repository.ts";
import { wasSessionKilled } from "../../client/sessions/session-state.ts";
import type { Config } from "../../client/settings/config.ts";
import { PATIENT_MS } from "../git/git-state.ts";
import { ENDED_BY_PERSON } from "../page/state-lines.ts";
import { draftOfFolder } from "./draft-of-folder.ts";
import { type HandoverDraft, readDraft } from "./draft-store.ts";
import { keepDraft, type SessionMoment } from "./keep-draft.ts";
import { isStillOpen, readOpen } from "./open-sessions.ts";

/**
 * The draft of the session that asks, made now from its transcript and git, however little it has done. If nobody knows
 * where its transcript is, it is the draft that its last turn saved, or else the state of its folder in git.
 *
 * @param folder - where the session works now
 * @param now - this machine's milliseconds since 1970
 */
export function draftOfSession(
  paths: Paths,
  config: Config,
  session: string,
  folder: string,
  now: number = Date.now(),
): HandoverDraft {
  const kept = readDraft(paths, session);
  const before = kept?.folder || readOpen(paths, session)?.folder || "";
  const hasLeft = hasMoved(before, folder);
  const place = before === "" || hasLeft ? folder : before;
  const made = madeNow(paths, config, session, place, now);
  if (made !== null) return made;
  if (kept === null) return draftOfFolder(config, place, { session, now });
  return hasLeft ? { ...kept, folder } : kept;
}

/**
 * A draft that another session saved, made again: the session may have worked since, and its files may have changed, which a
 * capsule takes as they are now. A session that has ended keeps its place among the drafts and what is known of its end.
 *
 * @returns the draft as it was saved, if its transcript is gone or git does not answer
 */
export function currentDraft(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  now: number = Date.now(),
): HandoverDraft {
  const { session, folder, project, policy } = draft;
  const settings = { ...config, project, handover: policy };
  if (isStillOpen(paths, session, now)) return madeNow(paths, settings, session, folder, now) ?? draft;
  const made = existsSync(folder)
    ? madeNow(paths, settings, session, folder, draft.savedAt, endOf(paths, draft))
    : null;
  return made ?? draft;
}

/** How a session ended; its transcript does not say so. */
function endOf(paths: Paths, { session, text }: HandoverDraft): Pick<SessionMoment, "wasKilled" | "isEndedByPerson"> {
  return { wasKilled: wasSessionKilled(paths, session), isEndedByPerson: text.includes(ENDED_BY_PERSON) };
}

/** A draft with the state in git, if git was too slow for the hook that made it. */
export function withGit(paths: Paths, config: Config, draft: HandoverDraft): HandoverDraft {
  const { session, folder, project, isGitSlow } = draft;
  return isGitSlow ? (madeNow(paths, { ...config, project }, session, folder, Date.now()) ?? draft) : draft;
}

/**
 * @param savedAt - the time that the draft gets
 * @returns null if the transcript is not known, or the disk fails
 */
function madeNow(
  paths: Paths,
  config: Config,
  session: string,
  folder: string,
  savedAt: number,
  end: Pick<SessionMoment, "wasKilled" | "isEndedByPerson"> = {},
): HandoverDraft | null {
  const kept = readDraft(paths, session);
  const transcriptPath = readOpen(paths, session)?.transcriptPath || kept?.transcriptPath;
  // In its first turn the client may not have written it yet. One that was deleted must not empty the draft.
  if (!transcriptPath || (kept !== null && !existsSync(transcriptPath))) return null;
  const moment = { session, transcriptPath, folder, lastAnswer: null, isFinal: false, ...end };
  try {
    keepDraft(paths, config, { ...moment, gitMs: PATIENT_MS, isAsked: true }, savedAt);
  } catch {
    return null; // the text stays the earlier one
  }
  return readDraft(paths, session);
}

/** Whether both folders are in one repository, but in different work trees of it; or the first was removed. */
function hasMoved(from: string, to: string): boolean {
  if (from === to || from === "") return false;
  if (!existsSync(from)) return true;
  const [before, now] = [findRepository(from), findRepository(to)];
  return before !== null && before.main === now?.main && before.root !== now.root;
}
