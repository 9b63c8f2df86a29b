import { CAPSULE_AGE_SECONDS } from "../../contract/capsule.ts";

/** Shortest time for which KV caches that a key is missing, in seconds. */
const SHORTEST_CACHE_SECONDS = 30;

/**
 * Capsules and their parts in KV, each under its SHA-256. The bytes under a key never change, so a second put only extends
 * their lifetime. A part that was just stored in another location may not be found for a minute.
 */
export class CapsuleStore {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  /** Does not check first whether the part exists: KV would cache "missing" for the next reader. */
  async put(sha256: string, bytes: Uint8Array): Promise<void> {
    await this.#kv.put(capsuleKey(sha256), bytes, { expirationTtl: CAPSULE_AGE_SECONDS });
  }

  /** @returns null if KV does not have it */
  async get(sha256: string): Promise<Uint8Array | null> {
    const options = { type: "arrayBuffer", cacheTtl: SHORTEST_CACHE_SECONDS } as const;
    const bytes = await this.#kv.get(capsuleKey(sha256), options);
    return bytes && new Uint8Array(bytes);
  }
}

function capsuleKey(sha256: string): string {
  return `c:${sha256}`;
}
