import { execFileSync } from "node:child_process";

/** Git answers from its own files in milliseconds; a slow or hanging file system must not hold up a session. */
const GIT_TIMEOUT_MS = 700;

/** A status of a large tree may be long. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Runs one git command that only looks. Takes no lock (`--no-optional-locks`: a `git status` would otherwise rewrite the
 * index), runs no hook or pager of the repository, and never asks a question.
 *
 * @param timeoutMs - none is left from 0 on: then git is not asked
 * @returns what it printed, or null when git is missing, failed, or took too long
 */
export function git(cwd: string, args: readonly string[], timeoutMs: number = GIT_TIMEOUT_MS): string | null {
  if (timeoutMs <= 0) return null;
  try {
    return execFileSync("git", ["--no-optional-locks", "-c", "core.fsmonitor=false", ...args], {
      cwd,
      encoding: "utf8",
      timeout: Math.ceil(Math.min(timeoutMs, GIT_TIMEOUT_MS)),
      killSignal: "SIGKILL",
      maxBuffer: MAX_OUTPUT_BYTES,
      stdio: ["ignore", "pipe", "ignore"],
      windowsHide: true,
      env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
    });
  } catch {
    return null;
  }
}
