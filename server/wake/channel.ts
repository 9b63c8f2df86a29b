import {
  type Permission,
  WAKE_EVERY_MS,
  WAKES_A_DAY,
  type WakeBatch,
  type WakeLedger,
} from "../../client/wake/wake-ledger.ts";
import type { WakeNews } from "./wake-news.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Sends a text to the session through the client. */
export type Notify = (content: string, meta: Readonly<Record<string, string>>) => void;

/**
 * The client's channel, for clients that were started with one. The server does not know whether its client was: other
 * clients silently drop what is sent. So a wake through the channel counts for the whole machine only after a turn has shown
 * that the client listens. Before that, each process counts for itself: sessions that cannot be woken must not use up the
 * machine's daily limit.
 */
export class Channel {
  readonly #ledger: WakeLedger;
  readonly #notify: Notify;
  readonly #steadyMs: () => number;
  #isHeard = false;
  /** When this process has sent, in milliseconds of a monotonic clock. */
  #sentAt: number[] = [];

  constructor(ledger: WakeLedger, notify: Notify, steadyMs: () => number = () => performance.now()) {
    this.#ledger = ledger;
    this.#notify = notify;
    this.#steadyMs = steadyMs;
  }

  /** @throws the file system's own error: then nothing is sent */
  take(batch: WakeBatch, what: string): Permission {
    if (this.#isHeard) return this.#ledger.take(batch, what);
    if (this.#ledger.isKnown(batch)) return "known";
    const now = this.#steadyMs();
    this.#sentAt = this.#sentAt.filter((at) => now - at < DAY_MS);
    if (this.#sentAt.length >= WAKES_A_DAY) return "enough for a day";
    if (now - (this.#sentAt.at(-1) ?? Number.NEGATIVE_INFINITY) < WAKE_EVERY_MS) return "too soon";
    this.#sentAt.push(now);
    return "granted";
  }

  say({ line, kind, from }: WakeNews): void {
    this.#notify(line, { kind, from });
  }

  /** Called when a turn has begun with this text. @throws the file system's own error */
  wasHeard({ batch, what }: WakeNews): void {
    if (!this.#isHeard) this.#ledger.note(batch, what);
    this.#isHeard = true;
  }
}
