import * as z from "zod";
import type { Message } from "../../contract/message.ts";
import { parseJson } from "../../contract/parse-json.ts";

/**
 * Where the next result continues. The bridge limits a page by messages, a result is limited by characters. So a result may
 * end inside a page: the next one then requests the same page again and continues after the last message shown.
 */
export interface PageCursor {
  /** The bridge's own cursor of the page; null for the first. */
  readonly page: string | null;
  /** The last message of that page that was shown. */
  readonly after: { readonly id: string; readonly timestamp: string } | null;
}

export const FIRST_PAGE: PageCursor = { page: null, after: null };

const Encoded = z.tuple([z.string().max(200).nullable(), z.string().max(64).nullable(), z.iso.datetime().nullable()]);

/** Only letters, digits, `-` and `_`, because Claude copies it into a call. */
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
    context.addIssue("must be the cursor of an earlier result");
    return z.NEVER;
  });

/**
 * The messages of a page that were not shown yet. The page may have changed since: new messages may have moved it, and the
 * last one shown may no longer be in it (marked read, deleted). Then the time of that one decides; a message with the same
 * time is shown twice rather than never.
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
