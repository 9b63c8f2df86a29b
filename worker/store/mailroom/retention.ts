import { MAX_AGE_SECONDS } from "../../../contract/message.ts";
import { placeAt, timeOf } from "./place.ts";
import type { Tables } from "./tables.ts";

/** What one run does at most, so that a day of them stays within the rows that may be written. */
const MAX_ROWS = 500;

/** How soon the next run is when this one did not finish, in milliseconds. */
const GO_ON_MS = 60_000;

export interface Retained {
  /** A message ended that readers were told of. */
  readonly hasEnded: boolean;
  /** When the next run is due, in milliseconds since 1970; null when nothing is kept. */
  readonly nextAt: number | null;
}

/**
 * Takes out of the tables what nobody will be shown any more: texts of what was cleared, what has ended, and everything of
 * thirty days ago. Readers do not depend on it: they look at the times themselves.
 */
export function retain(tables: Tables, clearedPlace: number, now: number): Retained {
  const oldest = placeAt(now - MAX_AGE_SECONDS * 1000);
  const old = places(tables, "SELECT place FROM messages WHERE place <= ? LIMIT ?", oldest, MAX_ROWS);
  remove(tables, old);
  const ended = places(
    tables,
    "SELECT place FROM messages WHERE expires_at <= ? AND gone = 0 LIMIT ?",
    ...[now, MAX_ROWS],
  );
  blank(tables, ended);
  const cleared = places(
    tables,
    "SELECT place FROM messages WHERE place <= ? AND gone = 0 LIMIT ?",
    ...[clearedPlace, MAX_ROWS],
  );
  blank(tables, cleared);
  const isFull = [old, ended, cleared].some(({ length }) => length === MAX_ROWS);
  return { hasEnded: ended.length > 0, nextAt: isFull ? now + GO_ON_MS : nextDue(tables, clearedPlace) };
}

/** @returns in milliseconds since 1970; null when nothing is kept */
export function nextDue(tables: Tables, clearedPlace: number): number | null {
  const ends =
    "SELECT expires_at AS at FROM messages WHERE expires_at IS NOT NULL AND gone = 0 ORDER BY expires_at LIMIT 1";
  const oldest = "SELECT place AS at FROM messages ORDER BY place LIMIT 1";
  const cleared = "SELECT place AS at FROM messages WHERE place <= ? AND gone = 0 LIMIT 1";
  if (tables.first(cleared, clearedPlace)) return 0;
  const endsAt = tables.first<{ at: number }>(ends)?.at;
  const oldestPlace = tables.first<{ at: number }>(oldest)?.at;
  if (oldestPlace === undefined) return null;
  return Math.min(endsAt ?? Number.MAX_SAFE_INTEGER, timeOf(oldestPlace) + MAX_AGE_SECONDS * 1000 + 1);
}

function places(tables: Tables, statement: string, ...values: number[]): number[] {
  return tables.all<{ place: number }>(statement, ...values).map(({ place }) => place);
}

function remove(tables: Tables, old: readonly number[]): void {
  if (old.length === 0) return;
  const list = JSON.stringify(old);
  tables.all("DELETE FROM receipts WHERE place IN (SELECT value FROM json_each(?))", list);
  tables.all("DELETE FROM messages WHERE place IN (SELECT value FROM json_each(?))", list);
}

/** Their ids stay, so that a send which is repeated does not bring them back. */
export function blank(tables: Tables, gone: readonly number[]): void {
  if (gone.length === 0) return;
  const statement = `UPDATE messages SET gone = 1, content = '""', tags = '[]' WHERE place IN (SELECT value FROM json_each(?))`;
  tables.all(statement, JSON.stringify(gone));
}
