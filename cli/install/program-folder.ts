import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this program lies. */
export interface ProgramFolder {
  /** The folder with the launcher `photon`, which belongs on the PATH. */
  readonly bin: string;
  /** The folder to add to Claude Code as a marketplace; null for the client's own copy of the plugin. */
  readonly marketplace: string | null;
}

/** @param start - the folder of the running code; for tests */
export function programFolder(start = dirname(fileURLToPath(import.meta.url))): ProgramFolder {
  const parents = [start, dirname(start), dirname(dirname(start))];
  const clone = parents.find((folder) => existsSync(join(folder, ".claude-plugin", "marketplace.json")));
  if (clone !== undefined) return { bin: join(clone, "bin"), marketplace: clone };
  // The client deletes its copy of a version after the next update, but keeps the clone from which it was made.
  const [, plugins, name] = /^(.*[/\\]plugins)[/\\]cache[/\\]([^/\\]+)[/\\]/.exec(join(start, "x")) ?? [];
  const kept = plugins === undefined ? null : join(plugins, "marketplaces", name ?? "", "bin");
  if (kept !== null && existsSync(join(kept, "photon"))) return { bin: kept, marketplace: null };
  return {
    bin: join(parents.find((folder) => existsSync(join(folder, "bin", "photon"))) ?? start, "bin"),
    marketplace: null,
  };
}
