import { existsSync } from "node:fs";
import { findRepository } from "../git/found-repository.ts";

/**
 * The folder a session works in. The client's project folder stays the same when a session enters a worktree, so the
 * session's own working directory counts first, if it is in a repository: otherwise a folder below the project would be
 * another project. A deleted folder, such as a removed worktree, counts only if there is no other.
 *
 * @param cwd - the session's working directory; null if it is not known
 * @param projectFolder - the client's `CLAUDE_PROJECT_DIR`
 */
export function sessionFolder(cwd: string | null, projectFolder: string | undefined): string | null {
  const [first = null, ...others] = [cwd, projectFolder].filter((each): each is string => !!each && existsSync(each));
  if (cwd !== null && first === cwd && others.length > 0 && findRepository(cwd) === null) return others[0] ?? cwd;
  return first ?? (cwd || projectFolder || null);
}
