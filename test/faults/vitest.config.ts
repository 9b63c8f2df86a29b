import { join } from "node:path";
import { defineConfig } from "vitest/config";

const ROOT = join(import.meta.dirname, "../..");

// Real processes with real time budgets (a hook waits 0.8 seconds for the bridge) may fail once on a busy machine. Failing
// twice in a row is a fault.
const RETRIES_IN_CI = process.env.CI ? 1 : 0;

// Tests dist/ under the user's Node with the real Worker. Most of the time is spent waiting for processes, so more files
// run at once than a small machine has cores.
export default defineConfig({
  test: {
    root: ROOT,
    name: "faults",
    include: ["test/faults/*.test.ts"],
    globalSetup: ["test/support/run-folder.ts", "test/support/build-programs.ts"],
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    retry: RETRIES_IN_CI,
  },
});
