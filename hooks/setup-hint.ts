import type { Paths } from "../client/disk/paths.ts";
import { isReminderDue, noteReminder } from "../client/sessions/reminder.ts";
import { type Config, whatIsMissing } from "../client/settings/config.ts";

/** Whoever installed Photon and never set it up is reminded this seldom. */
const HINT_INTERVAL_MS = 30 * 24 * 60 * 60 * 1000;
const REMINDER = "set-up";

/**
 * What to tell the person of a machine that cannot reach a bridge. A wrong or half-done set-up is said at every start;
 * that there is none, once per machine and then after 30 days again.
 *
 * @returns null when it was said already
 */
export function setupHint(config: Config, paths: Paths, now: number = Date.now()): string | null {
  const isUntouched = config.problems.length === 0 && config.workerUrl === null && config.apiKey === null;
  if (!isUntouched) return `Photon: ${whatIsMissing(config)} /photon:setup says how to change it.`;

  if (!isReminderDue(paths, REMINDER, HINT_INTERVAL_MS, now)) return null;
  noteReminder(paths, REMINDER, now);
  return "Photon is not set up on this machine yet: /photon:setup";
}
