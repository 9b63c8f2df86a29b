import "./require-node.ts";
import { hasReceipts } from "../client/mail/receipts.ts";
import { forgetOpen, noteOpen } from "../handover/draft/open-sessions.ts";
import { loadKeepDraft } from "./load-parts.ts";
import { openSessionOf } from "./open-session.ts";
import { runHook } from "./run-hook.ts";
import { startFlush } from "./start-flush.ts";

/** The client kills the hooks of an ending session after 1.5 seconds. */
const BUDGET_MS = 1_300;

/** The client's reasons for an end that a person wanted. */
const BY_PERSON: ReadonlySet<string> = new Set(["prompt_input_exit", "logout", "clear"]);

// Runs at the end of a session (including /clear), before a compaction, and when the model cannot be reached: saves the last
// draft of the session's handover. A separate process sends it.
void runHook({ budgetMs: BUDGET_MS }, (context) => {
  const { event, config, paths, env, folder } = context;
  const { session, agent, transcriptPath, reason } = event;
  if (session === null || agent !== null) return null;
  const hasEnded = event.name === "SessionEnd";
  const isEndedByPerson = hasEnded && BY_PERSON.has(reason ?? "");
  const moment = { session, transcriptPath, folder, lastAnswer: null, isFinal: true, isEndedByPerson };
  const isDue = config.handover !== "off" && loadKeepDraft()(paths, config, moment);
  const open = isDue ? openSessionOf(context, { isDue, hasEnded, isFinal: true }) : null;
  if (open) noteOpen(paths, open);
  else if (hasEnded) forgetOpen(paths, session);
  if (isDue || (config.workerUrl !== null && hasReceipts(paths, config.workerUrl, config.machine))) startFlush(env);
  return null;
});
