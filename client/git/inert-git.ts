import { execFileSync } from "node:child_process";
import { gitCall, verbOf } from "./git-call.ts";

/** Commands that neither read nor write a file of the project: without a network no setting can make them run a program. */
const INERT = new Set([
  ...["--version", "config", "rev-parse", "show-ref", "remote", "check-attr", "log", "rev-list", "merge-base"],
  ...["ls-files", "ls-tree", "cat-file", "write-tree", "commit-tree", "diff-tree", "bundle", "index-pack"],
  ...["pack-objects", "unpack-objects"],
]);

export function runsNoPrograms(args: readonly string[]): boolean {
  return INERT.has(verbOf(args));
}

/** Git answers from its own files in milliseconds; a slow or hanging file system must not hold up a session. */
export const GIT_TIMEOUT_MS = 700;

/** A status of a large tree may be long. */
const MAX_STATUS_BYTES = 16 * 1024 * 1024;

/**
 * Runs one git command that {@link runsNoPrograms}, and waits for it. The hooks that every session starts load no more of git
 * than this.
 *
 * @returns what it printed, or null when git is missing, failed, or took too long
 */
export function inertGit(cwd: string, args: readonly string[]): string | null {
  if (!runsNoPrograms(args))
    throw new TypeError(`git ${verbOf(args)} is not for here: it may run what a folder names.`);
  try {
    return startAndWait(cwd, args, GIT_TIMEOUT_MS);
  } catch {
    return null;
  }
}

/** Starts git, whatever the command, and waits. @throws Error when it is missing, fails, or takes too long */
export function startAndWait(cwd: string, args: readonly string[], timeoutMs: number): string {
  const call = gitCall(cwd, args);
  return execFileSync(call.program, call.args, {
    cwd,
    env: call.env,
    encoding: "utf8",
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_STATUS_BYTES,
    stdio: ["ignore", "pipe", "ignore"],
    windowsHide: true,
  });
}
