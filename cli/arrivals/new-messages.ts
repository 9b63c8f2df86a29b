import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { isSameName, parseAddress } from "../../contract/address.ts";
import type { MessageKind } from "../../contract/message.ts";
import { listUpTo } from "../messages/message-ids.ts";

/** More do not come between two looks, and nobody reads more that are unread. */
const MAX_LISTED = 10_000;

/** Which messages are wanted; what is left out allows all. */
export interface Wanted {
  /** `pc`, or `pc/photon`. */
  readonly from?: string;
  readonly kind?: MessageKind;
  readonly tag?: string;
  /** The id of any message of the thread. */
  readonly thread?: string;
  /** Also what this machine sent itself. Somebody who asks for it by `from` gets it anyway. */
  readonly isOwnWanted: boolean;
  /** Also what is unread when it begins, however old. */
  readonly isWaitingWanted: boolean;
}

/**
 * The messages that come for this machine in this folder's project, each once. The bridge gives every message a later time
 * than the one before, so each look asks for what is newer than the newest that is known. It looks at everything, not only
 * at what is unread: a session here may have read it since.
 *
 * Marks nothing, neither shown nor read.
 */
export class NewMessages {
  readonly #mailbox: Mailbox;
  readonly #wanted: Wanted;
  readonly #now: () => number;
  readonly #openedAt: number;
  /**
   * All messages up to this time are known, in the bridge's milliseconds since 1970: at first when it began. null until the
   * bridge was asked.
   */
  #knownUpTo: number | null = null;
  /** Whether those that were unread when it began are still to be given, or the text of one could not be had. */
  #isWaitingDue: boolean;
  /** Ids of known messages that a look may find again, because the text of another could not be had yet. */
  #known: ReadonlySet<string> = new Set();

  /** It begins now, whether or not the bridge can be asked. @param now - milliseconds since 1970 */
  constructor(mailbox: Mailbox, wanted: Wanted, now: () => number = Date.now) {
    this.#mailbox = mailbox;
    this.#wanted = wanted;
    this.#now = now;
    this.#openedAt = now();
    this.#isWaitingDue = wanted.isWaitingWanted;
  }

  /**
   * What has come since the last call, oldest first.
   *
   * @throws PhotonError when the bridge cannot be asked; the next call then gives what this one would have given
   */
  async take(): Promise<ReceivedMessage[]> {
    const knownUpTo = this.#knownUpTo ?? (await this.#askWhenItBegan());
    const listed = await this.#list({ since: new Date(knownUpTo).toISOString() });
    const waiting = this.#isWaitingDue ? await this.#list({ unread: "true" }) : NONE;
    const newer = listed.messages.filter((message) => timeOf(message) > knownUpTo);
    const found = onceEach([...newer, ...waiting.messages]);
    const fresh = found.filter(({ id }) => !this.#known.has(id));

    // Only now, when nothing can fail any more.
    if (listed.unavailable.length === 0) this.#knownUpTo = Math.max(knownUpTo, ...listed.messages.map(timeOf));
    else this.#knownUpTo = knownUpTo;
    this.#isWaitingDue = waiting.unavailable.length > 0;
    const isAgain = this.#isWaitingDue || listed.unavailable.length > 0;
    this.#known = new Set(isAgain ? [...this.#known, ...found.map(({ id }) => id)] : []);
    return fresh.filter((message) => this.#isWanted(message)).sort((a, b) => timeOf(a) - timeOf(b));
  }

  /** This machine's clock may be wrong: only how long ago it was is taken from it. */
  async #askWhenItBegan(): Promise<number> {
    const elapsed = this.#now() - this.#openedAt;
    return Date.parse((await this.#mailbox.bridge.health()).timestamp) - Math.max(0, elapsed);
  }

  #list(query: { since?: string; unread?: "true" }) {
    const { from, kind, tag, thread } = this.#wanted;
    const filter = { ...(from && { from }), ...(kind && { kind }), ...(tag && { tag }), ...(thread && { thread }) };
    return listUpTo(this.#mailbox, { ...query, ...filter }, MAX_LISTED);
  }

  /** What only this side can tell. */
  #isWanted({ from }: ReceivedMessage): boolean {
    const { machine } = this.#mailbox.config;
    const isNamed = this.#wanted.from !== undefined && isOf(this.#wanted.from, machine);
    return this.#wanted.isOwnWanted || isNamed || !isOf(from, machine);
  }
}

const NONE = { messages: [], unavailable: [] };

function isOf(party: string, machine: string): boolean {
  return isSameName(parseAddress(party)?.machine ?? "", machine);
}

function timeOf({ timestamp }: ReceivedMessage): number {
  return Date.parse(timestamp);
}

function onceEach(messages: readonly ReceivedMessage[]): ReceivedMessage[] {
  return [...new Map(messages.map((message) => [message.id, message])).values()];
}
