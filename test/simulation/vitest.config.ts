import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const workers = fileURLToPath(new URL("object/cloudflare-workers.ts", import.meta.url));

export default defineConfig({
  resolve: { alias: { "cloudflare:workers": workers } },
  test: {
    name: "simulation",
    include: ["test/simulation/**/*.test.ts"],
    testTimeout: 180_000,
    maxWorkers: "100%",
    // The Worker logs every failure of KV and of the object, of which there are thousands.
    onConsoleLog: (_, type) => type === "stdout",
  },
});
