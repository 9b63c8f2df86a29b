import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";

/** Real time limit for a task that neither ends nor sleeps: it waits for something outside the simulation. */
const STUCK_MS = 20_000;

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => Promise<void>;
}

/** The state of one task of the simulation. */
interface Task {
  done: Promise<void>;
  /** Its pending sleeps. */
  sleeping: number;
  onSleep: () => void;
}

/**
 * Virtual time. Events run in the order of their times, one at a time: nothing else runs until a task ends or sleeps.
 * Other tasks run while one sleeps, which is how slow KV operations and calls of an object overlap.
 */
export class VirtualTime {
  readonly #tasks = new AsyncLocalStorage<Task>();
  /** A binary heap: no event is before its parent. */
  readonly #events: Event[] = [];
  #now: number;
  #order = 0;
  #onPause: () => void = () => {};

  /** @param start - milliseconds since 1970 */
  constructor(start: number) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  /** Called whenever a task ends or sleeps. */
  onPause(call: () => void): void {
    this.#onPause = call;
  }

  /** Starts a task after this many milliseconds. If it throws, {@link runUntil} rejects. */
  after(delayMs: number, run: () => Promise<void>): void {
    this.#add(this.#now + Math.max(0, delayMs), () => this.#start(run));
  }

  /** Lets virtual time pass for the calling task. Other tasks run during that time. */
  sleep(ms: number): Promise<void> {
    const task = this.#tasks.getStore();
    if (!task) throw new Error("Only a task of the simulation can sleep.");
    return new Promise((resolve) => {
      task.sleeping++;
      this.#add(this.#now + ms, async () => {
        task.sleeping--;
        const isAlone = task.sleeping === 0;
        const settled = isAlone ? this.#settled(task) : undefined;
        resolve();
        await (settled ?? this.#pause());
      });
      task.onSleep();
    });
  }

  /** Runs everything that is due up to a time, including events added on the way. */
  async runUntil(end: number): Promise<void> {
    for (let next = this.#take(end); next; next = this.#take(end)) {
      this.#now = Math.max(this.#now, next.at);
      await next.run();
    }
    this.#now = Math.max(this.#now, end);
  }

  async #start(run: () => Promise<void>): Promise<void> {
    const task: Task = { done: Promise.resolve(), sleeping: 0, onSleep: () => {} };
    const settled = this.#settled(task, () => {
      task.done = this.#tasks.run(task, run);
    });
    await settled;
  }

  /** Waits until a task ends or sleeps again. */
  async #settled(task: Task, begin: () => void = () => {}): Promise<void> {
    const slept = new Promise<void>((resolve) => {
      task.onSleep = resolve;
    });
    begin();
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("A task neither ended nor slept.")), STUCK_MS);
    });
    try {
      await Promise.race([task.done, slept, stuck]);
    } finally {
      clearTimeout(timer);
    }
    await this.#pause();
  }

  /** Lets promises that the task did not await run as far as they can. */
  async #pause(): Promise<void> {
    await turnOfTheLoop();
    this.#onPause();
  }

  #add(at: number, run: () => Promise<void>): void {
    const events = this.#events;
    let index = events.push({ at, order: this.#order++, run }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(events[index], events[parent])) break;
      swap(events, index, parent);
      index = parent;
    }
  }

  #take(end: number): Event | undefined {
    const events = this.#events;
    const first = events[0];
    if (!first || first.at > end) return undefined;
    const last = events.pop();
    if (last && last !== first) events[0] = last;
    for (let index = 0; ; ) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) if (isBefore(events[child], events[least])) least = child;
      if (least === index) return first;
      swap(events, index, least);
      index = least;
    }
  }
}

function isBefore(a: Event | undefined, b: Event | undefined): boolean {
  if (!a || !b) return false;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function swap(events: Event[], a: number, b: number): void {
  const [one, other] = [events[a], events[b]];
  if (!one || !other) return;
  events[a] = other;
  events[b] = one;
}
