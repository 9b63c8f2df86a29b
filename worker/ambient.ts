/** The clock and the source of ids, injected so that tests are exact. */
export interface Ambient {
  /** Milliseconds since 1970. Strictly increasing, so that events of one process keep their order. */
  readonly now: () => number;
  /** A version 4 UUID. */
  readonly randomId: () => string;
}

/** The Worker's own clock and randomness. */
export function systemAmbient(): Ambient {
  return { now: strictlyIncreasing(Date.now), randomId: () => crypto.randomUUID() };
}

/** Makes a clock strictly increasing: a reading that is not later becomes one millisecond later. Workers stop the clock while they compute. */
export function strictlyIncreasing(clock: () => number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    last = Math.max(clock(), last + 1);
    return last;
  };
}

/** @param ms - milliseconds since 1970 */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
