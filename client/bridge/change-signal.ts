import type { UnreadSummary } from "../../contract/api.ts";
import { LiveConnection, type LiveOptions } from "./live-connection.ts";
import { PhotonError } from "./photon-error.ts";

/** A session without a socket polls the bridge this often. */
export const ASK_EVERY_MS = 30_000;

/** A session counts as polling after this many consecutive socket failures. A deployment can cause one. */
const FAILURES_TO_POLLING = 2;

/**
 * The pause after the bridge refused this machine's key. Only a person can fix that, and the bridge counts each attempt
 * as a wrong key from this address, which other machines may share.
 */
const REFUSED_PAUSE_MS = 60 * 60_000;

export type ChangeSignalOptions = Pick<LiveOptions, "config" | "onState" | "random"> & {
  /**
   * Called at the start, for each signal of the bridge, and every 30 seconds while no socket is open. If it throws, it
   * is called again over the next socket, or after a pause if the key was refused.
   *
   * @param unread - the summary in the signal; null if there was none, so that the bridge must be asked
   */
  readonly onChanged: (unread: UnreadSummary | null) => Promise<void>;
  /** Called when {@link ChangeSignal.how} changes. */
  readonly onHow?: () => void;
  /** Whether the bridge may be polled now; by default always. */
  readonly mayAsk?: () => boolean;
  readonly askEveryMs?: number;
};

/** The key is wrong or revoked, or it is the shared key, used in the name of a joined machine. */
const REFUSALS: ReadonlySet<string> = new Set(["unauthorized", "forbidden"]);

/**
 * Tells one process when its mail may have changed: at once over its own socket, or every 30 seconds if no socket can
 * be opened (a proxy blocks it). It retries the socket at least once a minute, or once an hour after the bridge refused
 * the key. If the settings change, create a new instance.
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

  /** How this process learns of changes; null until the first socket opens or two attempts fail. */
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
    if (isFirst || isLost) this.#ask(); // known data may be stale, so do not wait 30 seconds
  }

  #ask(): void {
    if (this.#options.mayAsk?.() === false) return;
    this.#look(null).catch(() => undefined); // polled again in 30 seconds
  }

  #setHow(how: "live" | "polling" | "refused"): void {
    if (this.#how === how) return;
    this.#how = how;
    this.#options.onHow?.();
  }
}
