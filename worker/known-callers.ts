import type { KnownMachine, SharedKeyPolicy } from "./registry/registry-store.ts";
import type { RemoteRegistry } from "./registry/remote-registry.ts";

/** How long the Worker believes what the registry said: a machine that was taken out is out at most so much later. */
const BELIEVED_MS = 30_000;

/** Keys that are remembered; a person has a handful of machines. */
const MAX_REMEMBERED = 100;

interface Remembered<T> {
  readonly answer: T;
  readonly until: number;
}

/**
 * What the registry said of keys, for a while, so that a check for mail costs no further call. Never that a key is wrong:
 * it may be a machine's that joins in this moment.
 */
export class KnownCallers {
  readonly #machines = new Map<string, Remembered<KnownMachine>>();
  #policy: Remembered<SharedKeyPolicy> | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async machine(
    registry: RemoteRegistry,
    keyHash: string,
    version: string | null,
    mayRemember: boolean,
  ): Promise<KnownMachine | "revoked" | null> {
    const known = this.#machines.get(keyHash);
    if (mayRemember && known && known.until > this.#now()) return known.answer;
    const answer = await registry.identify(keyHash, version);
    if (answer === null || answer === "revoked") {
      this.#machines.delete(keyHash);
      return answer;
    }
    if (this.#machines.size >= MAX_REMEMBERED) this.#machines.clear();
    this.#machines.set(keyHash, { answer, until: this.#now() + BELIEVED_MS });
    return answer;
  }

  async policy(registry: RemoteRegistry, mayRemember: boolean): Promise<SharedKeyPolicy> {
    if (mayRemember && this.#policy && this.#policy.until > this.#now()) return this.#policy.answer;
    const answer = await registry.policy();
    this.#policy = { answer, until: this.#now() + BELIEVED_MS };
    return answer;
  }

  /** Something was changed through this Worker. */
  forget(): void {
    this.#machines.clear();
    this.#policy = null;
  }
}
