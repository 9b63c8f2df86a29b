import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "./paths.ts";
import { isPlainSession } from "./plain-session.ts";
import { readPrivateJson, recordOf, removeOlderFiles, textField, writePrivateJson } from "./private-file.ts";

/** A session that was not told anything for so long is over. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** More are not told of in the quarter of an hour for which one may still come late. */
const MAX_IDS = 1_000;

/**
 * What a session was told of. A time alone is not enough: the bridge may show a message after a younger one, and it
 * would never be told of.
 */
export interface Told {
  /** The time of the newest message, as the bridge wrote it. */
  readonly upTo: string;
  /** The ids of those that were recent then. */
  readonly ids: readonly string[];
}

/** @returns null when the session was told of none */
export function readTold(paths: Pick<Paths, "told">, session: string): Told | null {
  const file = isPlainSession(session) ? recordOf(readPrivateJson(toldFile(paths, session))) : undefined;
  const upTo = textField(file, "toldUpTo");
  if (upTo === undefined) return null;
  const ids = Array.isArray(file?.ids) ? file.ids.filter((id): id is string => typeof id === "string") : [];
  return { upTo, ids };
}

/** Remembers it, so that a reminder about the same message comes once per session. */
export function saveTold(paths: Pick<Paths, "told">, session: string, { upTo, ids }: Told): void {
  if (!isPlainSession(session)) return;
  const file = toldFile(paths, session);
  if (!existsSync(file)) removeOlderFiles(paths.told, /./, Date.now() - KEPT_MS);
  writePrivateJson(file, { v: 1, toldUpTo: upTo, ids });
}

/** Both together, when either was told. */
export function toldBoth(before: Told | null, now: Told): Told {
  if (before === null) return now;
  const ids = [...new Set([...before.ids, ...now.ids])].slice(-MAX_IDS);
  const [, upTo = now.upTo] = [before.upTo, now.upTo].sort();
  return { upTo, ids };
}

function toldFile(paths: Pick<Paths, "told">, session: string): string {
  return join(paths.told, `${session}.json`);
}
