import { createApp } from "../../worker/app.ts";
import type { Ambient } from "../../worker/ambient.ts";
import type { Env } from "../../worker/env.ts";
import type { KvCentral } from "./kv/kv-central.ts";
import { ObjectHost, type HostOptions } from "./object/object-host.ts";
import { StandIn, fillingNamespace } from "./stand-in.ts";
import type { Serve } from "./worker-dispatcher.ts";

/** What of the bridge is replaced by something that is not safe; nothing, for the bridge itself. */
export interface Variant {
  readonly keptAfterCopyMs?: number;
  readonly asksKvFirst?: boolean;
  readonly objectKv?: (kv: KVNamespace) => KVNamespace;
}

interface BridgeOptions extends Omit<HostOptions, "make" | "kv"> {
  readonly kv: KvCentral;
  readonly ambient: Ambient;
  readonly variant: Variant;
}

const OBJECT_LOCATION = "FRA";

export class BridgeUnderTest {
  readonly host: ObjectHost;
  readonly #workers = new Map<string, Serve>();
  readonly #options: BridgeOptions;

  constructor(options: BridgeOptions) {
    this.#options = options;
    const { kv, variant } = options;
    const objectKv = kv.edge(OBJECT_LOCATION).binding();
    this.host = new ObjectHost({
      ...options,
      kv: variant.objectKv?.(objectKv) ?? objectKv,
      make: (context, bound) => new StandIn(context, { MESSAGES: bound } as Env, variant.keptAfterCopyMs),
    });
  }

  readonly worker = (location: string): Serve => {
    const known = this.#workers.get(location);
    if (known) return known;
    const kv = this.#options.kv.edge(location).binding();
    const app = createApp(this.#options.ambient);
    const env = {
      MESSAGES: kv,
      MAILROOM: fillingNamespace(this.host.namespace(), kv, this.#options.variant.asksKvFirst ?? false),
      BRIDGE_API_KEY: "key",
    } as Env;
    const serve: Serve = async (request) => app.fetch(request, env);
    this.#workers.set(location, serve);
    return serve;
  };
}
