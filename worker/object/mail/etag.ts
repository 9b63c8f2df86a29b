import { type Address, formatAddress } from "../../../contract/address.ts";

/** The answer to "what is unread?" depends on these. */
export interface State {
  /** The place of the newest message. */
  readonly newest: number;
  /** How often something else changed for everyone. */
  readonly changes: number;
  /** How often the reader's machine marked something. */
  readonly marks: number;
}

/** The state when a reader was answered, and until when that answer can be true: its ETag. */
export interface Answered extends State {
  /** When the first of the counted messages expires, in milliseconds since 1970. */
  readonly endsAt: number;
}

export function isStillTrue(answered: Answered, { newest, changes, marks }: State, now: number): boolean {
  const isSame = answered.newest === newest && answered.changes === changes && answered.marks === marks;
  return isSame && now < answered.endsAt;
}

/** As an HTTP entity tag, for this reader only. */
export function formatTag(reader: Address, { newest, changes, marks, endsAt }: Answered): string {
  return `"${[readerName(reader), newest, changes, marks, endsAt].join(":")}"`;
}

/** @returns null when it is not a tag that this reader was given, made weak by a proxy or not */
export function parseTag(reader: Address, header: string): Answered | null {
  const [, name, ...numbers] = /^(?:W\/)?"([^":]+):(\d+):(\d+):(\d+):(\d+)"$/.exec(header.trim()) ?? [];
  const [newest, changes, marks, endsAt] = numbers.map(Number);
  if (name !== readerName(reader)) return null;
  if (newest === undefined || changes === undefined || marks === undefined || endsAt === undefined) return null;
  return { newest, changes, marks, endsAt };
}

/** Without case, colons and quotes. */
function readerName(reader: Address): string {
  return encodeURIComponent(formatAddress(reader).toLowerCase());
}
