import { invalid } from "../../refusal.ts";

/** Leaves room for an order within a millisecond. Times are strictly increasing now, so only the first place is used. */
const PLACES_PER_MS = 1000;

/** The first place of a millisecond since 1970. */
export function placeAt(ms: number): number {
  return ms * PLACES_PER_MS;
}

/** When the message at a place was received, in milliseconds since 1970. */
export function timeOf(place: number): number {
  return Math.floor(place / PLACES_PER_MS);
}

/** The cursor with which a list continues after a place. */
export function cursorAfter(place: number): string {
  return `m${place.toString(36)}`;
}

/**
 * @returns the place after which the list continues; without a cursor, the largest place
 * @throws Refusal 400 if the cursor is invalid
 */
export function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const [, digits] = /^m([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  if (digits === undefined) throw invalid("`cursor` is invalid.");
  return Number.parseInt(digits, 36);
}
