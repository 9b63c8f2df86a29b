import "./require-node.ts";
import { noteOpen, readOpen } from "../handover/draft/open-sessions.ts";
import { loadKeepDraft } from "./load-parts.ts";
import { openSessionOf } from "./open-session.ts";
import { runHook } from "./run-hook.ts";
import { startFlush } from "./start-flush.ts";

/** The person's next prompt waits for this hook. It usually takes a fraction of this; a slow disk or git may need it. */
const BUDGET_MS = 2_000;

// Saves the draft of the session's handover. Prints nothing, blocks nothing, uses no network.
void runHook({ budgetMs: BUDGET_MS }, (context) => {
  const { event, config, paths, env, folder } = context;
  const { session, agent, transcriptPath, lastAnswer } = event;
  if (session === null || agent !== null || config.handover === "off") return null;
  const keepDraft = loadKeepDraft();
  const isDue = keepDraft(paths, config, { session, transcriptPath, folder, lastAnswer, isFinal: false });
  // The session may have entered or left a worktree.
  const isNoted = readOpen(paths, session)?.folder === folder;
  const open = isDue || !isNoted ? openSessionOf(context, isDue ? { isDue } : {}) : null;
  if (open) noteOpen(paths, open);
  if (isDue) startFlush(env);
  return null;
});
