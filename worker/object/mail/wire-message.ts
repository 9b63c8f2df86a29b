import type { Work } from "../../../contract/capsule.ts";
import type { Message, Receipt } from "../../../contract/message.ts";
import { isoTime } from "../../ambient.ts";
import { type Entry, visibleReceipts } from "./message-rows.ts";
import { isRead, type Reader } from "./select.ts";

/** A message as it is sent over the wire. Its text is null if it must be read from KV. */
export type KeptMessage = Pick<Message, KnownKeys> & {
  readonly content: string | null;
  readonly replyTo?: string;
  readonly session?: string;
  readonly expiresAt?: string;
  readonly work?: Work;
  readonly hops?: number;
  readonly receipts?: Receipt[];
};

/** Fields that every message has. The contract's type also allows unknown fields, and this must not. */
type KnownKeys = "id" | "from" | "to" | "project" | "timestamp" | "tags" | "read" | "kind";

/** The text and tags of a message. */
export interface Text {
  readonly content: string | null;
  readonly tags: string[];
}

export function toWire(entry: Entry, { content, tags }: Text, reader: Reader | null): KeptMessage {
  const { from, to, project, kind, replyTo, session, work, hops } = entry.head;
  const receipts = receiptsOf(entry);
  return {
    id: entry.id,
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
    ...(entry.expiresAt !== null && { expiresAt: isoTime(entry.expiresAt) }),
    ...(work && { work }),
    ...(hops !== undefined && { hops }),
    ...(receipts.length > 0 && { receipts }),
  };
}

/** A message's {@link visibleReceipts} in the form of the contract. */
export function receiptsOf(entry: Entry): Receipt[] {
  return visibleReceipts(entry).map(({ machine, shownMs, readMs, resumedMs }) => ({
    machine,
    ...(shownMs !== null && { shownAt: isoTime(shownMs) }),
    ...(readMs !== null && { readAt: isoTime(readMs) }),
    ...(resumedMs !== null && { takenAt: isoTime(resumedMs) }),
  }));
}
