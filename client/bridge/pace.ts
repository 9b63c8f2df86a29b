/** Signals that are acknowledged at once after a pause. */
const BURST = 5;

/** Afterwards one in this time, in milliseconds. */
const EVERY_MS = 1_000;

/**
 * How soon a session acknowledges a signal, and so can get the next one: at once for a few, then once a second. A burst of
 * mail signals every session of a machine, and each signal costs the bridge a check; one that waits stands for all of it.
 */
export class Pace {
  readonly #steadyMs: () => number;
  #left = BURST;
  #countedAt: number;

  /** @param steadyMs - milliseconds of a clock that nobody can set */
  constructor(steadyMs: () => number = () => performance.now()) {
    this.#steadyMs = steadyMs;
    this.#countedAt = steadyMs();
  }

  /** Takes one. @returns how long to wait before using it, in milliseconds */
  delayMs(): number {
    const now = this.#steadyMs();
    this.#left = Math.min(BURST, this.#left + (now - this.#countedAt) / EVERY_MS) - 1;
    this.#countedAt = now;
    return Math.max(0, -this.#left * EVERY_MS);
  }
}
