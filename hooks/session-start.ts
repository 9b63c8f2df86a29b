import { announceAtStart, announceNew } from "../client/announcement.ts";
import { isSetUp, type ReadyConfig } from "../client/config.ts";
import { fetchUnread } from "../client/fetch-unread.ts";
import { outboxLength } from "../client/outbox.ts";
import { PhotonError } from "../client/photon-error.ts";
import { readTold, saveTold } from "../client/told.ts";
import { saveUnread } from "../client/unread-cache.ts";
import { formatAddress } from "../contract/address.ts";
import { type HookContext, type HookOutput, runHook } from "./run-hook.ts";
import { setupHint } from "./setup-hint.ts";
import { startFlush } from "./start-flush.ts";

/** The first turn waits for this hook: a second, of which the client needs some to start and end the process. */
const BUDGET_MS = 950;
const FETCH_BUDGET_MS = 800;

/** What the hook still needs after the bridge's answer. */
const RESERVE_MS = 50;

// Tells a new session what waits for it. Says nothing when there is nothing.
void runHook({ budgetMs: BUDGET_MS }, async (context) => {
  const { config, paths, env } = context;
  if (!isSetUp(config)) return forThePerson(setupHint(config, paths));

  const waiting = outboxLength(paths);
  if (waiting > 0) startFlush(env);
  try {
    return await tellUnread(context, config);
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    // A compaction is no new start: the session was told of the trouble when it began.
    return context.event.source === "compact" ? null : forThePerson(troubleLine(error, waiting));
  }
});

async function tellUnread({ event, paths, remainingMs, complain }: HookContext, config: ReadyConfig) {
  const summary = await fetchUnread(config, Math.max(1, Math.min(FETCH_BUDGET_MS, remainingMs() - RESERVE_MS)));
  const { session } = event;
  // A session that goes on (resumed, compacted) was told before, and is told only what is new.
  const told = session === null ? null : readTold(paths, session);
  const announcement = told === null ? announceAtStart(summary, session) : announceNew(summary, session, told);
  try {
    saveUnread(paths, formatAddress({ machine: config.machine, project: config.project }), summary);
    if (announcement && session !== null) saveTold(paths, session, announcement.toldUpTo);
  } catch (error) {
    // It may be said once more than it should; that is better than not at all.
    complain(`what this session was told could not be noted: ${error instanceof Error ? error.message : error}`);
  }
  if (!announcement) return null;
  return {
    systemMessage: announcement.line,
    hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: announcement.text },
  } as const;
}

function troubleLine(error: PhotonError, waiting: number): string {
  if (error.code === "unauthorized")
    return "Photon: the bridge does not accept this machine's key: run `photon doctor`.";
  if (error.code !== "offline") return "Photon: the bridge gave no usable answer: run `photon doctor`.";
  const messages = waiting === 1 ? "1 message waits" : `${waiting} messages wait`;
  return `Photon: the bridge cannot be reached${waiting === 0 ? "" : `; ${messages} on this machine`}.`;
}

function forThePerson(line: string | null): HookOutput | null {
  return line === null ? null : { systemMessage: line };
}
