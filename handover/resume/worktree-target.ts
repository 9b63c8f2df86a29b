import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runGit } from "../../client/git/git.ts";

export interface WorktreeTarget {
  /** A folder that does not exist yet, beside the repository. */
  readonly folder: string;
  /** A branch that does not exist yet: `photon/mac-2026-11-23`. */
  readonly branch: string;
}

/** A person resumes a handful of handovers of one machine a day. */
const MAX_TRIES = 100;

/**
 * Where the work of another machine goes by default: a new branch in a new folder beside the repository.
 *
 * @param root - of the repository here
 * @param machine - that the work comes from
 * @param now - milliseconds since 1970; the day is this machine's own
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
  throw new RangeError(`There are ${MAX_TRIES} branches named like photon/${name} already.`);
}

/** A machine's name may hold dots where a branch's may not. */
function refPart(machine: string): string {
  return machine.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/-+$/, "") || "machine";
}

function dayOf(now: number): string {
  const day = new Date(now);
  const twoDigits = (number: number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${twoDigits(day.getMonth() + 1)}-${twoDigits(day.getDate())}`;
}
