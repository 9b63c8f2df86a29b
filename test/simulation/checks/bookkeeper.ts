import { parseAddress } from "../../../contract/address.ts";
import type { Ledger } from "../ledger.ts";
import type { Sent } from "../sent.ts";
import { type Asked, type Exchange, MarkBody, routeOf, SendAnswer, SendBody } from "./exchange.ts";

/** Records in the ledger the requests, the Worker's answers, and what the clients learn from them. */
export class Bookkeeper {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A request reaches the Worker. */
  asked(asked: Asked): void {
    switch (routeOf(asked)) {
      case "POST messages": {
        const { content, id, replaces } = SendBody.parse(asked.body);
        if (!this.#ledger.served(content, id))
          this.#ledger.problem(`an unknown message was sent: "${content.slice(0, 40)}"`);
        const replaced = this.#ledger.find(replaces ?? "");
        if (replaced) this.#ledger.mayEnd(replaced);
        return;
      }
      case "DELETE messages":
      case "DELETE messages/:id":
        for (const sent of this.#ofDelete(asked)) this.#ledger.mayEnd(sent);
        return;
      case "POST messages/read":
      case "POST messages/:id/read":
        for (const [machine, sent] of this.#ofMark(asked))
          if (!sent.markAskedAt.has(machine)) sent.markAskedAt.set(machine, asked.startedAt);
    }
  }

  /** The Worker has answered. The answer may still get lost. */
  done(exchange: Exchange): void {
    if (exchange.status >= 300) return;
    switch (routeOf(exchange)) {
      case "POST messages": {
        const { content, replaces } = SendBody.parse(exchange.body);
        const { id, timestamp } = SendAnswer.parse(exchange.answer);
        const sent = this.#ledger.served(content, id);
        if (!sent) return;
        if (sent.storedAt !== null && sent.storedAt !== Date.parse(timestamp))
          this.#ledger.problem(`${sent.name} got another time when it was sent again`);
        this.#ledger.storedAs(sent, id, Date.parse(timestamp));
        const replaced = this.#ledger.find(replaces ?? "");
        if (replaced) this.#ledger.end(replaced);
        return;
      }
      case "DELETE messages":
      case "DELETE messages/:id":
        for (const sent of this.#ofDelete(exchange)) if (sent.storedAt !== null) this.#ledger.end(sent);
        return;
      case "POST messages/read":
      case "POST messages/:id/read":
        for (const [machine, sent] of this.#ofMark(exchange))
          if (!sent.markedAt.has(machine)) sent.markedAt.set(machine, exchange.endedAt);
    }
  }

  /** The answer has reached the client. */
  answered(exchange: Exchange): void {
    if (exchange.status >= 300 || routeOf(exchange) !== "POST messages") return;
    const sent = this.#ledger.find(SendAnswer.parse(exchange.answer).id);
    if (sent) this.#ledger.acknowledged(sent);
  }

  /** The messages that a DELETE is about; without an id, all that the Worker has received. */
  #ofDelete({ path: [, id] }: Asked): readonly Sent[] {
    if (id === undefined) return this.#ledger.all.filter(({ servedAt }) => servedAt !== null);
    const sent = this.#ledger.find(id);
    return sent ? [sent] : [];
  }

  /** The marked messages and the machine; a client without a name marks for `*`. */
  #ofMark({ path, body }: Asked): [string, Sent][] {
    const { reader, ids } =
      path[1] === "read" ? MarkBody.parse(body) : { reader: "*", ids: path[1] === undefined ? [] : [path[1]] };
    const machine = reader === "*" ? "*" : (parseAddress(reader)?.machine ?? "");
    return ids.flatMap((id): [string, Sent][] => {
      const sent = this.#ledger.find(id);
      return sent ? [[machine, sent]] : [];
    });
  }
}
