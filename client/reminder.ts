import { join } from "node:path";
import type { Paths } from "./paths.ts";
import { numberField, readPrivateJson, writePrivateJson } from "./private-file.ts";

/**
 * Whether something may be said to the person now that must not be said at every start.
 *
 * @param name - of the reminder; a file name
 * @param everyMs - not before so many milliseconds have passed
 */
export function isReminderDue(
  { reminders }: Pick<Paths, "reminders">,
  name: string,
  everyMs: number,
  now: number = Date.now(),
): boolean {
  const saidAt = numberField(readPrivateJson(join(reminders, `${name}.json`)), "saidAt");
  // A clock that was set back must not silence it for longer.
  return saidAt === undefined || Math.abs(now - saidAt) >= everyMs;
}

/** Notes that it was said. Never throws: where nothing can be written it is better said too often than never. */
export function noteReminder({ reminders }: Pick<Paths, "reminders">, name: string, now: number = Date.now()): void {
  try {
    writePrivateJson(join(reminders, `${name}.json`), { v: 1, saidAt: now });
  } catch {
    // said above
  }
}
