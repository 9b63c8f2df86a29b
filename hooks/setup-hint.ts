import { dirname, join } from "node:path";
import { type Config, whatIsMissing } from "../client/config.ts";
import type { Paths } from "../client/paths.ts";
import { numberField, readPrivateJson, writePrivateJson } from "../client/private-file.ts";

/** Whoever installed Photon and never set it up is reminded this seldom. */
const HINT_INTERVAL_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * What to tell the person of a machine that cannot reach a bridge. A wrong or half-done set-up is said at every start;
 * that there is none, once per machine and then after 30 days again.
 *
 * @returns null when it was said already
 */
export function setupHint(config: Config, paths: Paths, now: number = Date.now()): string | null {
  const isUntouched = config.problems.length === 0 && config.workerUrl === null && config.apiKey === null;
  if (!isUntouched) return `Photon: ${whatIsMissing(config)} /photon:setup says how to change it.`;

  const marker = join(dirname(paths.sessions), "setup-hint.json");
  const shownAt = numberField(readPrivateJson(marker), "shownAt");
  // A clock that was set back must not silence it for longer.
  if (shownAt !== undefined && Math.abs(now - shownAt) < HINT_INTERVAL_MS) return null;
  try {
    writePrivateJson(marker, { v: 1, shownAt: now });
  } catch {
    // Nothing can be written here: better said at every start than never.
  }
  return "Photon is not set up on this machine yet: /photon:setup";
}
