import { createHash } from "node:crypto";
import { existsSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "./paths.ts";
import { namesIn, readPrivateJson, textField, writePrivateJson } from "./private-file.ts";

/** A session says this often that it is open; twice unheard, it is over. */
const OPEN_MS = 90_000;

/**
 * Says that a session is open that reads as `mac/photon`.
 *
 * @param leader - the name of the lease under which somebody asks for it: sessions of another bridge have another
 * @throws the file system's own error
 */
export function noteReader(paths: Pick<Paths, "readers">, leader: string, reader: string, now: number): void {
  const name = createHash("sha256").update(reader.toLowerCase()).digest("hex").slice(0, 16);
  const file = join(paths.readers, leader, `${name}.json`);
  if (!existsSync(file)) writePrivateJson(file, { v: 1, reader });
  utimesSync(file, now / 1000, now / 1000);
}

/** The readers with a session open on this machine, each once. Files of those that are over are removed. */
export function openReaders(paths: Pick<Paths, "readers">, leader: string, now: number): string[] {
  const folder = join(paths.readers, leader);
  return namesIn(folder, /\.json$/).flatMap((name) => {
    const file = join(folder, name);
    try {
      if (Math.abs(now - statSync(file).mtimeMs) > OPEN_MS) {
        rmSync(file, { force: true });
        return [];
      }
      return textField(readPrivateJson(file), "reader") ?? [];
    } catch {
      return []; // another process has just removed it
    }
  });
}

/** The same, whichever leader asks for them. */
export function openReaderNames(paths: Pick<Paths, "readers">, now: number): string[] {
  return namesIn(paths.readers, /^leader-/).flatMap((leader) => openReaders(paths, leader, now));
}
