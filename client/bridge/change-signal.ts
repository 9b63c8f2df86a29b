import type { UnreadSummary } from "../../contract/api.ts";
import { LiveConnection, type LiveOptions } from "../live/live-connection.ts";

/** A session without a socket asks the bridge this often. */
export const ASK_EVERY_MS = 30_000;

/** After so many failed sockets in a row a session counts as polling. One may be a bridge that is being deployed. */
const FAILURES_TO_POLLING = 2;

export type ChangeSignalOptions = Pick<LiveOptions, "config" | "onState" | "dispatcher" | "random"> & {
  /**
   * Called at the start, for each signal of the bridge, and every 30 seconds while no socket is open. What it throws is only
   * used to repeat the call over the next socket.
   *
   * @param unread - what the bridge said is unread; null: it did not, so it is to be asked
   */
  readonly onChanged: (unread: UnreadSummary | null) => Promise<void>;
  /** Called when {@link ChangeSignal.how} changes. */
  readonly onHow?: () => void;
  /** Whether the bridge may be asked without its signal; by default always. */
  readonly mayAsk?: () => boolean;
  readonly askEveryMs?: number;
};

/**
 * Tells one process when it is worth asking the bridge: at once over a socket of its own, or every 30 seconds where no
 * socket can be opened (a proxy that blocks it). It goes on trying to open one, at least once a minute.
 */
export class ChangeSignal {
  readonly #options: ChangeSignalOptions;
  readonly #connection: LiveConnection;
  #timer: NodeJS.Timeout | null = null;
  #how: "live" | "polling" | null = null;

  constructor(options: ChangeSignalOptions) {
    this.#options = options;
    const { onChanged, onHow: _, mayAsk: __, askEveryMs: ___, ...live } = options;
    this.#connection = new LiveConnection({
      ...live,
      onChanged,
      onState: (isOpen) => {
        live.onState?.(isOpen);
        if (isOpen) this.#setHow("live");
      },
      onFailure: (failures) => this.#failed(failures),
    });
  }

  /** How this process hears of changes; null until the first socket opened or two could not be opened. */
  get how(): "live" | "polling" | null {
    return this.#how;
  }

  /** Whether the bridge can signal to this process now. */
  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => !this.isOpen && this.#ask(), this.#options.askEveryMs ?? ASK_EVERY_MS).unref();
    this.#connection.start();
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
    this.#timer = null;
    this.#connection.stop();
  }

  #failed(failures: number): void {
    const isFirst = failures === 1 && this.#how === null;
    const isLost = failures === FAILURES_TO_POLLING && this.#how === "live";
    if (failures >= FAILURES_TO_POLLING) this.#setHow("polling");
    if (isFirst || isLost) this.#ask(); // what was known, if anything, may be old: this does not wait for the 30 seconds
  }

  #ask(): void {
    if (this.#options.mayAsk?.() === false) return;
    this.#options.onChanged(null).catch(() => undefined); // asked again in 30 seconds
  }

  #setHow(how: "live" | "polling"): void {
    if (this.#how === how) return;
    this.#how = how;
    this.#options.onHow?.();
  }
}
