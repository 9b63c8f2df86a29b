import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import type { TestProject } from "vitest/node";
import configs from "../../tsup.config.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

declare module "vitest" {
  interface ProvidedContext {
    /** A plugin folder, with a space in its name: `dist/` as its source makes it now, and `bin/`. */
    programs: string;
  }
}

/**
 * Builds what users run once for all files of a run: each of them would take a second for it, and a bundle starts in a
 * third of the time that the source takes.
 */
export default async function buildPrograms({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "photon programs "));
  for (const config of [configs].flat()) {
    if (typeof config !== "object") throw new Error("tsup.config.ts has a function where a configuration was");
    await build({ ...config, config: false, silent: true, outDir: join(folder, "dist") });
  }
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
  provide("programs", folder);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove); // an interrupted run tears nothing down
  return remove;
}
