import type { Address } from "../../../contract/address.ts";
import { readerName } from "../reader-name.ts";

/**
 * How long after a change the list may still lack it: the minute that KV documents, the 25 seconds for which one hint
 * stands, and 5 for clocks that differ.
 */
export const SETTLE_MS = 90_000;

/** While changes settle the log is looked at this often; a little under the half minute between a machine's checks. */
const SETTLE_STEP_MS = 28_000;

/** A hint may be lost; so the log is looked at this often in any case. */
const RECONCILE_MS = 10 * 60_000;

/** What a reader was told, and from when: its ETag, which means nothing to anybody else. */
export interface LastLook {
  /** When the log was looked at, in milliseconds since 1970. */
  readonly at: number;
  /** The hints that were read before that. */
  readonly hints: readonly number[];
}

/**
 * Whether what a reader was told is still all there is to tell: no hint has changed, the changes that the newest hint
 * stands for have settled before the log was looked at, and that was not long ago.
 *
 * @param settleMs - injected so that a simulation can show what it is for
 */
export function isStillTrue(last: LastLook, hints: readonly number[], nowMs: number, settleMs = SETTLE_MS): boolean {
  if (hints.length !== last.hints.length || hints.some((time, i) => time !== last.hints[i])) return false;
  const age = nowMs - last.at;
  if (age < 0 || age >= RECONCILE_MS) return false;
  const settledAt = Math.max(...hints) + settleMs;
  return last.at >= settledAt || (nowMs < settledAt && age < SETTLE_STEP_MS);
}

/** As an HTTP entity tag, for this reader only. */
export function toEtag(reader: Address, { at, hints }: LastLook): string {
  return `"${[readerName(reader), at, ...hints].join(":")}"`;
}

/**
 * Reads what the client sent as `If-None-Match`, made weak by a proxy or not.
 *
 * @returns null when it is not a tag that this reader was given
 */
export function parseEtag(reader: Address, header: string): LastLook | null {
  const [, name, ...times] = /^(?:W\/)?"([^":]+):(\d+):(\d+):(\d+)"$/.exec(header.trim()) ?? [];
  const [at, ...hints] = times.map(Number);
  return at === undefined || name !== readerName(reader) ? null : { at, hints };
}
