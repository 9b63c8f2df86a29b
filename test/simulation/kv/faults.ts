/** Operations a day, as KV counts them; beyond one of them its operations throw until the next day (UTC). */
export interface Quota {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
}

/** The free plan, per day. */
export const FREE_PLAN: Quota = { reads: 100_000, writes: 1_000, deletes: 1_000 };

/** A time in which operations throw. In milliseconds since 1970. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  readonly what: "reads" | "writes" | "all";
}

/** What goes wrong in this KV. Shares are chances in [0, 1). */
export interface Faults {
  readonly quota?: Quota;
  readonly outages: readonly Outage[];
  /** Of the writes and deletes, those that throw although they are done. */
  readonly doneButThrown: number;
  /** Of all operations, those that throw and are not done. */
  readonly thrown: number;
  /** Of the writes and deletes, those that take up to {@link slowMs}; the others take up to {@link usualMs}. */
  readonly slow: number;
  readonly slowMs: number;
  readonly usualMs: number;
}

/** A KV that always works, at once. */
export const NO_FAULTS: Faults = { outages: [], doneButThrown: 0, thrown: 0, slow: 0, slowMs: 0, usualMs: 0 };
