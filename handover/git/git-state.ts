import { findRepository } from "../../client/git/found-repository.ts";
import { gitTrouble, SLOW } from "../../client/git/git-trouble.ts";
import { factsFromGit, type GitFacts } from "./facts-from-git.ts";

/** A folder's state in git, or why it is not known. */
export interface GitState {
  readonly git: GitFacts | null;
  /** A sentence; null if git answered, or if the folder is in no repository. */
  readonly trouble: string | null;
}

/** For the question why git did not answer. A hook has little time left then. */
const TROUBLE_MS = 200;

/** Never throws. */
export function gitState(folder: string): GitState {
  const git = factsFromGit(folder);
  if (git !== null) return { git, trouble: null };
  const trouble = gitTrouble(folder, TROUBLE_MS) ?? (findRepository(folder) === null ? null : SLOW);
  return { git, trouble: trouble?.sentence ?? null };
}
