import { invalid } from "../../refusal.ts";

/** Room for an order within one millisecond; times are strictly increasing today, so the first place is the one used. */
const PLACES_PER_MS = 1000;

/** The first place of a millisecond since 1970. */
export function placeAt(ms: number): number {
  return ms * PLACES_PER_MS;
}

/** When the message at a place was received, in milliseconds since 1970. */
export function timeOf(place: number): number {
  return Math.floor(place / PLACES_PER_MS);
}

/** A list continues behind this place. */
export function cursorAfter(place: number): string {
  return `m${place.toString(36)}`;
}

/**
 * @returns the place behind which the list continues; without a cursor, one after every place
 * @throws Refusal 400 for a cursor that no list gave
 */
export function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const [, digits] = /^m([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  if (digits === undefined) throw invalid("The cursor is not one that a list gave.");
  return Number.parseInt(digits, 36);
}
