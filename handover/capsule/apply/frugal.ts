import type { GitOptions } from "../../../client/git/git.ts";

const FRUGAL_BYTES = 32 * 1024 * 1024;

/**
 * For what unfolds a stranger's bytes: git would take all the memory that they ask for. One file of a session's work is at
 * most 2 MiB; the bytes themselves are read whole, into space that grows by half each time.
 */
export function frugal(options: GitOptions, stdin: Buffer): GitOptions {
  const limit = Math.round((FRUGAL_BYTES + 2 * stdin.length) / 1024);
  return { ...options, stdin, env: { ...options.env, GIT_ALLOC_LIMIT: `${limit}k` } };
}
