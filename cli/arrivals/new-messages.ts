import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import type { MessageKind } from "../../contract/message.ts";
import { listUpTo } from "../../screens/message-ids.ts";

/** A bound, far above what arrives between two checks or what anyone leaves unread. */
const MAX_LISTED = 10_000;

/** Which messages are wanted. A missing filter allows all. */
export interface Wanted {
  /** `pc`, or `pc/photon`. */
  readonly from?: string;
  readonly kind?: MessageKind;
  readonly tag?: string;
  /** The id of any message of the thread. */
  readonly thread?: string;
  /** Also messages that this machine sent. A `from` that names this machine includes them anyway. */
  readonly isOwnWanted: boolean;
  /** Also messages that are unread at the start, however old. */
  readonly isUnreadWanted: boolean;
}

/**
 * The new messages for this machine in this folder's project, each once. The bridge gives every message a later time than the
 * one before, so each check asks for messages that are newer than the newest known one. It includes read messages, because a
 * session here may have read one already.
 *
 * Sends no receipts: it marks messages neither shown nor read.
 */
export class NewMessages {
  readonly #mailbox: Mailbox;
  readonly #wanted: Wanted;
  readonly #now: () => number;
  readonly #openedAt: number;
  /**
   * All messages up to this time are known, in the bridge's milliseconds since 1970; at first the time of the start. null
   * until the bridge has answered.
   */
  #knownUpTo: number | null = null;
  /** Whether messages that were unread at the start are still to be returned, because the text of one was unavailable. */
  #isUnreadDue: boolean;
  /** Ids of returned messages that a check may find again, because the text of another one was unavailable. */
  #known: ReadonlySet<string> = new Set();

  /** Starts now, even if the bridge cannot be reached. @param now - milliseconds since 1970 */
  constructor(mailbox: Mailbox, wanted: Wanted, now: () => number = Date.now) {
    this.#mailbox = mailbox;
    this.#wanted = wanted;
    this.#now = now;
    this.#openedAt = now();
    this.#isUnreadDue = wanted.isUnreadWanted;
  }

  /**
   * The messages since the last call, oldest first.
   *
   * @throws PhotonError if the bridge cannot be asked; the next call then returns what this one would have returned
   */
  async take(): Promise<ReceivedMessage[]> {
    const knownUpTo = this.#knownUpTo ?? (await this.#bridgeTimeOfStart());
    const listed = await this.#list({ since: new Date(knownUpTo).toISOString() });
    const unread = this.#isUnreadDue ? await this.#list({ unread: "true" }) : NONE;
    const newer = listed.messages.filter((message) => timeOf(message) > knownUpTo);
    const found = onceEach([...newer, ...unread.messages]);
    const fresh = found.filter(({ id }) => !this.#known.has(id));

    // The state changes only now, when nothing can fail any more.
    if (listed.unavailable.length === 0) this.#knownUpTo = Math.max(knownUpTo, ...listed.messages.map(timeOf));
    else this.#knownUpTo = knownUpTo;
    this.#isUnreadDue = unread.unavailable.length > 0;
    const isIncomplete = this.#isUnreadDue || listed.unavailable.length > 0;
    this.#known = new Set(isIncomplete ? [...this.#known, ...found.map(({ id }) => id)] : []);
    return fresh.filter((message) => this.#isWanted(message)).sort((a, b) => timeOf(a) - timeOf(b));
  }

  /** The start in the bridge's time. This machine's clock may be wrong, so only the elapsed time comes from it. */
  async #bridgeTimeOfStart(): Promise<number> {
    const elapsed = this.#now() - this.#openedAt;
    return Date.parse((await this.#mailbox.bridge.health()).timestamp) - Math.max(0, elapsed);
  }

  #list(query: { since?: string; unread?: "true" }) {
    const { from, kind, tag, thread } = this.#wanted;
    const filter = { ...(from && { from }), ...(kind && { kind }), ...(tag && { tag }), ...(thread && { thread }) };
    return listUpTo(this.#mailbox, { ...query, ...filter }, MAX_LISTED);
  }

  /** The filter that the bridge does not have. */
  #isWanted({ from }: ReceivedMessage): boolean {
    const { isOwnWanted, from: named } = this.#wanted;
    const { inbox } = this.#mailbox;
    return isOwnWanted || !inbox.isFromHere({ from }) || (named !== undefined && inbox.isFromHere({ from: named }));
  }
}

const NONE = { messages: [], unavailable: [] };

function timeOf({ timestamp }: ReceivedMessage): number {
  return Date.parse(timestamp);
}

function onceEach(messages: readonly ReceivedMessage[]): ReceivedMessage[] {
  return [...new Map(messages.map((message) => [message.id, message])).values()];
}
