declare namespace Cloudflare {
  interface Env {
    readonly MESSAGES: KVNamespace;
    /** In the tests of worker/store/mailroom alone. */
    readonly MAILROOM: DurableObjectNamespace<import("../store/mailroom/mailroom.ts").Mailroom>;
    readonly BRIDGE_API_KEY: string;
    readonly FAILED_KEYS: RateLimit;
    readonly REQUESTS: RateLimit;
    readonly JOINS: RateLimit;
    readonly REGISTRY: DurableObjectNamespace<import("../registry/registry.ts").Registry>;
  }
  interface GlobalProps {
    mainModule: typeof import("../index.ts");
  }
}
