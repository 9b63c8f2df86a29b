import type { Chance } from "../chance.ts";
import { currentInvocation, type Invocation, invoke } from "../invocation.ts";
import type { Time } from "../kv/kv-central.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { DurableStorage } from "./durable-storage.ts";
import { ObjectInstance } from "./object-instance.ts";

/** Where an instance can be lost, and what else an object does not expect. Each is a chance in [0, 1). */
export interface Losses {
  /** Before a call, as when it was idle: nobody notices but the instance. */
  readonly idle: number;
  /** At the end of a turn, before what it wrote is kept. */
  readonly beforeCommit: number;
  /** Between keeping it and the answer. */
  readonly afterCommit: number;
  /** At an operation of KV: before what was written is kept, before it is sent, or while it is under way. */
  readonly inKv: number;
  /** An alarm that is done runs once more. */
  readonly doubled: number;
}

export const NO_LOSSES: Losses = { idle: 0, beforeCommit: 0, afterCommit: 0, inKv: 0, doubled: 0 };

/** What the simulation needs of an object; the rest is called by name. */
export interface SimulatedObject {
  alarm?(info?: AlarmInvocationInfo): void | Promise<void>;
}

export interface HostOptions {
  readonly time: Time;
  readonly chance: Chance;
  readonly losses: Losses;
  /** KV from where the object is. */
  readonly kv: KVNamespace;
  /** Makes an instance, with the object's `ctx` and what is bound to it as MESSAGES. */
  readonly make: (context: DurableObjectState, kv: KVNamespace) => SimulatedObject;
  /** An alarm has run, or was given up. */
  readonly onAlarm?: (used: Invocation, error: unknown) => void;
}

/** An instance's clock may differ from true time by up to this, in milliseconds: a restart may be on another computer. */
const CLOCK_SKEW_MS = 250;

/**
 * One Durable Object of Cloudflare's, in virtual time: one instance at a time over a storage that outlives them. It is
 * lost and made again between any two steps, as the seed has it. What it answers, and what it asks of KV, leaves it only
 * when everything it wrote before is kept.
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

  /** What the Worker has bound: every name is this one object. */
  namespace<T>(): T {
    const stub = new Proxy(
      {},
      {
        get: (_, method) => (method === "then" ? undefined : (...args: unknown[]) => this.#call(String(method), args)),
      },
    );
    return { getByName: () => stub } as T; // only what the Worker uses is there
  }

  /** Loses the instance, with everything that it has not written and kept. */
  evict(): void {
    if (!this.#instance) return;
    this.storage.rollBack();
    this.#instance.end();
    this.#instance = null;
    this.lost++;
  }

  /** Keeps what was written by what went on beside a call. To be called whenever virtual time stands still. */
  pause(): void {
    this.storage.commit();
  }

  /** How often the alarm has run. */
  get alarms(): number {
    return this.#alarms.runs;
  }

  /** How far the clock of the instance that runs now is off, in milliseconds; 0 outside of one. */
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

  /** Nothing leaves an instance before everything it wrote is kept. @throws when it is lost at this point */
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
