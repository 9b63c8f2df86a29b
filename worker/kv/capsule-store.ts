import { CAPSULE_AGE_SECONDS } from "../../contract/capsule.ts";

/** KV remembers at least this long that something is not there, in seconds. */
const SHORTEST_CACHE_SECONDS = 30;

/**
 * Capsules and their parts in KV, each under its SHA-256. The bytes under a name never change, so a second put only makes
 * them live longer. A part that was stored elsewhere a moment ago may not be found for a minute.
 */
export class CapsuleStore {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  /** Does not look first whether the part is there: that would plant "not there" in a cache for the next reader. */
  async put(sha256: string, bytes: Uint8Array): Promise<void> {
    await this.#kv.put(capsuleKey(sha256), bytes, { expirationTtl: CAPSULE_AGE_SECONDS });
  }

  /** @returns null when it is not there */
  async get(sha256: string): Promise<Uint8Array | null> {
    const options = { type: "arrayBuffer", cacheTtl: SHORTEST_CACHE_SECONDS } as const;
    const bytes = await this.#kv.get(capsuleKey(sha256), options);
    return bytes && new Uint8Array(bytes);
  }
}

function capsuleKey(sha256: string): string {
  return `c:${sha256}`;
}
