import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "./paths.ts";
import { isPlainSession } from "./plain-session.ts";
import { readPrivateJson, removeOlderFiles, textField, writePrivateJson } from "./private-file.ts";

/** A session that nobody wrote to for so long is over. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Notes as whom a session reads, so that what the client starts for it (a status line) need not ask git.
 *
 * @throws the file system's own error
 */
export function noteSessionReader(paths: Pick<Paths, "entries">, session: string, reader: string): void {
  if (!isPlainSession(session) || readSessionReader(paths, session) === reader) return;
  if (!existsSync(fileOf(paths, session))) removeOlderFiles(paths.entries, /./, Date.now() - KEPT_MS);
  writePrivateJson(fileOf(paths, session), { v: 1, reader });
}

/** @returns null when the session is not known */
export function readSessionReader(paths: Pick<Paths, "entries">, session: string): string | null {
  return isPlainSession(session) ? (textField(readPrivateJson(fileOf(paths, session)), "reader") ?? null) : null;
}

function fileOf({ entries }: Pick<Paths, "entries">, session: string): string {
  return join(entries, `${session}.json`);
}
