import type { Address } from "../../../contract/address.ts";
import { readerName } from "../reader-name.ts";

/** What the answer to "what waits?" depends on. */
export interface State {
  /** The place of the newest message. */
  readonly newest: number;
  /** How often something else changed for everyone. */
  readonly changes: number;
  /** How often the reader's machine marked something. */
  readonly marks: number;
}

/** What a reader was told, and until when it can be true: its ETag. */
export interface Told extends State {
  /** When the first of the messages it was told of ends, in milliseconds since 1970. */
  readonly endsAt: number;
}

export function isStillTrue(told: Told, { newest, changes, marks }: State, now: number): boolean {
  return told.newest === newest && told.changes === changes && told.marks === marks && now < told.endsAt;
}

/** As an HTTP entity tag, for this reader only. */
export function formatTag(reader: Address, { newest, changes, marks, endsAt }: Told): string {
  return `"${[readerName(reader), newest, changes, marks, endsAt].join(":")}"`;
}

/** @returns null when it is not a tag that this reader was given, made weak by a proxy or not */
export function parseTag(reader: Address, header: string): Told | null {
  const [, name, ...numbers] = /^(?:W\/)?"([^":]+):(\d+):(\d+):(\d+):(\d+)"$/.exec(header.trim()) ?? [];
  const [newest, changes, marks, endsAt] = numbers.map(Number);
  if (name !== readerName(reader)) return null;
  if (newest === undefined || changes === undefined || marks === undefined || endsAt === undefined) return null;
  return { newest, changes, marks, endsAt };
}
