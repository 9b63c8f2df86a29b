import type { Bridge, ObjectEnv } from "./object/bridge.ts"; // its types alone: outside of workerd nobody can load it

/** What wrangler.jsonc binds. Parts may be missing at run time: the Worker then refuses, it does not fail open. */
export interface Env extends ObjectEnv {
  /** Decides: messages, machines and sockets. There is one object of this class. */
  readonly BRIDGE?: DurableObjectNamespace<Bridge>;
  /** The key of machines that have not joined, and with which the first one joins. */
  readonly BRIDGE_API_KEY?: string;
  /** Counts requests per key. */
  readonly REQUESTS?: RateLimit;
  /** Counts attempts to join per address. */
  readonly JOINS?: RateLimit;
  /** Counts wrong keys per address. */
  readonly FAILED_KEYS?: RateLimit;
}
