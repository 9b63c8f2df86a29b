import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What the client reads, beside the bundles. They name files in `dist/` as seen from the root, which is a plugin too. */
const REWRITTEN = [".claude-plugin/plugin.json", "hooks/hooks.json", "bin/photon"];
const COPIED = [".claude-plugin/icon.png", "bin/package.json", "bin/photon.cmd", "commands"];

/**
 * Makes `dist/` a complete plugin. The marketplace offers that folder and not the root, because the client copies the whole
 * folder of a plugin: with it, the 850 MB that the toolchain installs in a clone.
 */
export function pluginFolder(): Plugin {
  return {
    name: "plugin folder",
    setup({ initialOptions, onEnd }) {
      onEnd(() => {
        const folder = resolve(initialOptions.outdir ?? "dist");
        for (const path of [...REWRITTEN, ...COPIED]) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          cpSync(join(ROOT, path), join(folder, path), { recursive: true });
        }
        for (const path of REWRITTEN) writeFileSync(join(folder, path), seenFromDist(path));
      });
    },
  };
}

/** @throws Error if a file no longer names `dist/`, because then the rewriting below is no longer what it needs */
function seenFromDist(path: string): string {
  const text = readFileSync(join(ROOT, path), "utf8");
  const rewritten = text
    .replaceAll("../dist/hooks/", "./")
    .replaceAll("../dist/", "../")
    .replaceAll("_ROOT}/dist/", "_ROOT}/");
  if (rewritten === text) throw new Error(`${path} names no file in dist/.`);
  return rewritten;
}
