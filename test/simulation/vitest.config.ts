import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "simulation", include: ["test/simulation/**/*.test.ts"], testTimeout: 180_000, maxWorkers: "100%" },
});
