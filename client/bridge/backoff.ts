import { changeCache, readCache } from "../disk/cache-file.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, recordOf } from "../disk/private-file.ts";

/** The first pause after a failure; each further one is twice as long. */
const FIRST_PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 5 * 60_000;

/** After so many the pause has its longest. */
const MAX_COUNTED_FAILURES = 20;

/** Sending may fail (a spent quota of writes) while asking what is new works, and the other way round. */
export type Work = "sending" | "asking";

/**
 * Whether it is time to try the bridge again without being asked. What a person or Claude asks for is always tried. The
 * pause is on this disk, so that every session keeps it, also one that starts anew.
 */
export function mayRetry(paths: Pick<Paths, "cache">, work: Work, now: number = Date.now()): boolean {
  const notBefore = numberField(recordOf(readCache(paths).backoff)?.[work], "notBefore");
  // A clock that was set back must not make the pause longer than it ever is.
  return notBefore === undefined || now >= notBefore || notBefore - now > 2 * MAX_PAUSE_MS;
}

/**
 * The pause after a failure: twice as long after each, and by chance between half and the whole of that, so that machines
 * which lost the bridge at the same time do not come back at the same time.
 *
 * @param failures - in a row, from 1
 * @param random - gives a number in [0, 1)
 */
export function pauseMs(
  failures: number,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
  random: () => number = Math.random,
): number {
  return Math.min(maxMs, firstMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}

/**
 * Notes that the bridge could not be used, and so when it may be tried again, as {@link pauseMs}. Never throws.
 *
 * @param retryAfterMs - what the bridge asked for
 */
export function backOff(
  paths: Pick<Paths, "cache">,
  work: Work,
  retryAfterMs: number | undefined,
  now: number = Date.now(),
  chance: () => number = Math.random,
): void {
  try {
    changeCache(paths, "backoff", (before) => {
      const known = recordOf(before) ?? {};
      const failures = Math.min((numberField(known[work], "failures") ?? 0) + 1, MAX_COUNTED_FAILURES);
      const pause = pauseMs(failures, { firstMs: FIRST_PAUSE_MS, maxMs: MAX_PAUSE_MS }, chance);
      const wait = Math.min(2 * MAX_PAUSE_MS, Math.max(pause, retryAfterMs ?? 0));
      return { ...known, [work]: { failures, notBefore: Math.round(now + wait) } };
    });
  } catch {
    // The disk takes nothing: then it is tried too often, which does no harm.
  }
}

/** Notes that it worked. Never throws. */
export function endBackoff(paths: Pick<Paths, "cache">, work: Work): void {
  try {
    changeCache(paths, "backoff", (before) => {
      const { [work]: _, ...others } = recordOf(before) ?? {};
      return Object.keys(others).length === 0 ? undefined : others;
    });
  } catch {
    // The disk takes nothing: then a pause stays that is over, and ends by itself.
  }
}
