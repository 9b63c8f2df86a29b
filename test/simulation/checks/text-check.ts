import type { Message } from "../../../contract/message.ts";
import type { KvCentral } from "../kv/kv-central.ts";
import type { Ledger } from "../ledger.ts";
import { isGone, isThere, mayHaveExpired, type Sent } from "../sent.ts";
import { type Exchange, PageAnswer, readerOf, routeOf } from "./exchange.ts";

/** How long a text must stay in its row after KV has acknowledged it, in milliseconds. */
const KEPT_AFTER_COPY_MS = 120_000;

/** Checks that every answer has all the right texts, in the order of receipt, and no removed ones. */
export class TextCheck {
  readonly #ledger: Ledger;
  readonly #kv: KvCentral;
  /** Compared texts, and those of them that were old enough to be only in KV. */
  compared = 0;
  comparedFromKv = 0;
  /** Texts that KV could not return. */
  unavailable = 0;

  constructor(ledger: Ledger, kv: KvCentral) {
    this.#ledger = ledger;
    this.#kv = kv;
  }

  check(exchange: Exchange): void {
    const route = routeOf(exchange);
    if (route === "GET messages/:id") this.#checkOne(exchange);
    if (route === "GET messages" && exchange.status === 200) this.#checkPage(exchange);
  }

  #checkOne(exchange: Exchange): void {
    const { status, answer, path, startedAt } = exchange;
    const id = path[1] ?? "";
    const page = PageAnswer.safeParse({ messages: [answer] });
    if (status === 200 && page.success) for (const message of page.data.messages) this.#compare(message, exchange);
    else if (status === 200) this.#ledger.problem(`${id} was answered without a text`);
    else if (status === 503 && exchange.used.failedObjectCalls === 0) this.#excuse(id, exchange);
    else if (status === 404) {
      const sent = this.#ledger.find(id);
      if (sent && isThere(sent, exchange.endedAt) && (sent.acknowledgedAt ?? 0) < startedAt)
        this.#ledger.problem(`${sent.name} was not found`);
    }
  }

  #checkPage(exchange: Exchange): void {
    const { messages, unavailable, cursor } = PageAnswer.parse(exchange.answer);
    const there = new Set<Sent>();
    for (const message of messages) {
      const sent = this.#compare(message, exchange);
      if (sent && there.has(sent)) this.#ledger.problem(`${sent.name} was on a page twice`);
      if (sent) there.add(sent);
    }
    for (const id of unavailable) {
      this.#excuse(id, exchange);
      const sent = this.#ledger.find(id);
      if (sent) there.add(sent);
    }
    this.#checkOrder(messages);
    const last = messages.at(-1);
    const isWhole = cursor === undefined;
    const since = isWhole ? Number.NEGATIVE_INFINITY : Date.parse(last?.timestamp ?? "");
    // If texts are left out, the end of the page is unknown.
    if (!exchange.query.has("cursor") && (isWhole || unavailable.length === 0)) this.#checkAll(exchange, there, since);
  }

  /** Newest first; a message that was acknowledged before another was sent is older than that one. */
  #checkOrder(messages: readonly Message[]): void {
    let earliest = Number.POSITIVE_INFINITY;
    let time = Number.POSITIVE_INFINITY;
    for (const { id, timestamp } of messages) {
      const sent = this.#ledger.find(id);
      if (!sent) continue;
      if (earliest < (sent.servedAt ?? 0) || Date.parse(timestamp) >= time)
        this.#ledger.problem(`${sent.name} is at the wrong place in a list`);
      earliest = Math.min(earliest, sent.acknowledgedAt ?? Number.POSITIVE_INFINITY);
      time = Date.parse(timestamp);
    }
  }

  /** Checks that the page has all matching messages down to a time. */
  #checkAll(exchange: Exchange, there: ReadonlySet<Sent>, since: number): void {
    const { query, startedAt, endedAt } = exchange;
    const allowed = ["reader", "unread", "limit"];
    if ([...query.keys()].some((name) => !allowed.includes(name))) return;
    const reader = readerOf(query);
    const wantsUnread = query.get("unread") === "true";
    for (const sent of this.#ledger.stored.toReversed()) {
      if ((sent.storedAt ?? 0) <= since) return;
      if (there.has(sent) || !isThere(sent, endedAt) || (sent.acknowledgedAt ?? 0) >= startedAt) continue;
      if (reader !== undefined && !sent.recipients.includes(reader)) continue;
      const marks = reader === undefined ? sent.markAskedAt.size > 0 : sent.markAskedAt.has(reader);
      if (wantsUnread && marks) continue;
      this.#ledger.problem(`${sent.name} is missing from a list${reader === undefined ? "" : ` of ${reader}`}`);
    }
  }

  #compare(message: Message, { query, startedAt }: Exchange): Sent | undefined {
    const { id, content, tags, from, read } = message;
    const sent = this.#ledger.find(id, content);
    this.compared++;
    if (!sent) {
      this.#ledger.problem(`a reader got "${content.slice(0, 40)}" as ${id}, which nobody sent`);
      return undefined;
    }
    if (this.#isOld(id, startedAt)) this.comparedFromKv++;
    if (content !== sent.content) this.#ledger.problem(`${sent.name} was read with the text "${content.slice(0, 40)}"`);
    if (JSON.stringify(tags) !== JSON.stringify(sent.tags)) this.#ledger.problem(`${sent.name} had the tags ${tags}`);
    if (from.split("/")[0] !== sent.from) this.#ledger.problem(`${sent.name} was from ${from}`);
    if (isGone(sent, startedAt)) this.#ledger.problem(`${sent.name} was read though it is gone`);
    const reader = readerOf(query);
    const marked = reader === undefined ? Math.min(...sent.markedAt.values()) : sent.markedAt.get(reader);
    if (marked === undefined || marked >= startedAt) return sent;
    if (!read || query.get("unread") === "true")
      this.#ledger.problem(`${sent.name} was unread for ${reader ?? "everyone"} though it had been marked`);
    return sent;
  }

  /** A text may be missing only while KV cannot be read, and only if it need no longer be in its row. */
  #excuse(id: string, { used, startedAt }: Exchange): void {
    this.unavailable++;
    const sent = this.#ledger.find(id);
    const name = sent?.name ?? id;
    // Its key disappears from KV at about its end, or between two reads of one request.
    if (sent && (sent.mayEndAt !== null || mayHaveExpired(sent, startedAt))) return;
    if (!this.#isOld(id, startedAt)) this.#ledger.problem(`${name} was unavailable although it must be in its row`);
    else if (used.failedReads === 0) this.#ledger.problem(`${name} was unavailable although KV could be read`);
  }

  #isOld(id: string, now: number): boolean {
    const copiedAt = this.#kv.acknowledgedAt(`m:${id}`);
    return copiedAt !== undefined && now - copiedAt >= KEPT_AFTER_COPY_MS;
  }
}
