import { defineConfig } from "vitest/config";

// What users run (dist/, under their Node) and the real Worker. Most of the time goes by waiting for processes, so more
// files at once than a small machine has cores.
export default defineConfig({
  test: {
    name: "faults",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    maxWorkers: 4,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
