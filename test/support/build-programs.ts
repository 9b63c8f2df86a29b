import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import type { TestProject } from "vitest/node";
import configs from "../../tsup.config.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

declare module "vitest" {
  interface ProvidedContext {
    /** A plugin folder with a space in its name: `dist/` built from the current source, and `bin/`. */
    programs: string;
  }
}

/**
 * Builds the programs once for all test files of a run: a build takes a second, and a bundle starts three times as fast as
 * the source.
 */
export default async function buildPrograms({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "photon programs "));
  chmodSync(folder, 0o755); // as an installed plugin, which a test runs as another user
  for (const config of [configs].flat()) {
    if (typeof config !== "object") throw new Error("Expected configurations in tsup.config.ts, not functions");
    await build({ ...config, config: false, silent: true, outDir: join(folder, "dist") });
  }
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
  provide("programs", folder);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove); // an interrupted run skips the teardown
  return remove;
}
