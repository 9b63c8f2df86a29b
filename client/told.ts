import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "./paths.ts";
import { readPrivateJson, removeOlderFiles, textField, writePrivateJson } from "./private-file.ts";

/** A session that was not told anything for so long is over. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** A session id is the client's; only a plain one becomes a file name. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The time of the newest message this session was told of, as the bridge wrote it; null when it was told of none. */
export function readTold(paths: Paths, session: string): string | null {
  return SESSION_ID.test(session) ? (textField(readPrivateJson(toldFile(paths, session)), "toldUpTo") ?? null) : null;
}

/** Remembers it, so that a reminder about the same message comes once per session. */
export function saveTold(paths: Paths, session: string, toldUpTo: string): void {
  if (!SESSION_ID.test(session)) return;
  const file = toldFile(paths, session);
  if (!existsSync(file)) removeOlderFiles(paths.sessions, Date.now() - KEPT_MS);
  writePrivateJson(file, { v: 1, toldUpTo });
}

function toldFile(paths: Paths, session: string): string {
  return join(paths.sessions, `${session}.json`);
}
