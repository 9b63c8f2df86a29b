/** Number of signals that are acknowledged at once after a quiet time. */
const BURST = 5;

/** The interval between further acknowledgements. */
const EVERY_MS = 1_000;

/**
 * Limits how fast a session acknowledges signals, and so receives the next one: a few at once, then one a second. A
 * burst of mail signals every session of a machine, and each signal costs the bridge a check; one delayed signal covers
 * many messages.
 */
export class Pace {
  readonly #steadyMs: () => number;
  #left = BURST;
  #countedAt: number;

  /** @param steadyMs - milliseconds of a monotonic clock */
  constructor(steadyMs: () => number = () => performance.now()) {
    this.#steadyMs = steadyMs;
    this.#countedAt = steadyMs();
  }

  /** Counts one acknowledgement. @returns the wait before it, in milliseconds */
  delayMs(): number {
    const now = this.#steadyMs();
    this.#left = Math.min(BURST, this.#left + (now - this.#countedAt) / EVERY_MS) - 1;
    this.#countedAt = now;
    return Math.max(0, -this.#left * EVERY_MS);
  }
}
