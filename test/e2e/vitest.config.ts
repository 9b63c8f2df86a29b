import { defineConfig } from "vitest/config";

// The real client, installed as a user installs it. One file after the other: every one starts clients, servers and a
// bridge of its own, and the machine may have two cores.
export default defineConfig({
  test: {
    name: "e2e",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
