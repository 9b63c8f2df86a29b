import { isDeepStrictEqual } from "node:util";
import type { UnreadSummary } from "../contract/api.ts";

/** The bridge's last answer about what is unread. */
export interface LastAnswer {
  readonly summary: UnreadSummary;
  /** This machine's milliseconds since 1970. */
  readonly askedAt: number;
}

/** Called with the unread summary each time it has changed. Must not throw. */
type Listener = (summary: UnreadSummary) => void;

/** What this process knows about the mail for its session. Only in memory: each session asks the bridge itself. */
export class KnownMail {
  readonly #now: () => number;
  readonly #listeners: Listener[] = [];
  #last: LastAnswer | null = null;
  #asked = 0;
  /** The request whose answer is {@link #last}. */
  #answered = 0;
  /** Whether the bridge would signal a change immediately; then the last answer is valid, however old it is. */
  isLive = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** null: the bridge has not answered yet. */
  get last(): LastAnswer | null {
    return this.#last;
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Begins a request for the unread summary. @returns the request's number, for {@link learn} */
  ask(): number {
    return ++this.#asked;
  }

  /**
   * Stores the answer to a request. Answers may overtake each other: the late answer to an earlier request is ignored.
   *
   * @param question - from {@link ask}, called before the request was sent; the default is a new number
   */
  learn(summary: UnreadSummary, question: number = this.ask()): void {
    if (question < this.#answered) return;
    this.#answered = question;
    const before = this.#last?.summary;
    this.#last = { summary, askedAt: this.#now() };
    if (!isDeepStrictEqual(before, summary)) for (const listener of this.#listeners) listener(summary);
  }

  /** The settings changed: the known summary belongs to another bridge or machine. */
  forget(): void {
    this.#last = null;
    this.#answered = this.ask(); // ignores answers that are still on their way
  }

  /** The last answer if the bridge would have signalled a change, or if it is at most this old; else null. */
  within(maxAgeMs: number): UnreadSummary | null {
    if (this.#last === null) return null;
    return this.isLive || Math.abs(this.#now() - this.#last.askedAt) <= maxAgeMs ? this.#last.summary : null;
  }
}
