/** What the store cannot work out itself, injected so that tests and simulations are exact. */
export interface Ambient {
  /** Milliseconds since 1970. Never the same twice, so that two events of one process keep their order. */
  readonly now: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  /** A version 4 UUID. */
  readonly randomId: () => string;
}

/** The Worker's own clock and randomness. */
export function systemAmbient(): Ambient {
  return {
    now: strictlyIncreasing(Date.now),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    randomId: () => crypto.randomUUID(),
  };
}

/** Reads a clock, one millisecond further when it has not moved. Workers stop the clock while they compute. */
export function strictlyIncreasing(clock: () => number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    last = Math.max(clock(), last + 1);
    return last;
  };
}
