import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { errorCode } from "../disk/disk-error.ts";
import { type GitCall, gitCall, verbOf } from "./git-call.ts";

/** Commands that do not touch the project's files. Without network access, no setting can make them run a program. */
const INERT = new Set([
  ...[
    "--version",
    "config",
    "rev-parse",
    "show-ref",
    "remote",
    "check-attr",
    "check-ignore",
    "for-each-ref",
    "log",
    "rev-list",
    "merge-base",
  ],
  ...["ls-files", "ls-tree", "cat-file", "write-tree", "commit-tree", "diff-tree", "bundle", "index-pack"],
  ...["pack-objects", "unpack-objects"],
]);

export function runsNoPrograms(args: readonly string[]): boolean {
  return INERT.has(verbOf(args)) && !args.includes("--filters");
}

/** Git needs only milliseconds for its own files. A slow or hanging file system must not block a session. */
export const GIT_TIMEOUT_MS = 700;

/** The status of a large work tree may be long. */
const MAX_STATUS_BYTES = 16 * 1024 * 1024;

/**
 * Synchronously runs one git command that {@link runsNoPrograms}. The hooks of every session load only this part of the git
 * code.
 *
 * @returns its output, or null if git is missing, fails or times out
 */
export function inertGit(cwd: string, args: readonly string[]): string | null {
  if (!runsNoPrograms(args))
    throw new TypeError(`git ${verbOf(args)} is not allowed here: it may run programs that a folder names.`);
  try {
    return startAndWait(cwd, args, GIT_TIMEOUT_MS);
  } catch {
    return null;
  }
}

/** Runs any git command synchronously. @throws Error if git is missing, fails or times out */
export function startAndWait(cwd: string, args: readonly string[], timeoutMs: number): string {
  const { status, stdout, error } = waitFor(gitCall(cwd, args), cwd, timeoutMs);
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`git ${verbOf(args)} failed.`);
  return stdout;
}

/** Runs git as the leader of its own process group, and ends the whole group with it: git starts filters and helpers. */
function waitFor(call: GitCall, cwd: string, timeoutMs: number): SpawnSyncReturns<string> {
  // Node's types leave out `detached`, which this function supports as well.
  const options = { cwd, env: call.env, encoding: "utf8" as const, detached: HAS_GROUPS };
  const ended = spawnSync(call.program, call.args, {
    ...options,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_STATUS_BYTES,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  if (ended.error !== undefined) endGroup(ended.pid);
  return ended;
}

/** Windows has no process groups: there, programs that git started outlive it. */
export const HAS_GROUPS = process.platform !== "win32";

/** Kills a process that leads a group, with everything that it started. */
export function endGroup(leader: number | undefined): void {
  if (!leader || !HAS_GROUPS) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // it has ended
  }
}

/**
 * How one inert command ends, for a caller that reports why git does not work.
 *
 * @returns `refused` with git's own words, in English and with paths
 */
export function outcomeOfGit(
  cwd: string,
  args: readonly string[],
  timeoutMs: number,
): { readonly state: "works" | "missing" | "slow" } | { readonly state: "refused"; readonly stderr: string } {
  let call: GitCall;
  try {
    call = gitCall(cwd, args);
  } catch {
    return { state: "missing" };
  }
  const { status, stderr, error } = waitFor(call, cwd, timeoutMs);
  if (status === 0) return { state: "works" };
  return errorCode(error) === "ETIMEDOUT" ? { state: "slow" } : { state: "refused", stderr: stderr ?? "" };
}
