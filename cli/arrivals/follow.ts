import { setTimeout as sleep } from "node:timers/promises";
import { PhotonError, type PhotonErrorCode } from "../../client/bridge/photon-error.ts";
import { pauseMs } from "../../client/network/pause-ms.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import type { Arrivals } from "./arrivals.ts";
import type { NewMessages } from "./new-messages.ts";

/** Errors that are worth a retry. A wrong key is not. */
const PASSING: ReadonlySet<PhotonErrorCode> = new Set([
  "offline",
  "internal",
  "rate_limited",
  "store_unavailable",
  "not_configured",
]);

/** The first pause after a failure; it doubles with each further one. */
const FIRST_PAUSE_MS = 2_000;
/** The same as the polling interval without a socket. */
const MAX_PAUSE_MS = 30_000;
/** Limits the pause that a bridge may ask for. */
const MAX_ASKED_PAUSE_MS = 10 * 60_000;

interface FollowOptions {
  readonly arrivals: Arrivals;
  readonly messages: Pick<NewMessages, "take">;
  /** The person ended the command: nothing more is printed or asked. */
  readonly interruption: AbortSignal;
  /** The time is up: check one last time, so that no message that has arrived is missed, and end. */
  readonly deadline?: AbortSignal;
  /** The existing messages are known: from now on every new one is found. */
  readonly whenReady?: () => void;
  /** The bridge cannot be reached any more. */
  readonly whenAway: (error: PhotonError) => void;
  /** The bridge can be reached again. */
  readonly whenBack: () => void;
  /** Rejects early if the signal is aborted. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Every message that arrives, until the deadline or forever. Checks at least once, to find messages that are already there.
 * While the bridge cannot be reached it retries, and then continues without missing a message.
 *
 * @throws PhotonError if the bridge refuses this machine, or cannot be reached at the last check
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
      // An error that the deadline caused leads to the last check.
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
