import { createApp } from "../../worker/app.ts";
import type { Env } from "../../worker/env.ts";
import type { ReadTexts } from "../../worker/kv/read-texts.ts";
import type { ArchiveRules } from "../../worker/object/archive-rules.ts";
import { Bridge } from "../../worker/object/bridge.ts";
import type { KvCentral } from "./kv/kv-central.ts";
import { type HostOptions, ObjectHost } from "./object/object-host.ts";
import type { Serve } from "./worker-dispatcher.ts";

/** What of the bridge is replaced by something that is not safe; nothing, for the bridge itself. */
export interface Variant {
  readonly rules?: ArchiveRules;
  readonly readTexts?: ReadTexts;
  /** KV as the object has it. */
  readonly objectKv?: (kv: KVNamespace) => KVNamespace;
}

interface BridgeOptions extends Omit<HostOptions, "make" | "kv"> {
  readonly kv: KvCentral;
  readonly variant: Variant;
}

/** Where the object is. */
const OBJECT_LOCATION = "FRA";

/** The unmodified Worker in each of Cloudflare's places, and the unmodified object behind it. */
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

  /** The Worker as it runs in one place. */
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
