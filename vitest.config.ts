import { defineConfig } from "vitest/config";
import { SlowFilesFirst } from "./test/slow-files-first.ts";
import { workerProject } from "./test/worker-project.ts";

// Real processes with real time budgets (a hook waits 0.8 seconds for the bridge) may fail once on a busy machine. Failing
// twice in a row is a fault.
const RETRIES_IN_CI = process.env.CI ? 1 : 0;

export default defineConfig({
  test: {
    // Most of the time is spent waiting for processes, so there are more workers than a small machine has cores.
    maxWorkers: 4,
    sequence: { sequencer: SlowFilesFirst },
    globalSetup: ["test/support/run-folder.ts"],
    projects: [
      {
        test: {
          name: "node",
          // Test files do not affect each other. A new worker for each would add a quarter of the time.
          isolate: false,
          include: [
            "{contract,client,handover,screens,server,hooks,cli,scripts}/**/*.test.ts",
            "test/*.test.ts",
            "test/{contract,support,hostile}/**/*.test.ts",
          ],
          // `npm run capsule`: they make and change some hundred repositories. `npm run slow`: as their names say.
          exclude: ["handover/{capsule,everything}/**", "**/*.slow.test.ts", "**/node_modules/**"],
          globalSetup: ["test/support/build-programs.ts"],
          // The hooks and the server are tested as real processes on a machine of two cores.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry: RETRIES_IN_CI,
        },
      },
      workerProject({ name: "worker", include: ["{worker,test/worker}/**/!(*.slow).test.ts"] }),
    ],
  },
});
