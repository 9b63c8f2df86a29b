import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Starts `photon flush` as a process that outlives the hook, because a hook may not wait for the network and is killed soon
 * after the session ends. Its result is not reported; messages that it could not deliver stay in the outbox.
 *
 * @param script - the CLI; relative to the hook in `dist/hooks/` it is `../photon.mjs`
 * @returns false if the CLI does not exist
 */
export function startFlush(env: NodeJS.ProcessEnv, script: string | null = cliOfThisHook()): boolean {
  if (script === null || !existsSync(script)) return false;
  // It does not run in the session's folder, which on Windows could then not be moved or deleted.
  const child = spawn(process.execPath, [script, "flush"], {
    cwd: dirname(script),
    detached: true,
    env,
    stdio: "ignore",
    windowsHide: true,
  });
  child.on("error", () => {}); // the process could not be started: the next hook or tool call sends the outbox
  child.unref();
  return true;
}

function cliOfThisHook(): string | null {
  const hook = process.argv[1];
  return hook === undefined ? null : join(dirname(resolve(hook)), "..", "photon.mjs");
}
