import { join } from "node:path";
import { Lease } from "../../client/disk/lease.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { noteKilled } from "../../client/sessions/session-state.ts";
import { type Config, isSetUp } from "../../client/settings/config.ts";
import { isAutomatic } from "../../client/settings/policies.ts";
import { withGit } from "../draft/draft-of-session.ts";
import { readDraft } from "../draft/draft-store.ts";
import { keepDraft } from "../draft/keep-draft.ts";
import { forgetOpen, noteOpen, type OpenSession, openSessions, readOpen, wasKilled } from "../draft/open-sessions.ts";
import { hasNews, readPublication } from "../draft/publication-store.ts";
import { isWriting, pageInstead, readWriting } from "../draft/writing-store.ts";
import { automaticCapsule } from "./automatic-capsule.ts";
import { publishByPolicy } from "./publish.ts";
import { lacksConversation, takesConversation, tryBuildConversation } from "./work-conversation.ts";

/** Longer than building a capsule takes. */
const LEASE_MS = 60_000;

/**
 * Publishes the handovers that hooks marked as due, and those of killed sessions, whose client ended without notice. Only
 * one process on this machine does this at a time. It leaves unfinished sessions to the next one.
 *
 * @param configOf - returns the settings for a folder
 * @param now - this machine's milliseconds since 1970
 * @param unwritten - gets the ended sessions whose page Claude is to write; they are published by the call after that.
 *   If it is left out, they are published as they are
 * @returns the ids of the queued messages; the caller flushes the outbox
 * @throws the file system's own error (disk full, read-only home)
 */
export async function publishDue(
  paths: Paths,
  configOf: (folder: string) => Config,
  now: () => number = Date.now,
  unwritten: OpenSession[] | null = null,
): Promise<string[]> {
  if (openSessions(paths, now()).length === 0) return [];
  const lease = new Lease(join(paths.leases, "publish"), LEASE_MS, now);
  if (!lease.tryAcquire()) return [];
  try {
    const queued: string[] = [];
    for (const open of openSessions(paths, now())) {
      if (!lease.renew()) break;
      const id = await settle(paths, configOf(open.folder), open, now(), unwritten);
      if (id !== null) queued.push(id);
    }
    return queued;
  } finally {
    lease.release();
  }
}

/** Publishes a session's draft if it is due, or the session was killed. @returns the id of the message */
async function settle(
  paths: Paths,
  config: Config,
  open: OpenSession,
  now: number,
  unwritten: OpenSession[] | null,
): Promise<string | null> {
  const isKilled = !open.hasEnded && wasKilled(open, now);
  if (isKilled) noteKilled(paths, open.session); // before its handover can be announced
  const isDue = open.isDue || (isKilled && keepLast(paths, config, open, now));
  const hasEnded = open.hasEnded || isKilled;
  if (unwritten !== null && isDue && hasEnded && leaveToClaude(paths, config, open, now, unwritten)) return null;
  const id = isDue || hasEnded ? await publish(paths, config, { ...open, hasEnded }, isDue) : null;
  const current = readOpen(paths, open.session);
  if (current === null || current.seenAt !== open.seenAt) return id; // the session continued in the meantime
  if (hasEnded) forgetOpen(paths, open.session);
  else if (open.isDue) noteOpen(paths, { ...open, isDue: false });
  return id;
}

/** Saves a killed session's last draft from its transcript and its folder. @returns whether it is due */
function keepLast(
  paths: Paths,
  config: Config,
  { session, transcriptPath, folder }: OpenSession,
  now: number,
): boolean {
  const moment = { session, transcriptPath, folder, lastAnswer: null, isFinal: true, wasKilled: true };
  return keepDraft(paths, config, moment, now);
}

/** @returns whether the session has to wait, because Claude writes its page or is to write it */
function leaveToClaude(
  paths: Paths,
  config: Config,
  open: OpenSession,
  now: number,
  unwritten: OpenSession[],
): boolean {
  const { session } = open;
  const draft = readDraft(paths, session);
  if (draft?.policy !== "written" || config.handover !== "written" || !isSetUp(config)) return false;
  const writing = readWriting(paths, session);
  if (writing !== null) return isWriting(writing, now);
  const published = readPublication(paths, session);
  if (published?.byPerson && !hasNews(draft, published)) return false;
  if (!open.hasEnded) {
    // Otherwise its draft would be made again, perhaps another one, after Claude has read this one.
    noteOpen(paths, { ...open, isDue: true, hasEnded: true });
    noteKilled(paths, session);
  }
  unwritten.push(open);
  return true;
}

async function publish(paths: Paths, config: Config, open: OpenSession, isDue: boolean): Promise<string | null> {
  const { session, hasEnded, transcriptPath } = open;
  const saved = readDraft(paths, session);
  const draft = saved && withGit(paths, config, saved);
  // Both the earlier and the current settings must allow it.
  if (!draft || !isAutomatic(draft.policy) || !isAutomatic(config.handover) || !isSetUp(config)) return null;
  const published = readPublication(paths, session);
  const page = isDue && hasEnded ? pageInstead(draft, readWriting(paths, session)) : null;
  const takesTalk = hasEnded && takesConversation(paths, config, draft);
  const lacksTalk = takesTalk && lacksConversation(published);
  if (page === null && !(isDue && hasNews(draft, published)) && !lacksTalk) return null;
  const capsule = await automaticCapsule(paths, config, draft, open);
  const source = { paths, config, transcriptPath: transcriptPath || null };
  const talk = takesTalk ? await tryBuildConversation(draft, capsule, source) : null;
  return (await publishByPolicy(paths, config, draft, capsule, page, talk)).id;
}
