import type { Registry } from "./registry/registry.ts";
import type { Mailroom } from "./store/mailroom/mailroom.ts";

/** What wrangler.jsonc binds. Parts may be missing at run time: the Worker then refuses, it does not fail open. */
export interface Env {
  /** Events and capsules; docs/storage.md describes the keys. */
  readonly MESSAGES: KVNamespace;
  /** Where messages are kept when it is there (`npm run deploy -- --live`); then MESSAGES has capsules alone. */
  readonly MAILROOM?: DurableObjectNamespace<Mailroom>;
  /** The key of machines that have not joined, and with which the first one joins. */
  readonly BRIDGE_API_KEY?: string;
  /** The machines that joined. Without it the shared key is everyone's. */
  readonly REGISTRY?: DurableObjectNamespace<Registry>;
  /** Counts requests per key. */
  readonly REQUESTS?: RateLimit;
  /** Counts tries to join per address. */
  readonly JOINS?: RateLimit;
  /** Counts wrong keys per address. */
  readonly FAILED_KEYS?: RateLimit;
}
