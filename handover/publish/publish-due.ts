import { join } from "node:path";
import { Lease } from "../../client/disk/lease.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { type Config, isSetUp } from "../../client/settings/config.ts";
import { readDraft } from "../draft/draft-store.ts";
import { keepDraft } from "../draft/keep-draft.ts";
import { hasNews } from "../draft/news.ts";
import { forgetOpen, noteOpen, type OpenSession, openSessions, readOpen, wasKilled } from "../draft/open-sessions.ts";
import { readPublication } from "../draft/publication-store.ts";
import { publishByPolicy } from "./publish.ts";
import { tryBuildCapsule } from "./work-capsule.ts";

/** Longer than a capsule takes to build. */
const LEASE_MS = 60_000;

/**
 * Publishes what hooks left to be published, and the handovers of sessions that were killed: whose client is gone without
 * having said so. One process of this machine does it at a time; what it does not come to is left for the next.
 *
 * @param configOf - the settings as they are for a folder
 * @param now - this machine's milliseconds since 1970
 * @returns the ids of the queued messages; the caller flushes
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

/** @returns the id of the message, if there was something to publish */
async function settle(paths: Paths, config: Config, open: OpenSession, now: number): Promise<string | null> {
  const isKilled = !open.hasEnded && wasKilled(open, now);
  const isDue = open.isDue || (isKilled && keepLast(paths, config, open, now));
  const id = isDue ? await publish(paths, config, open) : null;
  const current = readOpen(paths, open.session);
  if (current === null || current.seenAt !== open.seenAt) return id; // it went on meanwhile
  if (open.hasEnded || isKilled) forgetOpen(paths, open.session);
  else if (open.isDue) noteOpen(paths, { ...open, isDue: false });
  return id;
}

/** What a killed session left, as far as its transcript and its folder still say it. @returns whether it is due */
function keepLast(
  paths: Paths,
  config: Config,
  { session, transcriptPath, folder }: OpenSession,
  now: number,
): boolean {
  return keepDraft(paths, config, { session, transcriptPath, folder, lastAnswer: null, isFinal: true }, now);
}

async function publish(paths: Paths, config: Config, { session }: OpenSession): Promise<string | null> {
  const draft = readDraft(paths, session);
  // Both the settings of then and those of now have to allow it.
  if (draft?.policy !== "auto" || config.handover !== "auto" || !isSetUp(config)) return null;
  if (!hasNews(draft, readPublication(paths, session))) return null;
  const capsule = config.capsule === "auto" ? await tryBuildCapsule(draft.folder) : null;
  return (await publishByPolicy(paths, config, draft, capsule)).id;
}
