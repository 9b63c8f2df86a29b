import { AsyncLocalStorage } from "node:async_hooks";
import type { Chance } from "../chance.ts";
import type { Invocation } from "../invocation.ts";
import type { Time } from "../kv/kv-edge.ts";
import type { DurableStorage } from "./durable-storage.ts";
import { ObjectReset } from "./object-reset.ts";

/** The faults of an object, as probabilities in [0, 1). */
export interface Losses {
  /** The instance is lost before a call, as after an idle time. */
  readonly idle: number;
  /** The instance is lost at the end of a turn, before its writes are committed. */
  readonly beforeCommit: number;
  /** The instance is lost between the commit and the answer. */
  readonly afterCommit: number;
  /** The instance is lost at a KV operation: before the commit, before the operation is sent, or during it. */
  readonly inKv: number;
  /** A finished alarm runs once more. */
  readonly doubled: number;
}

/** The members of an object that the simulation uses; others are called by name. */
export interface SimulatedObject {
  alarm?(info?: AlarmInvocationInfo): void | Promise<void>;
}

export interface HostOptions {
  readonly time: Time;
  readonly chance: Chance;
  readonly losses: Losses;
  /** KV from the object's location. */
  readonly kv: KVNamespace;
  /** Creates an instance with the object's `ctx` and its MESSAGES binding. */
  readonly make: (context: DurableObjectState, kv: KVNamespace) => SimulatedObject;
  /** Called when an alarm has run or was given up. */
  readonly onAlarm?: (used: Invocation, error: unknown) => void;
}

/** The result of a call. */
type Answer = { readonly value: unknown } | { readonly error: unknown };

interface InstanceOptions extends Pick<HostOptions, "kv" | "make"> {
  readonly skewMs: number;
  readonly storage: DurableStorage;
  /** Commits; throws if the instance is lost at this point. */
  readonly release: () => void;
}

/** One instance of the object. After it is lost, nothing it does has an effect, and it answers nobody. */
export class ObjectInstance {
  static readonly #running = new AsyncLocalStorage<ObjectInstance>();
  readonly skewMs: number;
  readonly #object: SimulatedObject;
  readonly #lost: Promise<never>;
  #lose: (error: Error) => void = () => {};
  /** Work that must finish before the first call. */
  #ready: Promise<unknown> = Promise.resolve();
  isOver = false;

  constructor({ skewMs, storage, kv, make, release }: InstanceOptions) {
    this.skewMs = skewMs;
    this.#lost = new Promise((_, reject) => {
      this.#lose = reject;
    });
    this.#lost.catch(() => undefined); // it may be lost while nobody waits for it
    const context = {
      ...partsOfContext(),
      storage: storage.binding(() => this.check()),
      blockConcurrencyWhile: (work: () => Promise<unknown>) => {
        this.#ready = Promise.all([this.#ready, work()]);
        return this.#ready;
      },
    };
    const boundKv = this.#guarded(kv, release);
    this.#object = ObjectInstance.#running.run(
      this,
      () => make(context as unknown as DurableObjectState, boundKv), // it has only what the object uses
    );
  }

  /** The running instance. */
  static get running(): ObjectInstance | undefined {
    return ObjectInstance.#running.getStore();
  }

  /** @throws if the instance is lost */
  check(): void {
    if (this.isOver) throw new ObjectReset();
  }

  end(): void {
    this.isOver = true;
    this.#lose(new ObjectReset());
  }

  /** Runs some of its code. @throws if it is lost during that */
  run<T>(code: () => Promise<T>): Promise<T> {
    return Promise.race([ObjectInstance.#running.run(this, code), this.#lost]);
  }

  async call(method: string, args: readonly unknown[]): Promise<Answer> {
    const member: unknown = Reflect.get(this.#object, method);
    if (typeof member !== "function") return { error: new TypeError(`The object has no ${method}.`) };
    try {
      await this.#ready;
      return { value: await Reflect.apply(member, this.#object, args) };
    } catch (error) {
      return { error };
    }
  }

  /** The instance's KV binding: commits before every operation, and never answers a lost instance. */
  #guarded(kv: KVNamespace, release: () => void): KVNamespace {
    return new Proxy(kv, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          this.check();
          release();
          try {
            const result: unknown = await Reflect.apply(member, target, args);
            if (this.isOver) await never();
            return result;
          } catch (error) {
            if (this.isOver) await never();
            throw error;
          }
        };
      },
    });
  }
}

/** Sockets are not simulated. */
function partsOfContext() {
  return {
    id: { name: "bridge", toString: () => "bridge" },
    getWebSockets: () => [],
    setWebSocketAutoResponse: () => undefined,
    waitUntil: () => undefined,
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
