import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// The tests bring their own key: wrangler need not warn that the environment has none, nor say where it looked.
process.env.WRANGLER_LOG ??= "error";

export default defineConfig({
  test: {
    // Most of the time goes by waiting for processes: more workers than cores.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: "node",
          // No file changes what another could see; a fresh worker for each would cost a quarter of the time.
          isolate: false,
          include: [
            "{contract,client,handover,server,hooks,cli,scripts}/**/*.test.ts",
            "test/*.test.ts",
            "test/{contract,support}/**/*.test.ts",
          ],
          // They make and change some hundred repositories: `npm run capsule`.
          exclude: ["handover/capsule/**", "**/node_modules/**"],
          // The hooks and the server are tested as real processes on a machine of two cores.
          testTimeout: 20_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.jsonc" },
            miniflare: { bindings: { BRIDGE_API_KEY: "test-key" } },
          }),
        ],
        test: { name: "worker", include: ["worker/**/*.test.ts"] },
      },
    ],
  },
});
