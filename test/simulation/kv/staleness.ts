/** How stale this KV may be. Every time is in milliseconds of virtual time. */
export interface Staleness {
  /** Chance that a location sees its own write at once. */
  readonly ownWriteVisible: number;
  /** A read that is not cached may be this old: of a change, of a new key, of a deleted one. */
  readonly readLagMs: number;
  /** How long a location may remember that a key is not there; a minute at least. */
  readonly missingCachedMs: number;
}

/** What Cloudflare documents, and two worlds that are worse; none is as late as the object waits before it relies on KV. */
export const MODES = {
  docs: { ownWriteVisible: 0.95, readLagMs: 10_000, missingCachedMs: 60_000 },
  harsh: { ownWriteVisible: 0.5, readLagMs: 60_000, missingCachedMs: 180_000 },
  beyond: { ownWriteVisible: 0.5, readLagMs: 110_000, missingCachedMs: 600_000 },
} as const satisfies Record<string, Staleness>;
export type Mode = keyof typeof MODES;
