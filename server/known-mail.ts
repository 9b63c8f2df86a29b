import { isDeepStrictEqual } from "node:util";
import type { UnreadSummary } from "../contract/api.ts";

/** The bridge's last answer about what is unread. */
export interface LastAnswer {
  readonly summary: UnreadSummary;
  /** This machine's milliseconds since 1970. */
  readonly askedAt: number;
}

/** Called with what is unread, each time it changed. Must not throw. */
type Listener = (summary: UnreadSummary) => void;

/** What this process knows of the mail for its session's reader. Only in memory: each session asks the bridge itself. */
export class KnownMail {
  readonly #now: () => number;
  readonly #listeners: Listener[] = [];
  #last: LastAnswer | null = null;
  #asked = 0;
  /** The question of {@link #last}. */
  #answered = 0;
  /** Whether the bridge would say at once that something changed; then the last answer holds, however old it is. */
  isLive = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** null: the bridge did not answer yet. */
  get last(): LastAnswer | null {
    return this.#last;
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Begins to find out what is unread. @returns the number of the question, for {@link learn} */
  ask(): number {
    return ++this.#asked;
  }

  /**
   * The answer to a question. Answers may cross on their way: what an earlier question brings later is not learned.
   *
   * @param question - from {@link ask}, before anything was sent; by default asked and answered now
   */
  learn(summary: UnreadSummary, question: number = this.ask()): void {
    if (question < this.#answered) return;
    this.#answered = question;
    const before = this.#last?.summary;
    this.#last = { summary, askedAt: this.#now() };
    if (!isDeepStrictEqual(before, summary)) for (const listener of this.#listeners) listener(summary);
  }

  /** The settings changed: what is known is of another bridge or machine. */
  forget(): void {
    this.#last = null;
    this.#answered = this.ask(); // nor are answers that are still on their way learned
  }

  /** The last answer, when the bridge would have said that it changed, or gave it at most so long ago; else null. */
  within(maxAgeMs: number): UnreadSummary | null {
    if (this.#last === null) return null;
    return this.isLive || Math.abs(this.#now() - this.#last.askedAt) <= maxAgeMs ? this.#last.summary : null;
  }
}
