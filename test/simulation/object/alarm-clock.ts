import type { Time } from "../kv/kv-edge.ts";
import { ObjectReset } from "./object-reset.ts";

/** A throwing alarm is retried after 2, 4, 8 … seconds, six times, and then given up, as Cloudflare documents. */
const FIRST_RETRY_MS = 2_000;
const MAX_RETRIES = 6;
/** An alarm whose instance was lost is restarted without a limit. */
const RESTART_MS = 5_000;
/** The minimum delay of an alarm after its time. */
const LATENESS_MS = 20;
/** Limit for the duration of an alarm. */
const MAX_RUN_MS = 15 * 60_000;

interface AlarmOptions {
  readonly time: Time;
  /** Rejects if the alarm threw or its instance was lost. */
  readonly run: (info: AlarmInvocationInfo) => Promise<void>;
  /** Ends an instance that runs for too long. */
  readonly lose: () => void;
  /** Whether a finished alarm runs once more. */
  readonly isDoubled: () => boolean;
  /** The time of the retry, in milliseconds since 1970. */
  readonly onRetry: (at: number) => void;
}

/** The alarm of an object: runs at least once, one at a time. */
export class AlarmClock {
  readonly #options: AlarmOptions;
  /** Identifies the latest set time. */
  #setting = 0;
  #isRunning = false;
  /** The time that was set while it ran, in milliseconds since 1970. */
  #next: number | null = null;
  /** How often an alarm ran. */
  runs = 0;

  constructor(options: AlarmOptions) {
    this.#options = options;
  }

  /** @param at - in milliseconds since 1970; null cancels it */
  set(at: number | null): void {
    this.#setting++;
    this.#next = at;
    if (at !== null && !this.#isRunning) this.#plan(at, 0);
  }

  #plan(at: number, retryCount: number): void {
    const setting = this.#setting;
    const { time } = this.#options;
    time.after(Math.max(0, at - time.now()) + LATENESS_MS, async () => {
      if (setting === this.#setting && !this.#isRunning) await this.#ring(retryCount);
    });
  }

  async #ring(retryCount: number): Promise<void> {
    const { time, lose, isDoubled } = this.#options;
    const setting = this.#setting;
    const run = ++this.runs;
    this.#isRunning = true;
    this.#next = null;
    time.after(MAX_RUN_MS, async () => {
      if (this.#isRunning && this.runs === run) lose();
    });
    let failure: unknown;
    try {
      await this.#options.run({ retryCount, isRetry: retryCount > 0, scheduledTime: time.now() });
    } catch (error) {
      failure = error;
    }
    this.#isRunning = false;
    if (setting !== this.#setting) {
      if (this.#next !== null) this.#plan(this.#next, 0);
    } else if (failure instanceof ObjectReset) {
      this.#retry(RESTART_MS, retryCount);
    } else if (failure !== undefined && retryCount < MAX_RETRIES) {
      this.#retry(FIRST_RETRY_MS * 2 ** retryCount, retryCount + 1);
    } else if (failure === undefined && isDoubled()) {
      this.#plan(time.now(), 0);
    }
  }

  #retry(afterMs: number, retryCount: number): void {
    const at = this.#options.time.now() + afterMs;
    this.#options.onRetry(at);
    this.#plan(at, retryCount);
  }
}
