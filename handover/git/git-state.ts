import { findRepository } from "../../client/git/found-repository.ts";
import { gitTrouble, SLOW } from "../../client/git/git-trouble.ts";
import { factsFromGit, type GitFacts } from "./facts-from-git.ts";

/** A folder's state in git, or why it is not known. */
export interface GitState {
  readonly git: GitFacts | null;
  /** A sentence; null if git answered, or if the folder is in no repository. */
  readonly trouble: string | null;
  /** Whether git may answer a caller that can wait longer. */
  readonly isSlow: boolean;
}

/** For callers for which a person or a background process waits: longer than git needs in a large repository. */
export const PATIENT_MS = 5_000;

/** For the question why git did not answer. A hook has little time left then. */
const TROUBLE_MS = 200;

/** Never throws. @param budgetMs - by default what a hook has */
export function gitState(folder: string, budgetMs?: number): GitState {
  const git = factsFromGit(folder, budgetMs);
  if (git !== null) return { git, trouble: null, isSlow: false };
  const trouble = gitTrouble(folder, TROUBLE_MS) ?? (findRepository(folder) === null ? null : SLOW);
  return { git, trouble: trouble?.sentence ?? null, isSlow: trouble === SLOW };
}
