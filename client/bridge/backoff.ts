import { changeCache, readCache } from "../disk/cache-file.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, recordOf } from "../disk/private-file.ts";
import { pauseMs } from "../network/pause-ms.ts";

/** The pause after the first failure; it doubles with each further failure. */
const FIRST_PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 5 * 60_000;

/** After this many failures the pause has reached its maximum. */
const MAX_COUNTED_FAILURES = 20;

/** Each has its own backoff: sending may fail (an exhausted write quota) while asking for news works, or vice versa. */
export type Work = "sending" | "asking";

/**
 * Whether Photon may contact the bridge again by itself. Requests of a person or Claude ignore the backoff. It is
 * stored on disk, so all sessions share it, and new ones too.
 */
export function mayRetry(paths: Pick<Paths, "cache">, work: Work, now: number = Date.now()): boolean {
  const notBefore = numberField(recordOf(readCache(paths).backoff)?.[work], "notBefore");
  // If the clock was set back, the pause must not exceed its maximum.
  return notBefore === undefined || now >= notBefore || notBefore - now > 2 * MAX_PAUSE_MS;
}

/**
 * Records a failure and the time of the next retry, computed with {@link pauseMs}. Never throws.
 *
 * @param retryAfterMs - the pause that the bridge asked for
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
    // If this write fails, Photon retries too often, which is harmless.
  }
}

/** Records a success. Never throws. */
export function endBackoff(paths: Pick<Paths, "cache">, work: Work): void {
  try {
    changeCache(paths, "backoff", (before) => {
      const { [work]: _, ...others } = recordOf(before) ?? {};
      return Object.keys(others).length === 0 ? undefined : others;
    });
  } catch {
    // If this write fails, the old pause expires by itself.
  }
}
