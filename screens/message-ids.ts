import type * as z from "zod";
import { PhotonError } from "../client/bridge/photon-error.ts";
import type { Paths } from "../client/disk/paths.ts";
import type { Mailbox } from "../client/mail/mailbox.ts";
import { readSent } from "../client/mail/sent-log.ts";
import type { ReceivedMessage } from "../client/trust/origin.ts";
import type { ListQuery } from "../contract/api.ts";
import { MAX_PAGE, MessageId } from "../contract/message.ts";
import { UsageError } from "./failure.ts";

/** Enough of an id to identify one of a few thousand messages. */
export const SHORT_ID_CHARS = 8;
const MIN_PREFIX_CHARS = 4;

/** A page may be shorter than requested. This limits the requests to a bridge that returns only short pages. */
const MAX_SHORT_PAGES = 20;

/** A short id is searched among this many of the newest messages. */
const MAX_SEARCHED = 1000;

/** Where a message is searched by the beginning of its id. */
export interface KnownMessages {
  readonly mailbox: Mailbox;
  readonly paths: Pick<Paths, "log">;
}

/** The short form of each id; the full id where two of these messages have the same short form. */
export function shortIds(ids: readonly string[]): Map<string, string> {
  const short = (id: string) => id.slice(0, SHORT_ID_CHARS);
  return new Map(
    ids.map((id) => [id, ids.some((other) => other !== id && short(other) === short(id)) ? id : short(id)]),
  );
}

/**
 * Completes ids and beginnings of ids, each once, among the messages for this machine and those it sent. Full ids need no
 * request to the bridge.
 *
 * @throws UsageError if a text is neither, or is the beginning of several ids
 * @throws PhotonError `not_found` if no id begins with it
 */
export async function fullIds(where: KnownMessages, given: readonly string[]): Promise<string[]> {
  const isFull = (text: string) => MessageId.safeParse(text).success;
  const malformed = given.find((text) => !isFull(text) && !isPrefix(text));
  if (malformed !== undefined) {
    throw new UsageError(
      `"${malformed}" is not a message id. Give the whole id, or its first ${MIN_PREFIX_CHARS} or more characters.`,
    );
  }
  const known = given.every(isFull) ? [] : await idsOf(where);
  const ids = given.map((text) => (isFull(text) ? text.toLowerCase() : only(text.toLowerCase(), known)));
  return [...new Set(ids)];
}

function isPrefix(text: string): boolean {
  return text.length >= MIN_PREFIX_CHARS && /^[0-9a-f-]{1,36}$/i.test(text);
}

function only(prefix: string, known: readonly string[]): string {
  const [match, ...others] = known.filter((id) => id.startsWith(prefix));
  if (match === undefined) throw new PhotonError("not_found", `No message has an id that begins with ${prefix}.`);
  if (others.length > 0) {
    throw new UsageError(`${others.length + 1} messages have an id that begins with ${prefix}. Give more characters.`);
  }
  return match;
}

/** The bridge lists no messages that this machine sent to others; these come from the local log of sent messages. */
async function idsOf({ mailbox, paths }: KnownMessages): Promise<string[]> {
  const { messages } = await listUpTo(mailbox, {}, MAX_SEARCHED, mailbox.config.machine);
  return [...new Set([...messages, ...readSent(paths)].map(({ id }) => id.toLowerCase()))];
}

/**
 * The newest messages, from as many pages as necessary.
 *
 * @returns `isMore`: the bridge has more matching messages; `unavailable`: ids whose text the bridge cannot read now
 */
export async function listUpTo(
  mailbox: Mailbox,
  query: Omit<z.input<typeof ListQuery>, "reader" | "limit" | "cursor">,
  limit: number,
  reader: string = mailbox.self,
): Promise<{ messages: ReceivedMessage[]; isMore: boolean; unavailable: string[] }> {
  const messages: ReceivedMessage[] = [];
  const unavailable: string[] = [];
  let cursor: string | undefined;
  let pagesLeft = Math.ceil(limit / MAX_PAGE) + MAX_SHORT_PAGES;
  do {
    pagesLeft--;
    const page = await mailbox.inbox.list(
      {
        ...query,
        limit: String(Math.min(limit - messages.length, MAX_PAGE)),
        ...(cursor === undefined ? {} : { cursor }),
      },
      reader,
    );
    messages.push(...page.messages);
    unavailable.push(...page.unavailable);
    cursor = page.cursor;
  } while (cursor !== undefined && messages.length < limit && pagesLeft > 0);
  return { messages, isMore: cursor !== undefined, unavailable };
}
