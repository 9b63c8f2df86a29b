import type { ChangeSignal } from "../../client/bridge/change-signal.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { CliContext } from "../context.ts";

/** Longer than any command runs: this timer only keeps the process alive. */
const ALIVE_MS = 2 ** 30;

/** Reports when there may be new mail. The caller finds out what is new. */
export interface Arrivals {
  /**
   * Waits until there may be new mail for this machine. The first call returns immediately; mail that arrives after it ends a
   * later call. May return without new mail, but never keeps waiting when there is new mail.
   *
   * @throws PhotonError `not_set_up`
   * @throws the signal's reason if it is aborted
   */
  next(signal: AbortSignal): Promise<void>;
}

/** Reports new mail for this folder's project until the command ends. */
export function openArrivals(context: CliContext): Arrivals {
  const arrivals = new SignalledArrivals(context.mailbox);
  context.whenClosed(() => arrivals.close());
  return arrivals;
}

/** Learns of mail as a session does: over its own socket, or by polling every 30 seconds if no socket can be opened. */
export class SignalledArrivals implements Arrivals {
  readonly #mailbox: Mailbox;
  readonly #askEveryMs: number | undefined;
  #signal: ChangeSignal | null = null;
  #isNewsDue = false;
  #wake: () => void = () => {};

  /** @param askEveryMs - the polling interval without a socket; default 30 seconds */
  constructor(mailbox: Mailbox, askEveryMs?: number) {
    this.#mailbox = mailbox;
    this.#askEveryMs = askEveryMs;
  }

  async next(abort: AbortSignal): Promise<void> {
    abort.throwIfAborted();
    if (this.#signal === null) {
      this.#open(); // the bridge signals over every new socket, so no mail that arrives from now on is missed
      return;
    }
    const alive = setInterval(() => {}, ALIVE_MS);
    try {
      if (!this.#isNewsDue) await this.#news(abort);
      this.#isNewsDue = false;
    } finally {
      clearInterval(alive);
    }
  }

  /** Closes the socket, so that the process can end. */
  close(): void {
    this.#signal?.stop();
  }

  #open(): void {
    this.#signal = this.#mailbox.bridge.changeSignal({
      ...(this.#askEveryMs !== undefined && { askEveryMs: this.#askEveryMs }),
      onChanged: async () => {
        this.#isNewsDue = true;
        this.#wake();
      },
    });
    this.#signal.start();
  }

  #news(abort: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const aborted = () => reject(abort.reason);
      abort.addEventListener("abort", aborted, { once: true });
      this.#wake = () => {
        abort.removeEventListener("abort", aborted);
        resolve();
      };
    });
  }
}
