import { defineConfig } from "vitest/config";

// Real repositories, real git and many processes take two minutes, too long for `npm test`.
export default defineConfig({
  test: {
    name: "capsule",
    include: ["handover/{capsule,everything}/**/*.test.ts"],
    globalSetup: ["test/support/run-folder.ts"],
    maxWorkers: 4,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
