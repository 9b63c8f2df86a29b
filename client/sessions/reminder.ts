import { changeCache, readCache } from "../disk/cache-file.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, recordOf } from "../disk/private-file.ts";

/**
 * Whether something may be said to the person now that must not be said at every start.
 *
 * @param name - of the reminder
 * @param everyMs - not before so many milliseconds have passed
 */
export function isReminderDue(
  paths: Pick<Paths, "cache">,
  name: string,
  everyMs: number,
  now: number = Date.now(),
): boolean {
  const saidAt = numberField(readCache(paths).reminders, name);
  // A clock that was set back must not silence it for longer.
  return saidAt === undefined || Math.abs(now - saidAt) >= everyMs;
}

/** Notes that it was said. Never throws: where nothing can be written it is better said too often than never. */
export function noteReminder(paths: Pick<Paths, "cache">, name: string, now: number = Date.now()): void {
  try {
    changeCache(paths, "reminders", (before) => ({ ...recordOf(before), [name]: now }));
  } catch {
    // said above
  }
}
