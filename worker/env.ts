/** What wrangler.jsonc binds. Parts may be missing at run time: the Worker then refuses, it does not fail open. */
export interface Env {
  /** Every event and nothing else; docs/storage.md describes its keys. */
  readonly MESSAGES: KVNamespace;
  /** The one key that all machines share. */
  readonly BRIDGE_API_KEY?: string;
  /** Counts wrong keys per address. */
  readonly FAILED_KEYS?: RateLimit;
}
