import type { Bridge, ObjectEnv } from "./object/bridge.ts"; // only types: the module can be loaded only in workerd

/** The bindings of wrangler.jsonc. Some may be missing at run time: the Worker then refuses requests and does not fail open. */
export interface Env extends ObjectEnv {
  /** The one object that manages messages, machines and sockets. */
  readonly BRIDGE?: DurableObjectNamespace<Bridge>;
  /** The shared key, used by machines that have not joined and to join the first one. */
  readonly BRIDGE_API_KEY?: string;
  /** Counts requests per key. */
  readonly REQUESTS?: RateLimit;
  /** Counts attempts to join per address. */
  readonly JOINS?: RateLimit;
  /** Counts wrong keys per address. */
  readonly FAILED_KEYS?: RateLimit;
}
