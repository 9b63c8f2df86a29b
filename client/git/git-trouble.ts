import { existsSync } from "node:fs";
import { findRepository } from "./found-repository.ts";
import { GIT_TIMEOUT_MS, outcomeOfGit } from "./inert-git.ts";

/** Why git cannot be used in a folder. */
export interface GitTrouble {
  /** A sentence for a person, without a path, because it may be sent to another machine. */
  readonly sentence: string;
  readonly advice: string;
}

/**
 * Asks git whether it can work in a folder.
 *
 * @param timeoutMs - up to 700; with less, a slow git is not reported
 * @returns null if it can, or if the folder is in no repository
 */
export function gitTrouble(folder: string, timeoutMs: number = GIT_TIMEOUT_MS): GitTrouble | null {
  if (!existsSync(folder)) return { sentence: "This folder does not exist any more.", advice: "use another" };
  const repository = findRepository(folder);
  if (repository === null) return null;
  const outcome = outcomeOfGit(folder, ["rev-parse", "--git-dir"], Math.max(1, timeoutMs));
  switch (outcome.state) {
    case "works":
      return null;
    case "slow":
      return timeoutMs < GIT_TIMEOUT_MS ? null : SLOW;
    case "missing":
      return { sentence: "This folder is in a git repository, but git is not installed.", advice: "install git" };
    case "refused":
      return /dubious ownership/.test(outcome.stderr)
        ? {
            sentence: "Git refuses this folder, because it belongs to another user.",
            advice: 'if you trust it, run in its top folder: git config --global --add safe.directory "$PWD"',
          }
        : { sentence: "Git cannot read this repository.", advice: "`git status` in this folder says why" };
  }
}

/** For a repository that git can read, but not in time. */
export const SLOW: GitTrouble = {
  sentence: "Git did not answer in time.",
  advice: "`git status` shows how long it takes; a large repository may need `git config core.untrackedCache true`",
};
