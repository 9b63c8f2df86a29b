import { InvalidCursor } from "../message-store.ts";

/** Places in one millisecond. What is received gets the first; the others are for what is copied from another store. */
const PLACES_PER_MS = 1000;

/** The first place of a millisecond since 1970. */
export function placeAt(ms: number): number {
  return ms * PLACES_PER_MS;
}

/** When what is at a place was received, in milliseconds since 1970. */
export function timeOf(place: number): number {
  return Math.floor(place / PLACES_PER_MS);
}

/** A list goes on behind this place. */
export function cursorAfter(place: number): string {
  return `m${place.toString(36)}`;
}

/** @returns the place behind which the list goes on; without a cursor one before which everything is @throws InvalidCursor */
export function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const [, digits] = /^m([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  if (digits === undefined) throw new InvalidCursor("The cursor is not one that a list gave.");
  return Number.parseInt(digits, 36);
}
