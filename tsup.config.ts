import { fileURLToPath } from "node:url";
import { defineConfig, type Options } from "tsup";
import { thirdPartyLicences } from "./scripts/third-party-licences.ts";

// What users run: everything inside, nothing minified, because people read what runs. Checked by test/bundle.test.ts.
const common: Options = {
  noExternal: [/.*/],
  // A module like node:sqlite, which a bundled library may ask for, has no name without the prefix.
  removeNodeProtocol: false,
  splitting: false,
  minify: false,
  dts: false,
  platform: "node",
  target: "node20",
  outDir: "dist",
  clean: false,
  esbuildPlugins: [thirdPartyLicences()],
};

/** Where the package has everything. */
const undiciParts = fileURLToPath(new URL("client/bridge/undici-parts.cjs", import.meta.url));

/** Some bundled libraries are CommonJS and use `require` and `__filename`, which an ES module has not. */
const commonJsBanner = [
  "import { createRequire as __createRequire } from 'node:module';",
  "const require = __createRequire(import.meta.url);",
  "const __filename = import.meta.filename ?? require('node:url').fileURLToPath(import.meta.url);",
].join(" ");

export default defineConfig([
  {
    ...common,
    entry: { server: "server/main.ts", photon: "cli/main.ts" },
    format: ["esm"],
    outExtension: () => ({ js: ".mjs" }),
    banner: { js: commonJsBanner },
    esbuildOptions(options) {
      options.alias = { undici: undiciParts };
    },
  },
  {
    ...common,
    // CommonJS starts about 30 ms faster, and a session waits for its hooks.
    entry: {
      "hooks/session-start": "hooks/session-start.ts",
      "hooks/stop": "hooks/stop.ts",
      "hooks/session-end": "hooks/session-end.ts",
      "hooks/keep-draft": "hooks/keep-draft.ts",
      statusline: "cli/statusline/main.ts",
    },
    format: ["cjs"],
    // Shorter where it means the same (`!0`); names and lines stay, so that it can be read.
    esbuildOptions(options) {
      options.minifySyntax = true;
    },
    outExtension: () => ({ js: ".cjs" }),
  },
  {
    ...common,
    // The mod runs in the client's sandbox. As TypeScript in hooks/ it would make the client's validation check every
    // file of that folder against the sandbox's types, the hooks for Node among them.
    entry: { "hooks/register": "hooks/register.ts" },
    format: ["esm"],
    platform: "neutral",
    target: "es2023",
    outExtension: () => ({ js: ".mjs" }),
  },
]);
