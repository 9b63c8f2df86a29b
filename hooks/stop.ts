import { leaveHandover } from "../handover/leave-handover.ts";
import { runHook } from "./run-hook.ts";
import { startFlush } from "./start-flush.ts";

/** The person's next prompt waits for this hook. It takes a fraction; this is for a disk or a git that is slow. */
const BUDGET_MS = 2_000;

// Keeps what the session would leave behind now. Says nothing, blocks nothing, asks nobody.
void runHook({ budgetMs: BUDGET_MS }, ({ event, config, paths, env, folder }) => {
  const { session, agent, transcriptPath, lastAnswer } = event;
  if (session === null || agent !== null) return null;
  const queued = leaveHandover(paths, config, { session, transcriptPath, folder, lastAnswer, isFinal: false });
  if (queued !== null) startFlush(env);
  return null;
});
