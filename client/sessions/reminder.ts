import { changeCache, readCache } from "../disk/cache-file.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, recordOf } from "../disk/private-file.ts";

/**
 * Whether a reminder, which must not appear at every start, may be shown now.
 *
 * @param name - the reminder's key in the cache
 * @param everyMs - the minimum time between two appearances
 */
export function isReminderDue(
  paths: Pick<Paths, "cache">,
  name: string,
  everyMs: number,
  now: number = Date.now(),
): boolean {
  const saidAt = numberField(readCache(paths).reminders, name);
  // If the clock was set back, the reminder must not wait longer.
  return saidAt === undefined || Math.abs(now - saidAt) >= everyMs;
}

/** Records that the reminder was shown. Never throws: on a read-only disk it appears too often rather than never. */
export function noteReminder(paths: Pick<Paths, "cache">, name: string, now: number = Date.now()): void {
  try {
    changeCache(paths, "reminders", (before) => ({ ...recordOf(before), [name]: now }));
  } catch {
    // Shown again next time.
  }
}
