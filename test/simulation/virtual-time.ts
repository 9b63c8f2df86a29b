/** Virtual time: tasks run one after another in the order of their times, and nothing waits. */
export class VirtualTime {
  #now: number;
  #order = 0;
  readonly #tasks: { at: number; order: number; run: () => Promise<void> }[] = [];

  /** @param start - milliseconds since 1970 */
  constructor(start: number) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  /** Runs a task after this many milliseconds. */
  after(delayMs: number, run: () => Promise<void>): void {
    this.#tasks.push({ at: this.#now + delayMs, order: this.#order++, run });
  }

  /** Runs every task that is due up to a time, those included that come up on the way. */
  async runUntil(end: number): Promise<void> {
    for (;;) {
      this.#tasks.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#tasks[0];
      if (!next || next.at > end) break;
      this.#tasks.shift();
      this.#now = Math.max(this.#now, next.at);
      await next.run();
    }
    this.#now = end;
  }
}
