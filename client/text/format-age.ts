const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * An age: "5 min", "3 h", "2 days".
 *
 * @param ageMs - a negative age (clocks differ) gives "less than a minute"
 */
export function formatAge(ageMs: number): string {
  if (ageMs < MINUTE_MS) return "less than a minute";
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min`;
  if (ageMs < 2 * DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h`;
  return `${Math.floor(ageMs / DAY_MS)} days`;
}

/**
 * A time relative to now: "just now", "5 min ago", "2 days ago".
 *
 * @param timeMs - milliseconds since 1970, like `now`
 */
export function formatAgo(timeMs: number, now: number): string {
  return now - timeMs < MINUTE_MS ? "just now" : `${formatAge(now - timeMs)} ago`;
}

/** A time today as "14:02", on another day as "2026-11-22 14:02", in this machine's time zone. */
export function formatClock(timeMs: number, now: number): string {
  const time = new Date(timeMs);
  const clock = `${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}`;
  if (time.toDateString() === new Date(now).toDateString()) return clock;
  return `${time.getFullYear()}-${twoDigits(time.getMonth() + 1)}-${twoDigits(time.getDate())} ${clock}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
