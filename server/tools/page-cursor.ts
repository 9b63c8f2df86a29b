import * as z from "zod";
import { parseJson } from "../../client/disk/parse-json.ts";
import type { Message } from "../../contract/message.ts";

/**
 * Where the next result goes on. The bridge's pages are counted in messages and ours in characters, so a result may end
 * inside a page of the bridge: then the next one asks for the same page again and goes on after the last message shown.
 */
export interface PageCursor {
  /** The bridge's own cursor of the page; null for the first. */
  readonly page: string | null;
  /** The last message shown of that page; null when all of an earlier page were. */
  readonly after: { readonly id: string; readonly timestamp: string } | null;
}

export const FIRST_PAGE: PageCursor = { page: null, after: null };

const Encoded = z.tuple([z.string().max(200).nullable(), z.string().max(64).nullable(), z.iso.datetime().nullable()]);

/** Only letters, digits, `-` and `_`: it stands in a call that Claude copies. */
export function encodeCursor({ page, after }: PageCursor): string {
  const fields: z.infer<typeof Encoded> = [page, after?.id ?? null, after?.timestamp ?? null];
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

export const PageCursorText = z
  .string()
  .max(1_000)
  .transform((text, context): PageCursor => {
    const fields = Encoded.safeParse(parseJson(Buffer.from(text, "base64url").toString()));
    if (fields.success) {
      const [page, id, timestamp] = fields.data;
      return { page, after: id === null || timestamp === null ? null : { id, timestamp } };
    }
    context.addIssue("must be one that an earlier result gave");
    return z.NEVER;
  });

/**
 * The messages of a page that were not shown yet. The page may have changed meanwhile: new ones may have come before it,
 * and the last one shown may be gone (marked read, deleted). Then its time decides, and a message of the same millisecond
 * is rather shown twice than never.
 */
export function messagesAfter<Shown extends Pick<Message, "id" | "timestamp">>(
  messages: readonly Shown[],
  after: PageCursor["after"],
): readonly Shown[] {
  if (after === null) return messages;
  const last = messages.findIndex(({ id }) => id === after.id);
  if (last !== -1) return messages.slice(last + 1);
  return messages.filter(({ timestamp }) => timestamp <= after.timestamp);
}
