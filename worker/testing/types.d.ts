declare namespace Cloudflare {
  interface Env {
    readonly MESSAGES: KVNamespace;
    readonly BRIDGE_API_KEY: string;
    readonly FAILED_KEYS: RateLimit;
  }
  interface GlobalProps {
    mainModule: typeof import("../index.ts");
  }
}
