import { createApp } from "../../worker/app.ts";
import type { Env } from "../../worker/env.ts";
import type { ReadTexts } from "../../worker/kv/read-texts.ts";
import type { ArchiveRules } from "../../worker/object/archive-rules.ts";
import { Bridge } from "../../worker/object/bridge.ts";
import type { KvCentral } from "./kv/kv-central.ts";
import { ObjectHost } from "./object/object-host.ts";
import type { HostOptions } from "./object/object-instance.ts";
import type { Serve } from "./worker-network.ts";

/** The parts of the bridge to replace by unsafe ones; empty for the real bridge. */
export interface Variant {
  readonly rules?: ArchiveRules;
  readonly readTexts?: ReadTexts;
  /** KV as the object sees it. */
  readonly objectKv?: (kv: KVNamespace) => KVNamespace;
}

interface BridgeOptions extends Omit<HostOptions, "make" | "kv"> {
  readonly kv: KvCentral;
  readonly variant: Variant;
}

/** The location of the object. */
const OBJECT_LOCATION = "FRA";

/** The unmodified Worker in each of Cloudflare's locations, and the unmodified object behind it. */
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
      make: (context, MESSAGES) => new Bridge(context, { MESSAGES }, variant.rules),
    });
  }

  /** The Worker in one location. */
  readonly worker = (location: string): Serve => {
    const known = this.#workers.get(location);
    if (known) return known;
    const { kv, time, variant } = this.#options;
    const app = createApp(() => Math.floor(time.now()), variant.readTexts);
    const env: Env = {
      MESSAGES: kv.edge(location).binding(),
      BRIDGE: this.host.namespace(),
      BRIDGE_API_KEY: "key",
    };
    const serve: Serve = async (request) => app.fetch(request, env);
    this.#workers.set(location, serve);
    return serve;
  };
}
