import { join } from "node:path";
import { defineConfig } from "vitest/config";

const workers = join(import.meta.dirname, "object/cloudflare-workers.ts");

export default defineConfig({
  resolve: { alias: { "cloudflare:workers": workers } },
  test: {
    name: "simulation",
    include: ["test/simulation/**/*.test.ts"],
    globalSetup: ["test/support/run-folder.ts"],
    testTimeout: 180_000,
    maxWorkers: "100%",
    // The Worker logs every failure of KV and of the object, and there are thousands.
    onConsoleLog: (_, type) => type === "stdout",
  },
});
