import { MAX_PAGE, type Message } from "../../contract/message.ts";
import type { Filter, MessageStore } from "./message-store.ts";

/** A store that takes messages as they are in another one. */
export interface Importing {
  /**
   * Takes what it does not have, with its time and its receipts; what it has, or had, stays as it is.
   *
   * @returns the messages as they are here now; without those that were deleted here
   */
  take(messages: readonly Message[]): Promise<{ copied: number; here: Message[] }>;
}

export type MigratedPage = {
  /** Messages that were not here before. */
  readonly copied: number;
  /** Messages of the page. */
  readonly count: number;
  /** Those of them that are not here as they are there. */
  readonly differing: string[];
  /** SHA-256 of the page as it is in the old store, in hexadecimal. */
  readonly sha256: string;
  readonly cursor?: string;
};

const EVERYTHING: Filter = { unread: false };

/**
 * Copies one page, newest first, reads it back and compares. The old store is only read. A page that was copied before is
 * copied again without harm, so whoever was interrupted starts over.
 */
export async function migratePage(from: MessageStore, to: Importing, cursor?: string): Promise<MigratedPage> {
  const { messages, cursor: next } = await from.list(null, EVERYTHING, { limit: MAX_PAGE, cursor });
  const { copied, here } = await to.take(messages);
  const arrived = new Map(here.map((message) => [message.id, message]));
  const differing = messages.filter((message) => {
    const copy = arrived.get(message.id);
    return copy !== undefined && !includes(copy, message);
  });
  return {
    copied,
    count: messages.length,
    differing: differing.map(({ id }) => id),
    sha256: await sha256Of(messages.map(canonical).join("\n")),
    ...(next !== undefined && { cursor: next }),
  };
}

/** Everything but the receipts is the same, and every mark is there: since then more may have come. */
function includes(copy: Message, original: Message): boolean {
  if (canonical({ ...copy, receipts: [] }) !== canonical({ ...original, receipts: [] })) return false;
  const marks = new Set(marksOf(copy));
  return marksOf(original).every((mark) => marks.has(mark));
}

function marksOf({ receipts = [] }: Message): string[] {
  return receipts.flatMap(({ machine, shownAt, readAt, takenAt }) =>
    Object.entries({ shownAt, readAt, takenAt }).flatMap(([what, at]) =>
      at ? [`${machine.toLowerCase()} ${what} ${at}`] : [],
    ),
  );
}

/** The same text for the same message, whatever store it comes from; `read` follows from the receipts. */
function canonical({ read: _, receipts = [], ...message }: Message): string {
  return JSON.stringify(sorted({ ...message, receipts }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}

async function sha256Of(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
