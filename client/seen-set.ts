import { appendLines, readLines } from "./line-log.ts";
import type { Paths } from "./paths.ts";

/** An id, and since when it is there in milliseconds since 1970. Half a line, which a crash may leave, is none. */
const LINE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (\d{1,16})$/;

/** Ids, and when each was added first, in this machine's milliseconds since 1970. */
export type SeenIds = ReadonlyMap<string, number>;

/** The messages this machine was shown lately, the last 2,000 at least. */
export function readSeen({ seen }: Pick<Paths, "seen">): SeenIds {
  return readIds(seen);
}

/**
 * Remembers that messages were shown. To be called when their text really reached somebody: a crash before that shows
 * them again, one after it does not.
 *
 * @returns those that were not there yet; two processes that add at the same time may both be told so
 * @throws the file system's own error (disk full, read-only home): then it is not remembered
 */
export function addSeen({ seen }: Pick<Paths, "seen">, ids: readonly string[], now: number = Date.now()): string[] {
  return addIds(seen, ids, now);
}

/**
 * The messages this machine marked read lately. The bridge may call one unread for a minute after that, and it must not
 * be shown again.
 */
export function readMarked({ marked }: Pick<Paths, "marked">): SeenIds {
  return readIds(marked);
}

/** @throws the file system's own error, as {@link addSeen} */
export function addMarked({ marked }: Pick<Paths, "marked">, ids: readonly string[], now: number = Date.now()): void {
  addIds(marked, ids, now);
}

function readIds(folder: string): Map<string, number> {
  const ids = new Map<string, number>();
  for (const line of readLines(folder)) {
    const [, id, time] = LINE.exec(line) ?? [];
    if (id !== undefined && !ids.has(id)) ids.set(id, Number(time));
  }
  return ids;
}

function addIds(folder: string, ids: readonly string[], now: number): string[] {
  const known = readIds(folder);
  const added = [...new Set(ids)].filter((id) => !known.has(id));
  if (added.length > 0)
    appendLines(
      folder,
      added.map((id) => `${id} ${now}`),
    );
  return added;
}
