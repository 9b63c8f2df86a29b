import { hasReceipts } from "../client/receipts.ts";
import { leaveHandover } from "../handover/leave-handover.ts";
import { runHook } from "./run-hook.ts";
import { startFlush } from "./start-flush.ts";

/** The client kills the hooks of an ending session after 1.5 seconds. */
const BUDGET_MS = 1_300;

// Before a compaction and at a session's end, by /clear too: the last version of what the session leaves behind. What
// leaves this machine goes in a process of its own.
void runHook({ budgetMs: BUDGET_MS }, ({ event, config, paths, env, folder }) => {
  const { session, agent, transcriptPath } = event;
  if (session === null || agent !== null) return null;
  const queued = leaveHandover(paths, config, { session, transcriptPath, folder, lastAnswer: null, isFinal: true });
  if (queued !== null || hasReceipts(paths)) startFlush(env);
  return null;
});
