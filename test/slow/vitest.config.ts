import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { workerProject } from "../worker-project.ts";

const ROOT = join(import.meta.dirname, "../..");

// Real processes with real time budgets (a hook waits 0.8 seconds for the bridge) may fail once on a busy machine. Failing
// twice in a row is a fault.
const RETRIES_IN_CI = process.env.CI ? 1 : 0;

// What `npm test` has no time for. They lie next to the other tests, and their names say it: `*.slow.test.ts`.
export default defineConfig({
  test: {
    root: ROOT,
    // Most of the time is spent waiting for processes, so more files run at once than a small machine has cores.
    maxWorkers: 4,
    globalSetup: ["test/support/run-folder.ts"],
    projects: [
      {
        root: ROOT,
        test: {
          name: "slow",
          include: [
            "{contract,client,handover,screens,server,hooks,cli,scripts}/**/*.slow.test.ts",
            "test/*.slow.test.ts",
            "test/{contract,support,hostile}/**/*.slow.test.ts",
          ],
          globalSetup: ["test/support/build-programs.ts"],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          retry: RETRIES_IN_CI,
        },
      },
      workerProject({ name: "slow, in workerd", include: ["{worker,test/worker}/**/*.slow.test.ts"] }),
    ],
  },
});
