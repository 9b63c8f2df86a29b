import { clashReminder, nameClash } from "../../client/machines/name-clash.ts";
import { isReminderDue, noteReminder } from "../../client/sessions/reminder.ts";
import { isSetUp } from "../../client/settings/config.ts";
import type { CliContext } from "../context.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Commands that say it themselves, or that nobody watches. */
const SILENT = new Set(["doctor", "status", "flush"]);

/** A warning that another computer uses this machine's name, once a day. @param command - the verb */
export function clashWarning({ paths, config }: CliContext, command: string | undefined): string | null {
  if (SILENT.has(command ?? "") || !isSetUp(config)) return null;
  const name = clashReminder(paths);
  const clash = isReminderDue(paths, name, DAY_MS) ? nameClash(paths, config.machine) : null;
  if (clash !== null) noteReminder(paths, name);
  return clash;
}
