import { CAPSULE_AGE_SECONDS } from "../../../contract/capsule.ts";
import { attempt } from "./attempt.ts";

const PREFIX = "c:";

/** KV remembers for so long that something is not there, at least; in seconds. */
const SHORTEST_CACHE_SECONDS = 30;

/**
 * Capsules in Workers KV, each under its SHA-256. What is under a name never changes, so a second put of it is only a
 * longer life. A capsule that was stored elsewhere a moment ago may not be found for a minute.
 */
export class CapsuleStore {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  /**
   * Never looks first whether it is there: that would plant "not there" in a cache for whoever asks next.
   *
   * @throws StoreUnavailable
   */
  async put(sha256: string, bytes: Uint8Array): Promise<void> {
    await attempt(() => this.#kv.put(`${PREFIX}${sha256}`, bytes, { expirationTtl: CAPSULE_AGE_SECONDS }));
  }

  /** @returns null when it is not there @throws StoreUnavailable */
  async get(sha256: string): Promise<Uint8Array | null> {
    const options = { type: "arrayBuffer", cacheTtl: SHORTEST_CACHE_SECONDS } as const;
    const bytes = await attempt(() => this.#kv.get(`${PREFIX}${sha256}`, options));
    return bytes && new Uint8Array(bytes);
  }
}
