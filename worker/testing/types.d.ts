declare namespace Cloudflare {
  interface Env {
    readonly MESSAGES: KVNamespace;
    /** In the tests of worker/store/mailroom alone. */
    readonly MAILROOM: DurableObjectNamespace<import("../store/mailroom/mailroom.ts").Mailroom>;
    readonly BRIDGE_API_KEY: string;
    readonly FAILED_KEYS: RateLimit;
  }
  interface GlobalProps {
    mainModule: typeof import("../index.ts");
  }
}
