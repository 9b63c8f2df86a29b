import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type { TestProjectInlineConfiguration } from "vitest/config";

// The tests set their own key, so wrangler need not warn that the environment has none.
process.env.WRANGLER_LOG ??= "error";

const ROOT = join(import.meta.dirname, "..");

interface WorkerTests {
  readonly name: string;
  readonly include: string[];
}

/** A project of vitest whose tests run in workerd, next to the Worker. */
export function workerProject({ name, include }: WorkerTests): TestProjectInlineConfiguration {
  return {
    root: ROOT,
    plugins: [
      cloudflareTest({
        wrangler: { configPath: join(ROOT, "wrangler.jsonc") },
        miniflare: { bindings: { BRIDGE_API_KEY: "test-key" } },
      }),
    ],
    test: {
      name,
      include,
      // One workerd for many files: starting one, with the Worker's modules in it, takes longer than most files.
      isolate: false,
      setupFiles: ["test/support/worker/wake-object.ts"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}
