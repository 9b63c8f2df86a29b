import { defineConfig } from "vitest/config";

// Real processes with real time budgets (a hook waits 0.8 seconds for the bridge) may fail once on a busy machine. Failing
// twice in a row is a fault.
const RETRIES_IN_CI = process.env.CI ? 1 : 0;

// The real client, installed as a user installs it. Files run one after another: each starts clients, servers and its own
// bridge, and the machine may have only two cores.
export default defineConfig({
  test: {
    name: "e2e",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: ["../support/run-folder.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    retry: RETRIES_IN_CI,
  },
});
