import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { MANY_PROCESSES } from "./test/many-processes.ts";

// The tests bring their own key: wrangler need not warn that the environment has none, nor say where it looked.
process.env.WRANGLER_LOG ??= "error";

// Real processes with real time budgets (a hook gives the bridge 0.8 seconds), on a machine that may be busy: what fails
// twice in a row is a fault.
const RETRIES_IN_CI = process.env.CI ? 1 : 0;

export default defineConfig({
  test: {
    // Most of the time goes by waiting for processes: more workers than a small machine has cores.
    maxWorkers: 3,
    globalSetup: ["test/support/run-folder.ts"],
    projects: [
      {
        test: {
          name: "node",
          // No file changes what another could see; a fresh worker for each would cost a quarter of the time.
          isolate: false,
          include: [
            "{contract,client,handover,server,hooks,cli,scripts}/**/*.test.ts",
            "test/*.test.ts",
            "test/{contract,support,hostile}/**/*.test.ts",
          ],
          // They make and change some hundred repositories: `npm run capsule`.
          exclude: ["handover/capsule/**", "**/node_modules/**", ...MANY_PROCESSES],
          globalSetup: ["test/support/build-programs.ts"],
          // The hooks and the server are tested as real processes on a machine of two cores.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry: RETRIES_IN_CI,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.jsonc" },
            miniflare: { bindings: { BRIDGE_API_KEY: "test-key" } },
          }),
        ],
        // One workerd for many files: starting one, with the Worker's modules in it, takes longer than most files.
        test: {
          name: "worker",
          isolate: false,
          include: ["{worker,test/worker}/**/*.test.ts"],
          setupFiles: ["test/support/worker/wake-object.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
