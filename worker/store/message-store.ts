import type { Address } from "../../contract/address.ts";
import type { ListQuery, SeenMachine, UnreadSummary } from "../../contract/api.ts";
import type { Message, MessageDraft } from "../../contract/message.ts";

/** Every filter of a list; they all apply before the page is cut. */
export type Filter = Omit<ListQuery, "reader" | "limit" | "cursor">;

export interface Page {
  /** At least 1; more than MAX_PAGE gives MAX_PAGE. */
  readonly limit: number;
  /** From an earlier answer to the same filter. */
  readonly cursor: string | undefined;
}

export interface Listing {
  /** Newest first. */
  readonly messages: Message[];
  /** Given when there are more. */
  readonly cursor?: string;
}

/** What waits, and the tag by which a reader that asks again need not be told the same. */
export interface Unread {
  readonly etag: string;
  readonly summary: UnreadSummary;
}

/** Whoever took a handover over has read it, too. */
export type Mark = "shown" | "read" | "taken";

/** What else a mark may say. */
export interface AlsoMarked {
  /** Ids of messages that the machine was shown, with a mark of others as read. */
  readonly shown?: readonly string[] | undefined;
  /** The computer that says so. */
  readonly installation?: string | undefined;
}

/**
 * The only thing routes know of where messages are kept. Ids and cursors are opaque. A reader's project decides what it
 * sees, never what it has read: read state belongs to the machine.
 *
 * Every method throws {@link StoreUnavailable} when the store cannot be used now; repeating the call is then safe.
 */
export interface MessageStore {
  /**
   * Stores a message once: a repeated `id` gives the first timestamp and `duplicate`.
   *
   * @throws IdTaken when the id is seen to be another message's
   */
  send(draft: MessageDraft, installation?: string): Promise<{ id: string; timestamp: string; duplicate: boolean }>;

  /** One message with its receipts; null when there is none. The reader decides `read`, not whether it is found. */
  get(id: string, reader: Address | null): Promise<Message | null>;

  /**
   * What waits for a reader.
   *
   * @param knownEtag - from the answer before; then it may be "not-modified", without looking at a message. A reader that
   * has marked or deleted something itself leaves it out: it knows that its answer is old
   * @param except - ids that the reader has just marked itself; they count as read
   */
  unread(reader: Address, knownEtag?: string, except?: readonly string[]): Promise<Unread | "not-modified">;

  /**
   * A page of messages. Without a reader: everyone's, and `read` means by anyone.
   *
   * @throws InvalidCursor when the cursor is not one of this store's
   */
  list(reader: Address | null, filter: Filter, page: Page): Promise<Listing>;

  /**
   * Notes that a machine was shown messages, marked them read or took them over. Idempotent.
   *
   * @param reader - null for a client that does not say who it is
   * @returns how many of the ids exist, and are now marked
   */
  record(reader: Address | null, what: Mark, ids: readonly string[], also?: AlsoMarked): Promise<{ marked: number }>;

  /** Deletes messages for everyone. One that does not exist is deleted too. */
  remove(ids: readonly string[]): Promise<void>;

  /** The machines that sent, were shown or read something, the last seen first. */
  machines(): Promise<SeenMachine[]>;

  /** Deletes every message. @returns how many there were */
  clear(): Promise<{ count: number }>;
}

/** The store cannot be used now: a quota is spent, a limit is hit, or it is down. The cause says which. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** The id belongs to another message: it was sent by another machine, or it cannot be told from another id. */
export class IdTaken extends Error {
  override readonly name = "IdTaken";
}

/** A cursor that no answer gave. */
export class InvalidCursor extends Error {
  override readonly name = "InvalidCursor";
}
