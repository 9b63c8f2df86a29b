import { type Address, formatAddress } from "../../../contract/address.ts";
import type { Reader } from "./select.ts";

/** The state that an unread summary depends on. */
export interface State {
  /** The place of the newest message. */
  readonly newest: number;
  /** Number of other changes that are visible to everyone. */
  readonly changes: number;
  /** Number of marks by the reader's machine. */
  readonly marks: number;
  /** The reader's {@link Reader.mailSince}, because a machine may join under the name that it already used. */
  readonly mailSince: number;
}

/** The content of an ETag: the state when a reader was answered, and how long that answer can stay valid. */
export interface Answered extends State {
  /** When the first counted message expires, in milliseconds since 1970. */
  readonly endsAt: number;
}

export function isStillTrue(answered: Answered, { newest, changes, marks, mailSince }: State, now: number): boolean {
  const isSame = answered.newest === newest && answered.changes === changes && answered.marks === marks;
  return isSame && answered.mailSince === mailSince && now < answered.endsAt;
}

/** As an HTTP entity tag, for this reader only. */
export function formatTag(reader: Address, { newest, changes, marks, mailSince, endsAt }: Answered): string {
  return `"${[readerName(reader), newest, changes, marks, mailSince, endsAt].join(":")}"`;
}

/** Also accepts a tag that a proxy made weak. @returns null if the header is not a tag for this reader */
export function parseTag(reader: Address, header: string): Answered | null {
  const [, name, ...numbers] = /^(?:W\/)?"([^":]+):(\d+):(\d+):(\d+):(\d+):(\d+)"$/.exec(header.trim()) ?? [];
  const [newest, changes, marks, mailSince, endsAt] = numbers.map(Number);
  if (name !== readerName(reader)) return null;
  if (newest === undefined || changes === undefined || marks === undefined) return null;
  if (mailSince === undefined || endsAt === undefined) return null;
  return { newest, changes, marks, mailSince, endsAt };
}

/** In lower case, without colons and quotes. */
function readerName(reader: Address): string {
  return encodeURIComponent(formatAddress(reader).toLowerCase());
}
