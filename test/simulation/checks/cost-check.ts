import { utf8Bytes } from "../../../contract/message.ts";
import { MAX_UNJUDGED_BYTES } from "../../../worker/http/read-request.ts";
import type { Ledger } from "../ledger.ts";
import { type Exchange, readerOf, routeOf, UnreadAnswer } from "./exchange.ts";

/** A page has at most a hundred texts, which one bulk read returns. */
const MAX_READ_OPERATIONS = 1;

/** Checks that requests stay within their cost, are answered, and never wait for KV unless they need an old text. */
export class CostCheck {
  readonly #ledger: Ledger;
  requests = 0;
  /** How many unread checks were answered with "not modified". */
  unchanged = 0;
  /** The unread count behind each ETag. */
  readonly #unreadByEtag = new Map<string, number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  check(exchange: Exchange): void {
    const { status, used, body, startedAt, endedAt } = exchange;
    const route = routeOf(exchange);
    this.requests++;
    const needsTexts = route === "GET messages" || route === "GET messages/:id";
    // The key is checked before a large body is read.
    const isLarge = utf8Bytes(JSON.stringify(body)) > MAX_UNJUDGED_BYTES;
    if (used.objectCalls < 1 || used.objectCalls > (isLarge ? 2 : 1))
      this.#ledger.problem(`${route} called the object ${used.objectCalls} times`);
    if (used.kvOperations > (needsTexts ? MAX_READ_OPERATIONS : 0))
      this.#ledger.problem(`${route} used ${used.kvOperations} KV operations`);
    if (!needsTexts && endedAt > startedAt) this.#ledger.problem(`${route} waited for something`);
    // Whether a single text may be unavailable is decided by the text check.
    const isExcused = used.failedObjectCalls > 0 || route === "GET messages/:id";
    const isExpected = status < 400 || status === 404 || (status === 503 && isExcused);
    if (!isExpected) this.#ledger.problem(`${route} was answered ${status}`);
    if (route === "GET unread" && status < 400) this.#checkUnread(exchange);
  }

  /** Checks the answered unread count, or for "not modified" the earlier one. */
  #checkUnread({ query, status, answer, etag }: Exchange): void {
    const machine = readerOf(query) ?? "";
    const unread = status === 304 ? this.#unreadByEtag.get(etag ?? "") : UnreadAnswer.parse(answer).unread;
    if (unread === undefined || etag === null) {
      this.#ledger.problem(`${machine} was answered ${status} with the ETag ${etag}`);
      return;
    }
    if (status === 304) this.unchanged++;
    this.#unreadByEtag.set(etag, unread);
    const { least, most } = this.#ledger.unreadBounds(machine);
    if (unread < least || unread > most)
      this.#ledger.problem(`${machine} was told of ${unread} unread messages, not ${least} to ${most}`);
  }
}
