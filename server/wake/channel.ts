import {
  type Permission,
  WAKE_EVERY_MS,
  WAKES_A_DAY,
  type WakeBatch,
  type WakeLedger,
} from "../../client/wake/wake-ledger.ts";
import type { WakeNews } from "./wake-news.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Hands a text to the client for its session. */
export type Notify = (content: string, meta: Readonly<Record<string, string>>) => void;

/**
 * The client's channel, for those who started it with one. A server is not told whether it was: what is sent to the others
 * is dropped by the client without a word. So it is counted for the whole machine only from when a turn showed that somebody
 * hears, and before that by this process for itself: sessions that cannot hear must not use up what others may get.
 */
export class Channel {
  readonly #ledger: WakeLedger;
  readonly #notify: Notify;
  readonly #steadyMs: () => number;
  #isHeard = false;
  /** When this process sent, on a clock that nobody can set. */
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

  /** A turn began with what was said. @throws the file system's own error */
  wasHeard({ batch, what }: WakeNews): void {
    if (!this.#isHeard) this.#ledger.note(batch, what);
    this.#isHeard = true;
  }
}
