/** KV operations per day, by kind. Beyond its quota an operation throws until the next day (UTC). */
export interface Quota {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
}

/** The free plan, per day. */
export const FREE_PLAN: Quota = { reads: 100_000, writes: 1_000, deletes: 1_000 };

/** A period in which operations throw, in milliseconds since 1970. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  readonly what: "reads" | "writes" | "all";
}

/** The faults of this KV. Shares are probabilities in [0, 1). */
export interface Faults {
  readonly quota?: Quota;
  readonly outages: readonly Outage[];
  /** The share of writes and deletes that throw although they are done. */
  readonly doneButThrown: number;
  /** The share of all operations that throw and are not done. */
  readonly thrown: number;
  /** The share of writes and deletes that take up to {@link slowMs}; the others take up to {@link usualMs}. */
  readonly slow: number;
  readonly slowMs: number;
  readonly usualMs: number;
}

/** A KV that always works without delay. */
export const NO_FAULTS: Faults = { outages: [], doneButThrown: 0, thrown: 0, slow: 0, slowMs: 0, usualMs: 0 };
