import { changeCache, readCache } from "../disk/cache-file.ts";
import type { Paths } from "../disk/paths.ts";
import { recordOf, textField } from "../disk/private-file.ts";

/** The folders whose project is remembered. The oldest are forgotten. */
const MAX_FOLDERS = 100;

/** Remembers the project of a work tree, for a time when its repository cannot be read. Never throws. */
export function noteProject(paths: Pick<Paths, "cache">, root: string, project: string): void {
  if (knownProject(paths, root) === project) return;
  try {
    changeCache(paths, "projects", (before) => {
      const { [root]: _, ...others } = recordOf(before) ?? {};
      return Object.fromEntries([...Object.entries(others).slice(1 - MAX_FOLDERS), [root, project]]);
    });
  } catch {
    // Only a cache: the next process writes it.
  }
}

/** The projects of all work trees that are remembered. */
export function knownProjects(paths: Pick<Paths, "cache">): string[] {
  return Object.values(recordOf(readCache(paths).projects) ?? {}).filter((each) => typeof each === "string");
}

/** The roots of the work trees that are remembered, the last remembered first. They may be gone. */
export function knownRoots(paths: Pick<Paths, "cache">): string[] {
  return Object.keys(recordOf(readCache(paths).projects) ?? {}).reverse();
}

/** The last known project of a work tree with this root; null if there was none. */
export function knownProject(paths: Pick<Paths, "cache">, root: string): string | null {
  return textField(readCache(paths).projects, root) ?? null;
}
