import { setTimeout as sleep } from "node:timers/promises";
import { pauseMs } from "../../client/bridge/backoff.ts";
import { PhotonError, type PhotonErrorCode } from "../../client/bridge/photon-error.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import type { Arrivals } from "./arrivals.ts";
import type { NewMessages } from "./new-messages.ts";

/** What ends by itself. A wrong key does not. */
const PASSING: ReadonlySet<PhotonErrorCode> = new Set([
  "offline",
  "internal",
  "rate_limited",
  "store_unavailable",
  "not_configured",
]);

/** The first pause after a failure; each further one is twice as long. */
const FIRST_PAUSE_MS = 2_000;
/** While the bridge is away it is tried as often as it is asked otherwise. */
const MAX_PAUSE_MS = 30_000;
/** A bridge may ask for more, but not for a day. */
const MAX_ASKED_PAUSE_MS = 10 * 60_000;

interface FollowOptions {
  readonly arrivals: Arrivals;
  readonly messages: Pick<NewMessages, "take">;
  /** Somebody ended it: nothing more is said or looked for. */
  readonly interruption: AbortSignal;
  /** The time is over: one last look, so that nothing that is there by now is missed, and an end. */
  readonly deadline?: AbortSignal;
  /** What was there when it began is known: from now on nothing is missed. */
  readonly whenReady?: () => void;
  /** It could be asked and now cannot. */
  readonly whenAway: (error: PhotonError) => void;
  /** It can be asked again. */
  readonly whenBack: () => void;
  /** Ends early when the signal is aborted, with an error. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Every message that comes, until the deadline or for ever; at least one look, which those that wait already need. While
 * the bridge is away it waits, and goes on where it was.
 *
 * @throws PhotonError when the bridge refuses, or cannot be asked at the last look
 * @throws the interruption's reason
 */
export async function* follow(options: FollowOptions): AsyncGenerator<ReceivedMessage> {
  const { arrivals, messages, interruption, deadline, pause = pauseFor } = options;
  const end = deadline === undefined ? interruption : AbortSignal.any([interruption, deadline]);
  let failures = 0;
  let isNewsDue = false;
  let isReady = false;
  for (;;) {
    let came: readonly ReceivedMessage[] = [];
    const isLast = deadline?.aborted === true;
    try {
      if (!isNewsDue && !isLast) await arrivals.next(end);
      isNewsDue = true;
      came = await messages.take();
      isNewsDue = false;
      if (failures > 0) options.whenBack();
      failures = 0;
      if (!isReady) options.whenReady?.();
      isReady = true;
    } catch (error) {
      interruption.throwIfAborted();
      const isPassing = error instanceof PhotonError && PASSING.has(error.code);
      // What was thrown because the time is over leads to the last look.
      if (isLast || (!isPassing && !end.aborted)) throw error;
      if (isPassing && failures++ === 0) options.whenAway(error);
      if (isPassing) await pause(waitMs(failures, error.retryAfterMs), end).catch(() => undefined);
      continue;
    }
    interruption.throwIfAborted();
    yield* came;
    if (isLast) return;
  }
}

function waitMs(failures: number, retryAfterMs = 0): number {
  const pause = pauseMs(failures, { firstMs: FIRST_PAUSE_MS, maxMs: MAX_PAUSE_MS });
  return Math.max(pause, Math.min(retryAfterMs, MAX_ASKED_PAUSE_MS));
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal });
}
