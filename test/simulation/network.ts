import type { Chance } from "./chance.ts";
import { Bookkeeper } from "./checks/bookkeeper.ts";
import { CostCheck } from "./checks/cost-check.ts";
import { askedOf, type Exchange } from "./checks/exchange.ts";
import { TextCheck } from "./checks/text-check.ts";
import { invoke } from "./invocation.ts";
import type { KvCentral } from "./kv/kv-central.ts";
import type { Ledger } from "./ledger.ts";
import type { Serve } from "./worker-network.ts";

export interface NetworkOptions {
  readonly ledger: Ledger;
  readonly kv: KvCentral;
  readonly chance: Chance;
  readonly now: () => number;
  /** The probability that a request is lost; the same for answers. */
  readonly lost: number;
  /** The Worker in one of Cloudflare's locations. */
  readonly worker: (location: string) => Serve;
}

/** A network that loses requests and answers. Every exchange is recorded and checked. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #books: Bookkeeper;
  readonly texts: TextCheck;
  readonly costs: CostCheck;
  #requests = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#books = new Bookkeeper(options.ledger);
    this.texts = new TextCheck(options.ledger, options.kv);
    this.costs = new CostCheck(options.ledger);
  }

  /** The connection from one location. */
  from(location: string): Serve {
    return (request) => this.#serve(location, request);
  }

  async #serve(location: string, request: Request): Promise<Response> {
    const { now, worker } = this.#options;
    const number = ++this.#requests;
    if (this.#isLost("request", number)) throw new Error("The bridge cannot be reached.");
    const asked = await askedOf(request, now());
    this.#books.asked(asked);
    const { result: response, used } = await invoke(() => worker(location)(request));
    const { status, headers } = response;
    const text = await response.text();
    const exchange: Exchange = {
      ...asked,
      status,
      used,
      endedAt: now(),
      answer: text === "" ? null : JSON.parse(text),
      etag: headers.get("etag"),
    };
    this.#books.done(exchange);
    this.texts.check(exchange);
    this.costs.check(exchange);
    if (this.#isLost("answer", number)) throw new Error("The answer was lost.");
    this.#books.answered(exchange);
    return new Response(text === "" ? null : text, { status, headers });
  }

  #isLost(what: string, number: number): boolean {
    return this.#options.chance.of("lost", what, number) < this.#options.lost;
  }
}
