import { defineConfig, type Options } from "tsup";

// What users run: everything inside, nothing minified, because people read what runs. Checked by test/bundle.test.ts.
const common: Options = {
  noExternal: [/.*/],
  splitting: false,
  minify: false,
  dts: false,
  platform: "node",
  target: "node20",
  outDir: "dist",
  clean: false,
};

/** Some bundled libraries are CommonJS and call `require` for Node's own modules, which an ES module has not. */
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

export default defineConfig([
  {
    ...common,
    entry: { server: "server/main.ts", photon: "cli/main.ts" },
    format: ["esm"],
    outExtension: () => ({ js: ".mjs" }),
    banner: { js: requireBanner },
  },
  {
    ...common,
    // CommonJS starts about 30 ms faster, and a session waits for its hooks.
    entry: {
      "hooks/session-start": "hooks/session-start.ts",
      "hooks/stop": "hooks/stop.ts",
      "hooks/session-end": "hooks/session-end.ts",
    },
    format: ["cjs"],
    outExtension: () => ({ js: ".cjs" }),
  },
]);
