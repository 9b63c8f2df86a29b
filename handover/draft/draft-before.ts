import type { Paths } from "../../client/disk/paths.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { type HandoverDraft, latestDraft } from "./draft-store.ts";
import { isStillOpen } from "./open-sessions.ts";
import { sentState } from "./publication-store.ts";

/**
 * The newest draft of the project that another session left, for a session that has done little itself: after `/clear` the
 * work is the same, but the session is another one.
 *
 * @param now - this machine's milliseconds since 1970
 * @returns null if there is none, or the session has work of its own
 */
export function draftBefore(paths: Paths, draft: HandoverDraft, now: number): HandoverDraft | null {
  if (draft.edits > 0 || draft.prompts > 1) return null;
  const isBefore = ({ session }: HandoverDraft) => session !== draft.session && !isStillOpen(paths, session, now);
  return latestDraft(paths, draft.project, isBefore);
}

/** Says that there is such a draft and how to send it, with the command on a line that is never broken, because nothing sends it in place of the session's own. */
export function beforeText(paths: Paths, { session, savedAt }: HandoverDraft, now: number): string {
  const state = `saved ${formatAgo(savedAt, now)}, ${sentState(paths, session)}`;
  return `An earlier session of this project left a draft of its own (${state}), which is not part of this. To send it, in a terminal:\n  photon handover ${session} --send`;
}
