import { defineConfig } from "vitest/config";

// Real repositories, real git, many processes: two minutes, which `npm test` has not.
export default defineConfig({
  test: {
    name: "capsule",
    include: ["handover/capsule/**/*.test.ts"],
    globalSetup: ["test/support/run-folder.ts"],
    maxWorkers: 4,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
