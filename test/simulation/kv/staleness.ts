/** How stale this KV may be, in milliseconds of virtual time. */
export interface Staleness {
  /** Chance that a location sees its own write at once. */
  readonly ownWriteVisible: number;
  /** How old an uncached read may be: of a changed, a new and a deleted key. */
  readonly readLagMs: number;
  /** How long a location may cache that a key does not exist; at least a minute. */
  readonly missingCachedMs: number;
}

/** The documented behaviour, and two worse ones. In all, the lag is shorter than the object's wait before it relies on KV. */
export const MODES = {
  docs: { ownWriteVisible: 0.95, readLagMs: 10_000, missingCachedMs: 60_000 },
  harsh: { ownWriteVisible: 0.5, readLagMs: 60_000, missingCachedMs: 180_000 },
  beyond: { ownWriteVisible: 0.5, readLagMs: 110_000, missingCachedMs: 600_000 },
} as const satisfies Record<string, Staleness>;
export type Mode = keyof typeof MODES;
