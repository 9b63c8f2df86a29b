import type { UnreadSummary } from "../../contract/api.ts";
import { LiveConnection, type LiveOptions } from "./live-connection.ts";
import { PhotonError } from "./photon-error.ts";

/** A session without a socket asks the bridge this often. */
export const ASK_EVERY_MS = 30_000;

/** After so many failed sockets in a row a session counts as polling. One may be a bridge that is being deployed. */
const FAILURES_TO_POLLING = 2;

/**
 * The pause after the bridge refused this machine's key: only a person can change that, and each attempt counts as a wrong
 * key from this address, which other machines may share.
 */
const REFUSED_PAUSE_MS = 60 * 60_000;

export type ChangeSignalOptions = Pick<LiveOptions, "config" | "onState" | "dispatcher" | "random"> & {
  /**
   * Called at the start, for each signal of the bridge, and every 30 seconds while no socket is open. What it throws is
   * used to repeat the call over the next socket, or to pause when the key was refused.
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

/** A key that is wrong or revoked, and the shared key in the name of a machine that has joined. */
const REFUSALS: ReadonlySet<string> = new Set(["unauthorized", "forbidden"]);

/**
 * Tells one process when it is worth asking the bridge: at once over a socket of its own, or every 30 seconds where no
 * socket can be opened (a proxy that blocks it). It goes on trying to open one, at least once a minute; after the bridge
 * refused the key, once an hour. With other settings there is another signal.
 */
export class ChangeSignal {
  readonly #options: ChangeSignalOptions;
  readonly #connection: LiveConnection;
  #timer: NodeJS.Timeout | null = null;
  #pause: NodeJS.Timeout | null = null;
  #how: "live" | "polling" | "refused" | null = null;

  constructor(options: ChangeSignalOptions) {
    this.#options = options;
    const { onChanged: _, onHow: __, mayAsk: ___, askEveryMs: ____, ...live } = options;
    this.#connection = new LiveConnection({
      ...live,
      onChanged: (unread) => this.#look(unread),
      onState: (isOpen) => {
        live.onState?.(isOpen);
        if (isOpen) this.#setHow("live");
      },
      onFailure: (failures) => this.#failed(failures),
    });
  }

  /** How this process hears of changes; null until the first socket opened or two could not be opened. */
  get how(): "live" | "polling" | "refused" | null {
    return this.#how;
  }

  /** Whether the bridge can signal to this process now. */
  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Also ends the pause after a refusal. */
  start(): void {
    if (this.#timer !== null) return;
    clearTimeout(this.#pause ?? undefined);
    this.#timer = setInterval(() => !this.isOpen && this.#ask(), this.#options.askEveryMs ?? ASK_EVERY_MS).unref();
    this.#connection.start();
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
    this.#timer = null;
    clearTimeout(this.#pause ?? undefined);
    this.#connection.stop();
  }

  async #look(unread: UnreadSummary | null): Promise<void> {
    try {
      await this.#options.onChanged(unread);
    } catch (error) {
      if (this.#timer !== null && error instanceof PhotonError && REFUSALS.has(error.code)) this.#rest();
      throw error;
    }
  }

  #rest(): void {
    this.stop();
    this.#setHow("refused");
    this.#pause = setTimeout(() => this.start(), REFUSED_PAUSE_MS).unref();
  }

  #failed(failures: number): void {
    const isFirst = failures === 1 && (this.#how === null || this.#how === "refused");
    const isLost = failures === FAILURES_TO_POLLING && this.#how === "live";
    if (failures >= FAILURES_TO_POLLING) this.#setHow("polling");
    if (isFirst || isLost) this.#ask(); // what was known, if anything, may be old: this does not wait for the 30 seconds
  }

  #ask(): void {
    if (this.#options.mayAsk?.() === false) return;
    this.#look(null).catch(() => undefined); // asked again in 30 seconds
  }

  #setHow(how: "live" | "polling" | "refused"): void {
    if (this.#how === how) return;
    this.#how = how;
    this.#options.onHow?.();
  }
}
