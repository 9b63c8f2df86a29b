/** The rules of copying texts to KV, injected so that the simulation can break one. */
export interface ArchiveRules {
  /**
   * How long a text stays in its row after KV acknowledged the copy. KV caches "not there" for a minute wherever somebody
   * asked, and a write is seen everywhere after "60 seconds or more"; nobody is sent to KV before these are over.
   */
  readonly keptAfterCopyMs: number;
}

export const ARCHIVE_RULES: ArchiveRules = { keptAfterCopyMs: 2 * 60_000 };

/** A text is copied this long after the first of its batch came: what is said in one go is copied in one go. */
export const COPY_AFTER_MS = 30_000;

/** Copies in a UTC day: the free plan has 1,000 writes, and the rest is for capsules, which cannot wait in a row. */
export const MAX_COPIES_A_DAY = 800;
