import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { defineConfig, type Options } from "tsup";
import { pluginFolder } from "./scripts/plugin-folder.ts";
import { thirdPartyLicences } from "./scripts/third-party-licences.ts";

// Builds what users run: everything bundled, and not minified, so that people can read it. Checked by test/bundle.test.ts.
const common: Options = {
  noExternal: [/.*/],
  // Modules such as node:sqlite, which a bundled library may use, exist only with the prefix.
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

/** What the client starts itself must be parsed by an old Node, to say that it is one. */
const OLD_NODE = "node14";

/** The parts of undici that Photon uses; the package itself would load everything. */
const undiciParts = fileURLToPath(new URL("client/bridge/undici-parts.cjs", import.meta.url));

/** Some bundled libraries are CommonJS and use `require` and `__filename`, which ES modules lack. */
const commonJsBanner = [
  "import { createRequire as __createRequire } from 'node:module';",
  "const require = __createRequire(import.meta.url);",
  "const __filename = import.meta.filename ?? require('node:url').fileURLToPath(import.meta.url);",
].join(" ");

/** CommonJS starts about 30 ms faster, and a session waits for its hooks. */
const hooks: Options = {
  ...common,
  format: ["cjs"],
  // Shortens syntax (`!0`) but keeps names and lines readable.
  esbuildOptions(options) {
    options.minifySyntax = true;
  },
  outExtension: () => ({ js: ".cjs" }),
};

export default defineConfig([
  {
    ...common,
    entry: { "server-main": "server/main.ts", "photon-main": "cli/main.ts" },
    format: ["esm"],
    outExtension: () => ({ js: ".mjs" }),
    banner: { js: commonJsBanner },
    esbuildOptions(options) {
      options.alias = { undici: undiciParts };
    },
  },
  {
    ...common,
    entry: { server: "server/start.ts", photon: "cli/start.ts" },
    format: ["esm"],
    target: OLD_NODE,
    outExtension: () => ({ js: ".mjs" }),
  },
  {
    ...hooks,
    entry: {
      "hooks/session-start": "hooks/session-start.ts",
      "hooks/stop": "hooks/stop.ts",
      "hooks/session-end": "hooks/session-end.ts",
      statusline: "cli/statusline/main.ts",
    },
    target: OLD_NODE,
  },
  { ...hooks, entry: { "hooks/ask-bridge": "hooks/ask-bridge.ts", "hooks/read-commands": "hooks/read-commands.ts" } },
  {
    ...hooks,
    entry: { "hooks/keep-draft": "hooks/keep-draft.ts", "hooks/read-session": "hooks/read-session.ts" },
    esbuildPlugins: [...(hooks.esbuildPlugins ?? []), nextTo()],
  },
  {
    ...common,
    // The mod runs in the client's sandbox. If the client loaded it as TypeScript from hooks/, its validation would check
    // all files there, including the hooks for Node, against the sandbox's types.
    entry: { "hooks/register": "hooks/register.ts" },
    esbuildPlugins: [thirdPartyLicences(), pluginFolder()],
    format: ["esm"],
    platform: "neutral",
    target: "es2023",
    outExtension: () => ({ js: ".mjs" }),
  },
]);

/**
 * Leaves what reads transcripts and what understands commands to bundles of their own, next to the one that needs them:
 * `hooks/read-session.ts` and `hooks/read-commands.ts` export what is used.
 */
function nextTo(): Plugin {
  const leave = (importers: RegExp, path: string) => (args: { importer: string }) =>
    importers.test(args.importer) ? { path, external: true } : null;
  return {
    name: "next-to",
    setup({ onResolve }) {
      onResolve(
        { filter: /\/(?:reading|transcript)\/[\w-]+\.ts$/ },
        leave(/[\\/]handover[\\/](?:draft|page)[\\/]/, "./read-session.cjs"),
      );
      onResolve(
        { filter: /\/tools\/[\w-]+\.ts$/ },
        leave(/[\\/]handover[\\/](?:draft|page|reading|transcript)[\\/]/, "./read-commands.cjs"),
      );
    },
  };
}
