/** Keys of the event log: `e:`, 13 digits that fall as time rises, 14 characters of identity. */

export const EVENT_PREFIX = "e:";

/** Characters of a suffix; five bits each. 70 bits: two of a million messages share one with a chance of 1 in 2 billion. */
export const SUFFIX_CHARS = 14;

/** The last time that a key can say, the largest number of 13 digits: in the year 2286. */
export const LAST_MS = 9_999_999_999_999;
const ALPHABET = "0123456789abcdefghijklmnopqrstuv";
const EVENT_KEY = /^e:([0-9]{13})([0-9a-v]{14})$/;

export interface EventKey {
  /** When the bridge received the event, in milliseconds since 1970. */
  readonly ms: number;
  /** For a message, its identity: every copy of it has the same. Random for every other event. */
  readonly suffix: string;
}

/** The newer the event, the earlier the key sorts; a list gives the newest first. */
export function eventKey({ ms, suffix }: EventKey): string {
  return `${EVENT_PREFIX}${String(LAST_MS - ms).padStart(13, "0")}${suffix}`;
}

/** @returns null for a key that is not an event's */
export function parseEventKey(key: string): EventKey | null {
  const [, inverted, suffix] = EVENT_KEY.exec(key) ?? [];
  return inverted === undefined || suffix === undefined ? null : { ms: LAST_MS - Number(inverted), suffix };
}

/** The suffix of a message: the same id gives the same suffix, wherever and whenever it is sent again. */
export async function suffixOfId(id: string): Promise<string> {
  return suffixOfBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id))));
}

/** @param bytes - at least {@link SUFFIX_CHARS}; five bits of each are used */
export function suffixOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, SUFFIX_CHARS), (byte) => ALPHABET.charAt(byte & 31)).join("");
}
