import { defineConfig } from "vitest/config";

// Real processes with real time budgets (a hook gives the bridge 0.8 seconds), on a machine that may be busy: what fails
// twice in a row is a fault.
const RETRIES_IN_CI = process.env.CI ? 1 : 0;

// The real client, installed as a user installs it. One file after the other: every one starts clients, servers and a
// bridge of its own, and the machine may have two cores.
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
