import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunningScript } from "./running-script.ts";
import type { Script } from "./script.ts";

export const KEY = "bench-key-0123456789abcdef0123456789abcdef";

/** Runs a script over an empty mailbox. */
export function withScript<T>(script: Script, atOnce: number, use: (running: RunningScript) => Promise<T>): Promise<T> {
  return withFolder((folder) => runIn(folder, script, atOnce, use));
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "photon-load-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param folder - for the script's data @param atOnce - how many requests may run at the same time */
export async function runIn<T>(
  folder: string,
  script: Script,
  atOnce: number,
  use: (running: RunningScript) => Promise<T>,
): Promise<T> {
  const running = await RunningScript.start(script, folder, KEY, atOnce);
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
}

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
