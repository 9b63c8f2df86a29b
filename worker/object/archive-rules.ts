/** Rules for copying texts to KV, injected so that the simulation can break them. */
export interface ArchiveRules {
  /**
   * How long a text stays in its row after KV acknowledged the copy. KV caches "missing" for a minute in each location that
   * asked, and a write becomes visible everywhere after "60 seconds or more". No reader asks KV before that time is over.
   */
  readonly keptAfterCopyMs: number;
}

export const ARCHIVE_RULES: ArchiveRules = { keptAfterCopyMs: 2 * 60_000 };

/** How long the first text of a batch waits, so that messages sent in quick succession are copied together. */
export const COPY_AFTER_MS = 30_000;

/** Most copies per UTC day. The free plan allows 1,000 writes; the rest is for capsules, which only KV can hold. */
export const MAX_COPIES_A_DAY = 800;
