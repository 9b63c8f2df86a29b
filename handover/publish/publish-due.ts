import { join } from "node:path";
import { Lease } from "../../client/disk/lease.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { noteKilled } from "../../client/sessions/session-state.ts";
import { type Config, isSetUp } from "../../client/settings/config.ts";
import { withGit } from "../draft/draft-of-session.ts";
import { readDraft } from "../draft/draft-store.ts";
import { keepDraft } from "../draft/keep-draft.ts";
import { forgetOpen, noteOpen, type OpenSession, openSessions, readOpen, wasKilled } from "../draft/open-sessions.ts";
import { hasNews, readPublication } from "../draft/publication-store.ts";
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
 * @returns the ids of the queued messages; the caller flushes the outbox
 * @throws the file system's own error (disk full, read-only home)
 */
export async function publishDue(
  paths: Paths,
  configOf: (folder: string) => Config,
  now: () => number = Date.now,
): Promise<string[]> {
  if (openSessions(paths, now()).length === 0) return [];
  const lease = new Lease(join(paths.leases, "publish"), LEASE_MS, now);
  if (!lease.tryAcquire()) return [];
  try {
    const queued: string[] = [];
    for (const open of openSessions(paths, now())) {
      if (!lease.renew()) break;
      const id = await settle(paths, configOf(open.folder), open, now());
      if (id !== null) queued.push(id);
    }
    return queued;
  } finally {
    lease.release();
  }
}

/** Publishes a session's draft if it is due, or the session was killed. @returns the id of the message */
async function settle(paths: Paths, config: Config, open: OpenSession, now: number): Promise<string | null> {
  const isKilled = !open.hasEnded && wasKilled(open, now);
  if (isKilled) noteKilled(paths, open.session); // before its handover can be announced
  const isDue = open.isDue || (isKilled && keepLast(paths, config, open, now));
  const isOver = open.hasEnded || isKilled;
  const id = isDue || isOver ? await publish(paths, config, open, { isDue, isOver }) : null;
  const current = readOpen(paths, open.session);
  if (current === null || current.seenAt !== open.seenAt) return id; // the session continued in the meantime
  if (isOver) forgetOpen(paths, open.session);
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

async function publish(
  paths: Paths,
  config: Config,
  open: OpenSession,
  { isDue, isOver }: { readonly isDue: boolean; readonly isOver: boolean },
): Promise<string | null> {
  const { session, transcriptPath } = open;
  const saved = readDraft(paths, session);
  const draft = saved && withGit(paths, config, saved);
  // Both the earlier and the current settings must allow it.
  if (draft?.policy !== "auto" || config.handover !== "auto" || !isSetUp(config)) return null;
  const published = readPublication(paths, session);
  const takesTalk = isOver && takesConversation(paths, config, draft);
  const isWanted = (isDue && hasNews(draft, published)) || (takesTalk && lacksConversation(published));
  if (!isWanted) return null;
  const capsule = await automaticCapsule(paths, config, draft, open);
  const source = { paths, config, transcriptPath: transcriptPath || null };
  const talk = takesTalk ? await tryBuildConversation(draft, capsule, source) : null;
  return (await publishByPolicy(paths, config, draft, capsule, talk)).id;
}
