/** What the object cannot work out itself, injected so that tests are exact. */
export interface Ambient {
  /** Milliseconds since 1970. Never the same twice, so that two events of one process keep their order. */
  readonly now: () => number;
  /** A version 4 UUID. */
  readonly randomId: () => string;
}

/** The Worker's own clock and randomness. */
export function systemAmbient(): Ambient {
  return { now: strictlyIncreasing(Date.now), randomId: () => crypto.randomUUID() };
}

/** Reads a clock, one millisecond further when it has not moved. Workers stop the clock while they compute. */
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
