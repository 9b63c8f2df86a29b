import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { dirname } from "node:path/posix";
import { type ChangedEntry, NOTHING } from "../../git/git-entries.ts";

/**
 * Finds a file, folder or link where the capsule adds one, unless the capsule also deletes it. Git alone would overwrite
 * ignored files.
 *
 * @returns its path relative to the root, or null
 */
export async function findObstacle(root: string, entries: readonly ChangedEntry[]): Promise<string | null> {
  const gone = new Set(entries.filter(({ to }) => to.mode === NOTHING).map(({ path }) => path));
  const seen = new Set<string>(["."]);
  for (const { path } of entries.filter(({ from }) => from.mode === NOTHING)) {
    const here = await remaining(root, path, gone);
    if (here !== null) return here;
    for (let folder = dirname(path); !seen.has(folder); folder = dirname(folder)) {
      seen.add(folder);
      const stats = await lstat(join(root, folder)).catch(() => null);
      if (stats !== null && !stats.isDirectory() && !gone.has(folder)) return folder;
    }
  }
  return null;
}

/** The first thing at or below a path that the capsule does not delete. */
async function remaining(root: string, path: string, gone: ReadonlySet<string>): Promise<string | null> {
  const stats = await lstat(join(root, path)).catch(() => null);
  if (stats === null || gone.has(path)) return null;
  if (!stats.isDirectory()) return path;
  for (const name of await readdir(join(root, path))) {
    const found = await remaining(root, `${path}/${name}`, gone);
    if (found !== null) return found;
  }
  return null;
}
