import type { Paths } from "./paths.ts";
import { readVersioned, recordOf, writePrivateFile } from "./private-file.ts";
import { changeUnderLock } from "./short-lock.ts";

/** Data that may be lost without harm, by name: known machines, pauses before the next retry, reminders. */
export type Cache = Readonly<Record<string, unknown>>;

/** Hooks write to the cache, and nothing in it is worth a longer wait. */
const MAX_WAIT_MS = 50;

/** @returns an empty object if there is no cache */
export function readCache({ cache }: Pick<Paths, "cache">): Cache {
  const file = readVersioned(cache);
  const { v: _, ...content } = (file.state === "whole" && recordOf(file.value)) || {};
  return content;
}

/**
 * Sets or removes one entry of the cache; other processes may change other entries at the same time. A file that a
 * newer Photon wrote is left unchanged.
 *
 * @param change - returns the new value, or undefined to remove the entry; may be called more than once
 * @throws the file system's own error (disk full, read-only home): then the cache is unchanged
 */
export function changeCache(paths: Pick<Paths, "cache">, name: string, change: (before: unknown) => unknown): void {
  const isSame = (before: unknown) => JSON.stringify(change(before)) === JSON.stringify(before);
  if (isSame(readCache(paths)[name])) return;
  changeUnderLock(
    `${paths.cache}.lock`,
    () => readCache(paths),
    (before, mayReplace) => {
      if (isSame(before[name]) || readVersioned(paths.cache).state === "newer") return true;
      const after = { v: 1, ...before, [name]: change(before[name]) };
      return writePrivateFile(paths.cache, `${JSON.stringify(after, null, 2)}\n`, mayReplace);
    },
    MAX_WAIT_MS,
  );
}
