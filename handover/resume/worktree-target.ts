import { constants } from "node:fs";
import { access, lstat, mkdir, rmdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { gitText } from "../../client/git/git.ts";

export interface WorktreeTarget {
  /** A new folder: next to the repository, or in the home folder if nothing can be written there. */
  readonly folder: string;
  /** A new branch, such as `photon/mac-2026-11-23`. */
  readonly branch: string;
}

/** The place for a new folder, and why it will not do. */
export interface PlaceForWorktree extends WorktreeTarget {
  /** A sentence; null if the folder can be created. */
  readonly problem: string | null;
}

/** A person resumes only a few handovers from one machine per day. */
const MAX_TRIES = 100;
/** Leaves room for the rest of the name in the 255 bytes that file systems allow, at up to 4 bytes each. */
const MAX_NAME_CHARS = 40;

/**
 * Chooses unused names for a new branch and a new folder.
 *
 * @param root - the root of the repository here
 * @param machine - the machine that the work comes from
 * @param now - milliseconds since 1970; the day is in this machine's time zone
 * @param isWanted - creates the folder once and removes it, to see whether that works; if not, only permissions are read
 */
export async function worktreeTarget(
  root: string,
  machine: string,
  now: number,
  { home = homeFolder(), isWanted = true }: { readonly home?: string; readonly isWanted?: boolean } = {},
): Promise<PlaceForWorktree> {
  const taken = await takenNames(root);
  const parents = [dirname(root), home].filter((parent, at, all) => all.indexOf(parent) === at && !isIn(parent, root));
  const name = `${refPart(machine)}-${dayOf(now)}`;
  const next = join(dirname(root), `${clipped(basename(root))}-photon-${name}`);
  const refused = { folder: next, branch: `photon/${name}` };
  for (const parent of parents) {
    const target = await firstFree(taken, parent, { project: clipped(basename(root)), name });
    if (target === null)
      return { ...refused, problem: `There are already ${MAX_TRIES} branches or folders named like photon/${name}.` };
    if (await (isWanted ? canCreate(target.folder) : canWrite(parent))) return { ...target, problem: null };
  }
  return { ...refused, problem: whyNowhere(parents) };
}

function whyNowhere(parents: readonly string[]): string {
  if (parents.length === 0) return "There is no folder outside this repository.";
  return parents.length === 1
    ? `${parents[0]} cannot be written to.`
    : `Neither ${parents.join(" nor ")} can be written to.`;
}

async function firstFree(
  taken: Awaited<ReturnType<typeof takenNames>>,
  parent: string,
  { project, name }: { readonly project: string; readonly name: string },
): Promise<WorktreeTarget | null> {
  // A branch `photon` makes names below it impossible.
  const prefix = taken.hasBranch("photon", false) ? "photon-" : "photon/";
  for (let number = 1; number <= MAX_TRIES; number++) {
    const unique = number === 1 ? name : `${name}-${number}`;
    const [branch, folder] = [`${prefix}${unique}`, join(parent, `${project}-photon-${unique}`)];
    if (!taken.hasBranch(branch) && !taken.folders.has(folder) && !(await isThere(folder))) return { folder, branch };
  }
  return null;
}

function isIn(folder: string, root: string): boolean {
  const path = relative(root, folder);
  return path === "" || (!path.startsWith("..") && path !== folder && !/^[A-Za-z]:/.test(path));
}

function clipped(name: string): string {
  return Array.from(name).slice(0, MAX_NAME_CHARS).join("");
}

/** Names that git knows already. */
async function takenNames(root: string) {
  const refs = await gitText(root, ["for-each-ref", "--format=%(refname)", "refs/heads/"]);
  // Some file systems do not distinguish case. A branch cannot have the name of another one's folder, nor the reverse.
  const branches = refs
    .toLowerCase()
    .split("\n")
    .map((ref) => `${ref.replace("refs/heads/", "")}/`);
  const worktrees = await gitText(root, ["worktree", "list", "--porcelain"]);
  return {
    hasBranch(name: string, orBelow = true): boolean {
      const wanted = `${name.toLowerCase()}/`;
      return branches.some((each) => each === wanted || (orBelow && each.startsWith(wanted)));
    },
    /** Also those that were deleted without git. */
    folders: new Set([...worktrees.matchAll(/^worktree (.*)$/gm)].map(([, folder = ""]) => folder)),
  };
}

/** Also a link that leads nowhere. */
async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

export async function canWrite(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Permissions alone do not say it: the file system may be read-only, or full. */
async function canCreate(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    await rmdir(folder);
    return true;
  } catch {
    return false;
  }
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
