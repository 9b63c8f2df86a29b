import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { MANY_PROCESSES } from "../many-processes.ts";
import { workerProject } from "../worker-project.ts";

const ROOT = join(import.meta.dirname, "../..");

// Real processes with real time budgets (a hook waits 0.8 seconds for the bridge) may fail once on a busy machine. Failing
// twice in a row is a fault.
const RETRIES_IN_CI = process.env.CI ? 1 : 0;

// Tests dist/ under the user's Node with the real Worker. Most of the time is spent waiting for processes, so more files
// run at once than a small machine has cores.
export default defineConfig({
  test: {
    root: ROOT,
    globalSetup: ["test/support/run-folder.ts"],
    maxWorkers: 3,
    projects: [
      {
        root: ROOT,
        test: {
          name: "faults",
          include: ["test/faults/*.test.ts", ...MANY_PROCESSES],
          globalSetup: ["test/support/build-programs.ts"],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          retry: RETRIES_IN_CI,
        },
      },
      // The random cases of which `npm test` tries a share.
      workerProject({
        name: "random cases",
        include: ["{worker,test/worker}/**/{*.,}{fuzz,property}.test.ts"],
        shareOfRandomCases: 1,
      }),
    ],
  },
});
