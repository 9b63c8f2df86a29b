import "./require-node.ts";
import { mayRetry } from "../client/bridge/backoff.ts";
import { withoutLeftHere } from "../client/bridge/without-left-here.ts";
import { gitTrouble } from "../client/git/git-trouble.ts";
import { clashReminder, nameClash } from "../client/machines/name-clash.ts";
import { failureLine, unreportedFailures } from "../client/mail/failure-line.ts";
import { noteFailureTold, outboxLength } from "../client/mail/outbox-folder.ts";
import { hasReceipts, queuedReadIds } from "../client/mail/receipts.ts";
import { isReminderDue, noteReminder } from "../client/sessions/reminder.ts";
import { laterAnnounced, readSession, updateSession } from "../client/sessions/session-state.ts";
import { isSetUp, type ReadyConfig, whatIsMissing } from "../client/settings/config.ts";
import type { BridgeSummary } from "../client/text/tellable-mail.ts";
import { noteOpen, openSessions, wasKilled } from "../handover/draft/open-sessions.ts";
import { mayBeUndone } from "../handover/resume/may-be-undone.ts";
import type { Trouble } from "./ask-bridge.ts";
import { loadAskBridge } from "./load-parts.ts";
import { openSessionOf } from "./open-session.ts";
import { type HookContext, type HookOutput, runHook } from "./run-hook.ts";
import { startFlush } from "./start-flush.ts";

/** The first turn waits for this hook. With the process's start and end it takes at most about a second. */
const BUDGET_MS = 950;
const FETCH_BUDGET_MS = 800;

/** Reserved for the work after the bridge's answer. */
const RESERVE_MS = 50;

/** For the question whether git can work here. It takes about 5 ms. */
const GIT_BUDGET_MS = 300;

const DAY_MS = 24 * 60 * 60 * 1000;

/** How often a person who has not set Photon up is reminded of it. */
const SETUP_HINT_INTERVAL_MS = 30 * DAY_MS;
const SETUP_HINT = "set-up";

// Tells a new session about its unread mail. Prints nothing if there is nothing to tell.
void runHook({ budgetMs: BUDGET_MS }, async (context) => {
  const { config, paths, env } = context;
  if (!isSetUp(config)) return lineForPerson(setupHint(context));

  const waiting = outboxLength(paths, config.workerUrl);
  const isUnsettled = noteThisSession(context, config);
  const flush = () =>
    void (
      (waiting > 0 || isUnsettled || hasReceipts(paths, config.workerUrl, config.machine) || mayBeUndone(paths)) &&
      startFlush(env)
    );
  const warnings = warningsFor(context, config);
  const asked = await askBridge(context, config);
  if (typeof asked === "string") {
    noteRun(context);
    if (mayRetry(paths, "sending")) flush(); // the bridge may only have been too slow for this hook's budget
    // After a compaction, the session has been told about the problem at its start.
    const trouble = context.event.source === "compact" ? [] : [loadAskBridge().troubleLine(asked, waiting)];
    return lineForPerson([...trouble, ...warnings].join("\n") || null);
  }
  flush(); // the bridge answers, so an earlier backoff does not matter
  const announcement = newsIn(asked, context, config);
  const lines = [...(announcement ? [announcement.line] : []), ...warnings];
  if (lines.length === 0) return null;
  return {
    systemMessage: lines.join("\n"),
    ...(announcement && {
      hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: announcement.text },
    }),
  };
});

/** @returns whether another session of this machine left an unpublished handover, for example because it was killed */
function noteThisSession(context: HookContext, { handover }: ReadyConfig): boolean {
  const { paths, complain } = context;
  if (handover === "off") return false;
  try {
    const open = openSessionOf(context);
    if (open !== null && context.event.agent === null) noteOpen(paths, open);
    const now = Date.now();
    return openSessions(paths, now).some(
      (each) => each.session !== open?.session && (each.isDue || each.hasEnded || wasKilled(each, now)),
    );
  } catch (error) {
    complain(`this session could not be recorded: ${error}`);
    return false;
  }
}

function askBridge({ paths, remainingMs }: HookContext, config: ReadyConfig): Promise<BridgeSummary | Trouble> {
  const part = loadAskBridge();
  const budgetMs = Math.min(FETCH_BUDGET_MS, remainingMs() - RESERVE_MS);
  return part.askBridge(config, queuedReadIds(paths, config.workerUrl, config.machine), budgetMs);
}

function newsIn(mail: BridgeSummary, context: HookContext, config: ReadyConfig) {
  const { event, paths, whenWritten } = context;
  const { session } = event;
  // A session that continues (resumed, compacted) is told only about new mail.
  const told = session === null ? null : readSession(paths, session).told;
  const { announcement, unread } = loadAskBridge().newsIn(withoutLeftHere(mail, paths), paths, config, {
    session,
    told,
  });
  noteRun(context, { unread });
  whenWritten(() => {
    if (announcement && session !== null)
      updateSession(paths, session, { told: laterAnnounced(told, announcement.covers) });
  });
  return announcement;
}

/** `photon doctor` shows when a hook last ran. @param learned - what the bridge said, if it answered */
function noteRun({ event, paths, complain }: HookContext, learned: { readonly unread?: number } = {}): void {
  try {
    if (event.session !== null) updateSession(paths, event.session, { ...learned, hookRanAt: Date.now() });
  } catch (error) {
    complain(`the session's file could not be written: ${error}`);
  }
}

/** Other warnings for the person, each shown once or rarely. */
function warningsFor(context: HookContext, { machine, project }: ReadyConfig): string[] {
  const { paths, whenWritten, folder, event } = context;
  const failed = unreportedFailures(paths);
  const trouble = event.source === "compact" ? null : gitTrouble(folder, GIT_BUDGET_MS);
  const reminder = clashReminder(paths);
  const clash = isReminderDue(paths, reminder, DAY_MS) ? nameClash(paths, machine) : null;
  whenWritten(() => {
    for (const failure of failed) noteFailureTold(failure);
    if (clash !== null) noteReminder(paths, reminder);
  });
  return [
    ...(failed.length > 0 ? [failureLine(failed, project)] : []),
    ...(clash === null ? [] : [`Photon: ${clash}`]),
    ...(trouble === null ? [] : [`Photon: ${trouble.sentence} Handovers contain less; \`photon doctor\` says more.`]),
  ];
}

/** A line about missing settings. Wrong or incomplete ones are reported at every start; missing ones once in 30 days. */
function setupHint({ config, paths }: HookContext): string | null {
  const isUntouched = config.problems.length === 0 && config.workerUrl === null && config.apiKey === null;
  if (!isUntouched) return `Photon: ${whatIsMissing(config)} Run /photon:setup to see how to correct it.`;
  if (!isReminderDue(paths, SETUP_HINT, SETUP_HINT_INTERVAL_MS)) return null;
  noteReminder(paths, SETUP_HINT);
  return "Photon is not set up on this machine yet. Run /photon:setup to see how.";
}

function lineForPerson(line: string | null): HookOutput | null {
  return line === null ? null : { systemMessage: line };
}
