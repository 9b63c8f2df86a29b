import type { LiveConnection } from "../../client/live/live-connection.ts";
import type { Mailbox } from "../../client/mailbox.ts";
import { PhotonError } from "../../client/photon-error.ts";
import type { Arrivals } from "./arrivals.ts";

/**
 * Hears of new mail over a line of its own where the bridge has one, and otherwise as the arrivals beneath do. Those go on
 * in any case: a line that breaks costs time, never mail.
 */
export class LiveArrivals implements Arrivals {
  readonly #mailbox: Mailbox;
  readonly #beneath: Arrivals;
  #connection: LiveConnection | null | undefined;
  #hasHeard = false;
  #wake: () => void = () => {};

  constructor(mailbox: Mailbox, beneath: Arrivals) {
    this.#mailbox = mailbox;
    this.#beneath = beneath;
  }

  async next(signal: AbortSignal): Promise<void> {
    await this.#open();
    const enough = new AbortController();
    try {
      const beneath = this.#beneath.next(AbortSignal.any([signal, enough.signal]));
      beneath.catch(() => {}); // when the line was first, nobody waits for it any more
      await Promise.race([beneath, this.#heard()]);
      signal.throwIfAborted();
    } finally {
      enough.abort();
    }
  }

  /** Hangs up, so that the process can end. */
  close(): void {
    this.#connection?.stop();
  }

  async #open(): Promise<void> {
    if (this.#connection !== undefined) return;
    try {
      this.#connection = await this.#mailbox.liveConnection({
        installation: null, // beside the line of this computer's sessions, not in its place
        onState: () => {},
        onChanged: async () => {
          this.#hasHeard = true;
          this.#wake();
        },
      });
      this.#connection?.start();
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error; // the arrivals beneath say what is wrong
    }
  }

  async #heard(): Promise<void> {
    if (!this.#hasHeard) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#hasHeard = false;
  }
}
