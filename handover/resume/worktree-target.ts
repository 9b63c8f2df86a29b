import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runGit } from "../../client/git/git.ts";

export interface WorktreeTarget {
  /** A new folder next to the repository. */
  readonly folder: string;
  /** A new branch, such as `photon/mac-2026-11-23`. */
  readonly branch: string;
}

/** A person resumes only a few handovers from one machine per day. */
const MAX_TRIES = 100;

/**
 * Chooses unused names for a new branch and a new folder next to the repository.
 *
 * @param root - the root of the repository here
 * @param machine - the machine that the work comes from
 * @param now - milliseconds since 1970; the day is in this machine's time zone
 */
export async function worktreeTarget(root: string, machine: string, now: number): Promise<WorktreeTarget> {
  const name = `${refPart(machine)}-${dayOf(now)}`;
  for (let number = 1; number <= MAX_TRIES; number++) {
    const unique = number === 1 ? name : `${name}-${number}`;
    const branch = `photon/${unique}`;
    const folder = join(dirname(root), `${basename(root)}-photon-${unique}`);
    const known = await runGit(root, ["show-ref", "--verify", "-q", `refs/heads/${branch}`]);
    if (known.code !== 0 && !existsSync(folder)) return { folder, branch };
  }
  throw new RangeError(`There are already ${MAX_TRIES} branches or folders named like photon/${name}.`);
}

/** A machine name may have dots in places where a branch name may not. */
function refPart(machine: string): string {
  return machine.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/-+$/, "") || "machine";
}

function dayOf(now: number): string {
  const day = new Date(now);
  const twoDigits = (number: number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${twoDigits(day.getMonth() + 1)}-${twoDigits(day.getDate())}`;
}
