import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Computer } from "./computer.ts";

const PRELOAD = pathToFileURL(join(import.meta.dirname, "preload/clock.mjs"));

export const HOUR_MS = 60 * 60 * 1000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Gives a machine a clock that can be wrong, in all processes started from now on. File times stay correct.
 *
 * @returns a function that sets the error in milliseconds for all of them at once
 */
export function wrongClock({ home, env }: Computer): (shiftMs: number) => void {
  const file = join(home, "test-clock");
  env.TEST_CLOCK = file;
  env.NODE_OPTIONS = `--import=${PRELOAD}`;
  const set = (shiftMs: number) => writeFileSync(file, String(shiftMs));
  set(0);
  return set;
}
