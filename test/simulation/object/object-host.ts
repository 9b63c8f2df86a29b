import { currentInvocation, invoke } from "../invocation.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { DurableStorage } from "./durable-storage.ts";
import { type HostOptions, type Losses, ObjectInstance } from "./object-instance.ts";

export const NO_LOSSES: Losses = { idle: 0, beforeCommit: 0, afterCommit: 0, inKv: 0, doubled: 0 };

/** The largest error of an instance's clock, in milliseconds: each instance may run on another computer. */
const CLOCK_SKEW_MS = 250;

/**
 * A Durable Object in virtual time: one instance at a time over a storage that outlives it. Depending on the seed, an
 * instance can be lost and replaced between any two steps. Its answers and KV operations are sent only after all its
 * earlier writes are committed.
 */
export class ObjectHost {
  readonly storage: DurableStorage;
  readonly #options: HostOptions;
  readonly #alarms: AlarmClock;
  #instance: ObjectInstance | null = null;
  #steps = 0;
  /** Instances that were lost so far. */
  lost = 0;

  constructor(options: HostOptions) {
    this.#options = options;
    const { time } = options;
    this.storage = new DurableStorage((at) => this.#alarms.set(at));
    this.#alarms = new AlarmClock({
      time,
      run: (info) => this.#runAlarm(info),
      lose: () => this.evict(),
      isDoubled: () => this.#happens("doubled"),
      onRetry: (at) => this.storage.noteRetry(at),
    });
  }

  /** The Worker's binding: every name is this one object. */
  namespace<T>(): T {
    const stub = new Proxy(
      {},
      {
        get: (_, method) => (method === "then" ? undefined : (...args: unknown[]) => this.#call(String(method), args)),
      },
    );
    return { getByName: () => stub } as T; // it has only what the Worker uses
  }

  /** Loses the instance with all uncommitted state. */
  evict(): void {
    if (!this.#instance) return;
    this.storage.rollBack();
    this.#instance.end();
    this.#instance = null;
    this.lost++;
  }

  /** Commits writes made outside a call. Must be called whenever virtual time stands still. */
  pause(): void {
    this.storage.commit();
  }

  /** How often the alarm has run. */
  get alarms(): number {
    return this.#alarms.runs;
  }

  /** The clock error of the running instance in milliseconds; 0 outside of one. */
  skewNow(): number {
    return ObjectInstance.running?.skewMs ?? 0;
  }

  async #call(method: string, args: unknown[]): Promise<unknown> {
    const invocation = currentInvocation();
    if (invocation) invocation.objectCalls++;
    try {
      if (this.#happens("idle")) this.evict();
      const instance = this.#wake();
      const given = method === "fetch" ? args : structuredClone(args);
      const answer = await instance.run(() => instance.call(method, given));
      this.#release(instance);
      if ("error" in answer) throw new Error(String(answer.error), { cause: answer.error });
      return method === "fetch" ? answer.value : structuredClone(answer.value);
    } catch (error) {
      if (invocation) invocation.failedObjectCalls++;
      throw error;
    }
  }

  async #runAlarm(info: AlarmInvocationInfo): Promise<void> {
    const instance = this.#wake();
    this.storage.takeAlarm();
    let failure: unknown;
    const { used } = await invoke(async () => {
      try {
        const answer = await instance.run(() => instance.call("alarm", [info]));
        this.#release(instance);
        if ("error" in answer) failure = answer.error;
      } catch (error) {
        failure = error;
      }
    });
    this.#options.onAlarm?.(used, instance.isOver ? undefined : failure);
    if (failure !== undefined) throw failure;
  }

  /** Commits before anything leaves the instance. @throws if it is lost at this point */
  #release(instance: ObjectInstance): void {
    instance.check();
    if (this.#happens("beforeCommit")) this.evict();
    instance.check();
    this.storage.commit();
    if (this.#happens("afterCommit")) this.evict();
    instance.check();
  }

  /** The same for an operation of KV. */
  #releaseToKv(instance: ObjectInstance): void {
    instance.check();
    const { chance, time } = this.#options;
    const point = this.#happens("inKv") ? Math.floor(chance.of("point", this.#steps) * 3) : null;
    if (point === 0) this.evict();
    instance.check();
    this.storage.commit();
    if (point === 1) this.evict();
    instance.check();
    if (point === 2) time.after(1, async () => this.#loseIf(instance));
  }

  #wake(): ObjectInstance {
    if (this.#instance) return this.#instance;
    const { make, kv, chance } = this.#options;
    const skewMs = Math.round((chance.of("clock", this.lost) * 2 - 1) * CLOCK_SKEW_MS);
    const instance: ObjectInstance = new ObjectInstance({
      skewMs,
      storage: this.storage,
      kv,
      make,
      release: () => this.#releaseToKv(instance),
    });
    this.#instance = instance;
    return instance;
  }

  async #loseIf(instance: ObjectInstance): Promise<void> {
    if (this.#instance === instance) this.evict();
  }

  #happens(where: keyof Losses): boolean {
    return this.#options.chance.of("lost", where, ++this.#steps) < this.#options.losses[where];
  }
}
