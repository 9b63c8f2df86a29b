import { readMarked } from "./mail/mail-log.ts";
import type { Paths } from "./paths.ts";

/** A list of the bridge may be a minute behind, and its clock and this one may differ by as much. */
const SETTLED_MS = 2 * 60_000;

/** As the contract has it, which the hooks do not load; a test compares the two. */
export const MAX_EXCEPTED = 100;

/**
 * The messages this machine marked read a moment ago, newest last: the bridge may not know that they are read.
 *
 * @param now - this machine's milliseconds since 1970
 */
export function justMarked(paths: Pick<Paths, "log">, now: number): string[] {
  return [...readMarked(paths)]
    .filter(([, markedAt]) => Math.abs(now - markedAt) < SETTLED_MS)
    .map(([id]) => id)
    .slice(-MAX_EXCEPTED);
}

/**
 * When this machine last marked a message, as far as its clock was not set back since; what the bridge said before that
 * is old. 0 when it never did.
 */
export function lastMarkedAt(paths: Pick<Paths, "log">, now: number): number {
  return Math.max(0, ...[...readMarked(paths).values()].filter((markedAt) => markedAt <= now));
}
