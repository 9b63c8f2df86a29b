import type { Time } from "../kv/kv-central.ts";
import { ObjectReset } from "./object-reset.ts";

/** An alarm that throws is tried again after 2, 4, 8 … seconds, six times, and then given up, as Cloudflare documents. */
const FIRST_RETRY_MS = 2_000;
const MAX_RETRIES = 6;
/** One whose instance was lost is started again, however often. */
const RESTART_MS = 5_000;
/** An alarm rings so long after its time at the earliest. */
const LATENESS_MS = 20;
/** Nothing may run for longer. */
const MAX_RUN_MS = 15 * 60_000;

interface AlarmOptions {
  readonly time: Time;
  /** Rejects when the alarm threw, or its instance was lost. */
  readonly run: (info: AlarmInvocationInfo) => Promise<void>;
  /** Loses an instance that runs for too long. */
  readonly lose: () => void;
  /** Whether one that is done is started once more. */
  readonly isDoubled: () => boolean;
  /** It will be tried again then, in milliseconds since 1970. */
  readonly onRetry: (at: number) => void;
}

/** The one alarm of an object: at least once, one at a time. */
export class AlarmClock {
  readonly #options: AlarmOptions;
  /** Which of the times that were set counts. */
  #setting = 0;
  #isRunning = false;
  /** Set while it ran, in milliseconds since 1970. */
  #next: number | null = null;
  /** How often an alarm ran. */
  runs = 0;

  constructor(options: AlarmOptions) {
    this.#options = options;
  }

  /** @param at - in milliseconds since 1970; null: no more */
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
