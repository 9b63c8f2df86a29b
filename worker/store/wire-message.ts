import type { Address } from "../../contract/address.ts";
import type { Message, Receipt } from "../../contract/message.ts";
import type { Entry, StoredMessage } from "./entry.ts";
import { isoTime } from "./iso-time.ts";
import { isRead } from "./select.ts";

/**
 * A message as it goes over the wire.
 *
 * @param body - what did not fit into the event
 * @returns null when a part of the message is in neither
 */
export function toMessage(
  entry: Entry,
  body: Pick<StoredMessage, "content" | "tags" | "work"> | undefined,
  reader: Address | null,
): Message | null {
  const { id, from, to, project, kind, replyTo, session, expiresAt, hops } = entry.message;
  const content = entry.message.content ?? body?.content;
  const tags = entry.message.tags ?? body?.tags;
  const work = entry.message.work ?? body?.work;
  if (content === undefined || tags === undefined) return null;
  return {
    id,
    from,
    to: to ?? null,
    project: project ?? null,
    timestamp: isoTime(entry.ms),
    content,
    tags,
    read: isRead(entry, reader),
    kind,
    ...(replyTo && { replyTo }),
    ...(session && { session }),
    ...(expiresAt !== undefined && { expiresAt: isoTime(expiresAt) }),
    ...(work && { work }),
    ...(hops !== undefined && { hops }),
    ...(entry.receipts.size > 0 && { receipts: receiptsOf(entry) }),
  };
}

/** The receipts of an entry, by machine name. */
export function receiptsOf({ receipts }: Entry): Receipt[] {
  return [...receipts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { machine, shownMs, readMs, takenMs }]) => ({
      machine,
      ...(shownMs !== undefined && { shownAt: isoTime(shownMs) }),
      ...(readMs !== undefined && { readAt: isoTime(readMs) }),
      ...(takenMs !== undefined && { takenAt: isoTime(takenMs) }),
    }));
}
