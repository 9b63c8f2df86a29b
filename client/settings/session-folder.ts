import { existsSync } from "node:fs";
import { findRepository } from "../git/found-repository.ts";

/**
 * The folder a session works in. The client's project folder stays the same when a session enters a worktree, so the
 * session's own working directory counts first, but only if it is in the project's repository: a submodule, a clone
 * within the project or a folder elsewhere is no other project. A deleted folder, such as a removed worktree, counts only if there is no other.
 *
 * @param cwd - the session's working directory; null if it is not known
 * @param projectFolder - the client's `CLAUDE_PROJECT_DIR`
 */
export function sessionFolder(cwd: string | null, projectFolder: string | undefined): string | null {
  const [first = null, ...others] = [cwd, projectFolder].filter((each): each is string => !!each && existsSync(each));
  const [project] = others;
  if (cwd !== null && first === cwd && project !== undefined && !isWorkTreeOf(cwd, project)) return project;
  return first ?? (cwd || projectFolder || null);
}

/** Whether a folder is in the project's repository, or in any if the project is in none. */
function isWorkTreeOf(folder: string, project: string): boolean {
  const [its, projects] = [findRepository(folder), findRepository(project)];
  return its !== null && (projects === null || its.main === projects.main);
}
