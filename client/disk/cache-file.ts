import type { Paths } from "./paths.ts";
import { readVersioned, recordOf, writePrivateFile } from "./private-file.ts";
import { changeUnderLock } from "./short-lock.ts";

/** What may be lost without harm, by name: what is known of the machines, until when the bridge is left alone, reminders. */
export type Cache = Readonly<Record<string, unknown>>;

/** @returns an empty object when there is no cache */
export function readCache({ cache }: Pick<Paths, "cache">): Cache {
  const file = readVersioned(cache);
  const { v: _, ...content } = (file.state === "whole" && recordOf(file.value)) || {};
  return content;
}

/**
 * Puts something into the cache, or takes it out; other processes may change the rest at the same time. A file that a
 * newer Photon wrote is left as it is.
 *
 * @param change - what it was becomes what it returns, undefined is removed; may be called more than once
 * @throws the file system's own error (disk full, read-only home): then it is as it was
 */
export function changeCache(paths: Pick<Paths, "cache">, name: string, change: (before: unknown) => unknown): void {
  const isSame = (before: unknown) => JSON.stringify(change(before)) === JSON.stringify(before);
  if (isSame(readCache(paths)[name])) return;
  changeUnderLock(`${paths.cache}.lock`, (mayReplace) => {
    const before = readCache(paths);
    if (isSame(before[name]) || readVersioned(paths.cache).state === "newer") return true;
    const after = { v: 1, ...before, [name]: change(before[name]) };
    return writePrivateFile(paths.cache, `${JSON.stringify(after, null, 2)}\n`, mayReplace);
  });
}
