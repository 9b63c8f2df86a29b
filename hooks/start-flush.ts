import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Starts `photon flush` beside the hook: it goes on when the hook has ended, because a hook may not wait for the network
 * and is killed soon after the session ends. Nobody is told how it went; what it could not deliver stays in the outbox.
 *
 * @param script - the CLI; from the hook's own place in `dist/hooks/` it is `../photon.mjs`
 * @returns false when there is no CLI to start
 */
export function startFlush(env: NodeJS.ProcessEnv, script: string | null = besideThisHook()): boolean {
  if (script === null || !existsSync(script)) return false;
  // It does not run in the session's folder, which on Windows could then not be moved or deleted.
  const child = spawn(process.execPath, [script, "flush"], {
    cwd: dirname(script),
    detached: true,
    env,
    stdio: "ignore",
    windowsHide: true,
  });
  child.on("error", () => {}); // no process could be started: the next hook or tool call flushes
  child.unref();
  return true;
}

function besideThisHook(): string | null {
  const hook = process.argv[1];
  return hook === undefined ? null : join(dirname(resolve(hook)), "..", "photon.mjs");
}
