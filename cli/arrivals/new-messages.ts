import type { Mailbox } from "../../client/mailbox.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { isSameName, parseAddress } from "../../contract/address.ts";
import type { MessageKind } from "../../contract/message.ts";
import { listUpTo } from "../message-ids.ts";

/** What is older than this is in every list of the bridge, however far behind its store may be (docs/storage.md). */
const SETTLED_MS = 60 * 60_000;

/** More do not come in an hour, and nobody reads more that wait. */
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
  /** Also what waits unread when it begins, however old. */
  readonly isWaitingWanted: boolean;
}

/**
 * The messages that come for this machine in this folder's project, each once. A store that is behind may show a message
 * after a younger one: so each look goes an hour further back than the newest that is known, and what is known is known
 * by its id. It looks at everything, not only at what is unread: a session here may have read it since.
 *
 * Marks nothing, neither shown nor read.
 */
export class NewMessages {
  readonly #mailbox: Mailbox;
  readonly #wanted: Wanted;
  readonly #now: () => number;
  readonly #openedAt: number;
  /** When it began, by the bridge's clock, in milliseconds since 1970; null until the bridge was asked. */
  #beganAt: number | null = null;
  /** Of the newest message so far, by the bridge's clock. */
  #newestAt = 0;
  /** What was told, or was there before: ids and times. Only of those that a look may still find. */
  #known = new Map<string, number>();

  /** It begins now, whether or not the bridge can be asked. @param now - milliseconds since 1970 */
  constructor(mailbox: Mailbox, wanted: Wanted, now: () => number = Date.now) {
    this.#mailbox = mailbox;
    this.#wanted = wanted;
    this.#now = now;
    this.#openedAt = now();
  }

  /**
   * What has come since the last call, oldest first.
   *
   * @throws PhotonError when the bridge cannot be asked; the next call then gives what this one would have given
   */
  async take(): Promise<ReceivedMessage[]> {
    const isFirst = this.#beganAt === null;
    const beganAt = this.#beganAt ?? (await this.#askWhenItBegan());
    const newestAt = Math.max(this.#newestAt, beganAt);
    const since = new Date(newestAt - SETTLED_MS).toISOString();

    const listed = await this.#list({ since });
    const isBefore = (message: ReceivedMessage) => isFirst && timeOf(message) <= beganAt;
    const came = listed.filter((message) => !this.#known.has(message.id) && !isBefore(message));
    const waiting = isFirst && this.#wanted.isWaitingWanted ? await this.#list({ unread: "true" }) : [];
    const fresh = onceEach([...came, ...waiting]);
    const elsewhere = await this.#outsideThread(fresh, waiting.length > 0 ? undefined : since);

    // Only now, when nothing can fail any more.
    this.#beganAt = beganAt;
    this.#newestAt = Math.max(newestAt, ...listed.map(timeOf));
    for (const message of [...listed, ...waiting]) {
      if (!elsewhere.has(message.id)) this.#known.set(message.id, timeOf(message));
    }
    for (const [id, time] of this.#known) if (time < this.#newestAt - 2 * SETTLED_MS) this.#known.delete(id);
    return fresh
      .filter((message) => !elsewhere.has(message.id) && this.#isWanted(message))
      .reverse() // lists have the newest first, also of the same moment
      .sort((a, b) => timeOf(a) - timeOf(b));
  }

  /** This machine's clock may be wrong: only how long ago it was is taken from it. */
  async #askWhenItBegan(): Promise<number> {
    const elapsed = this.#now() - this.#openedAt;
    return Date.parse((await this.#mailbox.health()).timestamp) - Math.max(0, elapsed);
  }

  async #list(query: { since?: string; unread?: "true"; thread?: string }): Promise<ReceivedMessage[]> {
    const { from, kind, tag } = this.#wanted;
    const { messages } = await listUpTo(
      this.#mailbox,
      { ...query, ...(from && { from }), ...(kind && { kind }), ...(tag && { tag }) },
      MAX_LISTED,
    );
    return messages;
  }

  /**
   * Those of them that are not in the wanted thread, or not yet: two lists may be differently far behind, so what is not
   * there now may be next time. The bridge looks through all of its log for a thread, so it is asked only when it matters.
   */
  async #outsideThread(messages: readonly ReceivedMessage[], since: string | undefined): Promise<ReadonlySet<string>> {
    const { thread } = this.#wanted;
    if (thread === undefined) return new Set();
    const unclear = messages.filter(({ id, replyTo }) => id !== thread && replyTo !== thread);
    // What answers nothing begins a thread of its own.
    const mayBelong = unclear.some(({ replyTo }) => replyTo !== undefined);
    const query = { thread, ...(since !== undefined && { since }) };
    const inThread = new Set(mayBelong ? (await this.#list(query)).map(({ id }) => id) : []);
    return new Set(unclear.filter(({ id }) => !inThread.has(id)).map(({ id }) => id));
  }

  /** What only this side can tell. */
  #isWanted({ from }: ReceivedMessage): boolean {
    const { machine } = this.#mailbox.config;
    const isNamed = this.#wanted.from !== undefined && isOf(this.#wanted.from, machine);
    return this.#wanted.isOwnWanted || isNamed || !isOf(from, machine);
  }
}

function isOf(party: string, machine: string): boolean {
  return isSameName(parseAddress(party)?.machine ?? "", machine);
}

function timeOf({ timestamp }: ReceivedMessage): number {
  return Date.parse(timestamp);
}

function onceEach(messages: readonly ReceivedMessage[]): ReceivedMessage[] {
  return [...new Map(messages.map((message) => [message.id, message])).values()];
}
