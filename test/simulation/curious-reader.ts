import type { Ledger } from "./ledger.ts";
import type { Sent } from "./sent.ts";
import type { Serve } from "./worker-network.ts";

/** The share of reads that are of recent messages; the others may be of any age. */
const FRESH_SHARE = 0.4;
const FRESH_COUNT = 8;
/** The share of requests that are lists. */
const LIST_SHARE = 0.25;

/**
 * Requests messages at any time from any location: by id or in a list, as one of the machines or without a reader. The
 * answers are checked on the way, as all are.
 */
export class CuriousReader {
  readonly #ledger: Ledger;
  readonly #serve: Serve;
  readonly #next: () => number;
  readonly #readers: readonly (string | null)[];

  /** @param next - returns random numbers in [0, 1) */
  constructor(ledger: Ledger, serve: Serve, next: () => number, machines: readonly string[]) {
    this.#ledger = ledger;
    this.#serve = serve;
    this.#next = next;
    this.#readers = [null, ...machines];
  }

  async look(): Promise<void> {
    const reader = this.#pick(this.#readers);
    const who = reader ? `reader=${encodeURIComponent(`${reader}/photon`)}` : "";
    if (this.#next() < LIST_SHARE) {
      const limit = 1 + Math.floor(this.#next() * 100);
      const unread = reader && this.#next() < 0.3 ? "&unread=true" : "";
      return this.#ask(`/messages?limit=${limit}${unread}${who && `&${who}`}`);
    }
    const { stored } = this.#ledger;
    const sent = this.#pick(this.#next() < FRESH_SHARE ? stored.slice(-FRESH_COUNT) : stored);
    if (sent) await this.read(sent, who);
  }

  /** @param who - the part of the query that names a reader, or empty */
  async read({ id }: Sent, who = ""): Promise<void> {
    if (id !== null) await this.#ask(`/messages/${id}${who && `?${who}`}`);
  }

  async #ask(path: string): Promise<void> {
    const request = new Request(`https://bridge.example${path}`, { headers: { authorization: "Bearer key" } });
    await this.#serve(request).catch(() => undefined); // lost on the way
  }

  #pick<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.#next() * values.length)];
  }
}
