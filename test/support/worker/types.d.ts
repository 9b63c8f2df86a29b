declare namespace Cloudflare {
  interface Env {
    readonly MESSAGES: KVNamespace;
    readonly BRIDGE: DurableObjectNamespace<import("../../../worker/object/bridge.ts").Bridge>;
    readonly BRIDGE_API_KEY: string;
    readonly FAILED_KEYS: RateLimit;
    readonly REQUESTS: RateLimit;
    readonly JOINS: RateLimit;
  }
  interface GlobalProps {
    mainModule: typeof import("../../../worker/index.ts");
  }
}
