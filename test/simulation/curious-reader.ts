import type { Ledger } from "./ledger.ts";
import type { Sent } from "./sent.ts";
import type { Serve } from "./worker-dispatcher.ts";

/** Of the messages that are looked at, those that came a moment ago; the others may be of any age. */
const FRESH_SHARE = 0.4;
const FRESH_COUNT = 8;
/** Of the times, those at which a list is asked for. */
const LIST_SHARE = 0.25;

/**
 * Somebody who asks for messages whenever and from wherever: by id or in a list, as one of the machines or as nobody. What
 * comes back is checked on the way, as every answer is.
 */
export class CuriousReader {
  readonly #ledger: Ledger;
  readonly #serve: Serve;
  readonly #next: () => number;
  readonly #readers: readonly (string | null)[];

  /** @param next - a number in [0, 1), another each time */
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

  /** @param who - the query's part that names a reader, or nothing */
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
