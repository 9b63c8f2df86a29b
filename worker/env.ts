import type { Mailroom } from "./store/mailroom/mailroom.ts";

/** What wrangler.jsonc binds. Parts may be missing at run time: the Worker then refuses, it does not fail open. */
export interface Env {
  /** Events and capsules; docs/storage.md describes the keys. */
  readonly MESSAGES: KVNamespace;
  /** Where messages are kept when it is there (`npm run deploy -- --live`); then MESSAGES has capsules alone. */
  readonly MAILROOM?: DurableObjectNamespace<Mailroom>;
  /** The one key that all machines share. */
  readonly BRIDGE_API_KEY?: string;
  /** Counts wrong keys per address. */
  readonly FAILED_KEYS?: RateLimit;
}
