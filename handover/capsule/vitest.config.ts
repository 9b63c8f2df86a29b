import { defineConfig } from "vitest/config";

// Real repositories, real git, many processes: two minutes, which `npm test` has not.
export default defineConfig({
  test: {
    name: "capsule",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: ["../../test/support/run-folder.ts"],
    maxWorkers: 4,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
