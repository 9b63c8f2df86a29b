import type { ChangeSignal } from "../../client/bridge/change-signal.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { CliContext } from "../context.ts";

/** Longer than any command runs: only there to keep the process alive. */
const ALIVE_MS = 2 ** 30;

/** Says when it is worth looking for new mail. What is new, and whether it was told already, is decided by who looks. */
export interface Arrivals {
  /**
   * Waits until something may be new for this machine. The first call returns at once; what comes from then on ends a later
   * call. May return though nothing is new; must not wait on when something is.
   *
   * @throws PhotonError `not_set_up`
   * @throws the signal's reason when it is aborted
   */
  next(signal: AbortSignal): Promise<void>;
}

/** The best way there is on this machine to hear of new mail for this folder's project. */
export function openArrivals(context: CliContext): Arrivals {
  const arrivals = new SignalledArrivals(context.mailbox);
  context.whenClosed(() => arrivals.close());
  return arrivals;
}

/** Hears as a session does: over a socket of its own, or every 30 seconds where none can be opened. */
export class SignalledArrivals implements Arrivals {
  readonly #mailbox: Mailbox;
  readonly #askEveryMs: number | undefined;
  #signal: ChangeSignal | null = null;
  #isNewsDue = false;
  #wake: () => void = () => {};

  /** @param askEveryMs - without a socket; default 30 seconds */
  constructor(mailbox: Mailbox, askEveryMs?: number) {
    this.#mailbox = mailbox;
    this.#askEveryMs = askEveryMs;
  }

  async next(abort: AbortSignal): Promise<void> {
    abort.throwIfAborted();
    if (this.#signal === null) {
      this.#open(); // the bridge signals over every new socket, so nothing that comes from now on is missed
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
