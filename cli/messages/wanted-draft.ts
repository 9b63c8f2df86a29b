import { cleanLine } from "../../client/text/clean-text.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { currentDraft, draftOfSession } from "../../handover/draft/draft-of-session.ts";
import { type HandoverDraft, latestDraft, listDrafts } from "../../handover/draft/draft-store.ts";
import { isStillOpen } from "../../handover/draft/open-sessions.ts";
import { UsageError } from "../../screens/failure.ts";
import type { CliContext } from "../context.ts";

/** A draft, and whose it is. */
export interface WantedDraft {
  readonly draft: HandoverDraft;
  /** For the person, without a full stop. */
  readonly whose: string;
  /** Nobody named the session, and the command does not run in one: it is the project's newest. */
  readonly isNewest: boolean;
}

/**
 * The given session's draft; or else this session's, made now; or outside a session the newest draft of the project, or the
 * state of the folder in git.
 *
 * @param wanted - the beginning of a session's id
 * @throws UsageError if no session's id begins with it, or several
 */
export function wantedDraft(context: CliContext, wanted: string | undefined): WantedDraft {
  const { paths, config, folder, session, isForClaude } = context;
  if (wanted !== undefined) return { ...ofSession(context, only(listDrafts(paths), wanted)), isNewest: false };
  if (session !== null) {
    const whose = "This session, as it is now";
    return { draft: draftOfSession(paths, config, session, folder), whose, isNewest: false };
  }
  // An older client does not tell its commands in which session they run: the newest could be another one.
  const newest = isForClaude ? null : latestDraft(paths, config.project);
  if (newest !== null) return { ...ofSession(context, newest), isNewest: true };
  const draft = draftOfFolder(config, folder, { now: Date.now() });
  return { draft, whose: "The state of this folder in git; no session left a draft", isNewest: false };
}

function only(drafts: readonly HandoverDraft[], wanted: string): HandoverDraft {
  const [match, ...others] = drafts.filter(({ session }) => session.startsWith(wanted));
  if (match === undefined)
    throw new UsageError(`No session ${cleanLine(wanted, 70)} has a draft. \`photon drafts\` lists them.`);
  if (others.length > 0)
    throw new UsageError(`${others.length + 1} sessions begin with ${wanted}. Give more characters.`);
  return match;
}

function ofSession({ paths, config }: CliContext, kept: HandoverDraft): Pick<WantedDraft, "draft" | "whose"> {
  const now = Date.now();
  const { session, savedAt, branch } = kept;
  const state = isStillOpen(paths, session, now) ? "still open, as it is now" : `saved ${formatAgo(savedAt, now)}`;
  const where = branch === null ? "" : ` on ${cleanLine(branch, 60)}`;
  return { draft: currentDraft(paths, config, kept, now), whose: `Session ${session}${where}, ${state}` };
}
