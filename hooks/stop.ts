import { noteOpen, readOpen } from "../handover/draft/open-sessions.ts";
import { loadKeepDraft } from "./load-keep-draft.ts";
import { openSessionOf } from "./open-session.ts";
import { runHook } from "./run-hook.ts";
import { startFlush } from "./start-flush.ts";

/** The person's next prompt waits for this hook. It takes a fraction; this is for a disk or a git that is slow. */
const BUDGET_MS = 2_000;

// Keeps what the session would leave behind now. Says nothing, blocks nothing, asks nobody.
void runHook({ budgetMs: BUDGET_MS }, (context) => {
  const { event, config, paths, env, folder } = context;
  const { session, agent, transcriptPath, lastAnswer } = event;
  if (session === null || agent !== null || config.handover === "off") return null;
  const keepDraft = loadKeepDraft();
  const isDue = keepDraft(paths, config, { session, transcriptPath, folder, lastAnswer, isFinal: false });
  const open = isDue || readOpen(paths, session) === null ? openSessionOf(context, isDue ? { isDue } : {}) : null;
  if (open) noteOpen(paths, open);
  if (isDue) startFlush(env);
  return null;
});
