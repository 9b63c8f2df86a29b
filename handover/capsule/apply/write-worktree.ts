import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import { isRunning } from "../../../client/disk/is-running.ts";
import { firstComplaint, type GitRun, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { type ChangedEntry, NOTHING, splitAtNul } from "../../git/git-entries.ts";
import { isSparse, type Repository } from "../../git/repository.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { NotApplied } from "./patched-files.ts";
import { shellQuoted } from "./shell-quoted.ts";

/** A new folder beside the repository, and the branch that is checked out in it. */
export interface Target {
  readonly folder: string;
  readonly branch: string;
}

/** In git's folder while a new folder is written: what to take away when nobody finishes it. */
const MARK = "photon-new-folder-";
const Mark = z.strictObject({ folder: z.string(), branch: z.string(), commit: z.string(), process: z.int() });

const WRITE_TIMEOUT_MS = 10 * 60_000;
const OFFLINE = { timeoutMs: WRITE_TIMEOUT_MS, isOnItsOwn: true };
/** A partial clone fetches the files that it has left out. */
const SAFELY = { ...OFFLINE, network: true };

/**
 * Writes the work into a new folder, on a new branch at the base.
 *
 * The first command makes the folder and the branch, without files. The files are written from within the folder: git
 * settings may hold only there or only on that branch (`includeIf`), and {@link runGit} switches off just those programs
 * that the settings name where it starts git. The last command makes the work uncommitted again.
 *
 * @param commit - the work as a commit on the base
 * @param entries - what it changes in the base
 * @returns the command that undoes it
 * @throws NotApplied with nothing left behind
 */
export async function writeWorktree(
  repository: Repository,
  { folder, branch }: Target,
  {
    base,
    commit,
    entries,
  }: { readonly base: string; readonly commit: string; readonly entries: readonly ChangedEntry[] },
): Promise<string> {
  const { root, gitFolder } = repository;
  await sweepUnfinished(repository);
  if (await hasBranch(root, branch))
    throw new NotApplied(`No new folder could be made: the branch ${branch} is there already.`);
  const mark = join(gitFolder, `${MARK}${process.pid}-${Date.now()}`);
  await writeFile(mark, JSON.stringify({ folder, branch, commit, process: process.pid }));
  try {
    const empty = ["worktree", "add", "--quiet", "--no-checkout", "--no-track", "-b", branch, "--", folder, commit];
    requireMade(await runGit(root, empty, OFFLINE));
    requireMade(await runGit(folder, ["reset", "--hard", "--quiet"], SAFELY));
    await writeWhatIsLeftOut(folder, entries);
    await gitBytes(folder, ["reset", "--mixed", "--quiet", base], SAFELY);
    await showDeleted(folder, entries);
  } catch (error) {
    await takeAway(root, { folder, branch, commit });
    throw error;
  } finally {
    await rm(mark, { force: true });
  }
  const git = `git -C ${shellQuoted(root)}`;
  return `${git} worktree remove --force ${shellQuoted(folder)} && ${git} branch -D ${shellQuoted(branch)}`;
}

/** @throws NotApplied */
function requireMade({ code, stderr }: GitRun): void {
  if (code !== 0) throw new NotApplied(`No new folder could be made: ${firstComplaint(stderr)}`);
}

async function hasBranch(root: string, branch: string): Promise<boolean> {
  return (await runGit(root, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])).code === 0;
}

/** A sparse checkout is the person's wish for the project's files, not for the work. */
async function writeWhatIsLeftOut(folder: string, entries: readonly ChangedEntry[]): Promise<void> {
  if (!(await isSparse(folder))) return;
  const work = new Set(entries.filter(({ to }) => to.mode !== NOTHING).map(({ path }) => path));
  const leftOut = splitAtNul(await gitBytes(folder, ["ls-files", "-t", "-z"]))
    .map(String)
    .filter((line) => line.startsWith("S ") && work.has(line.slice(2)))
    .map((line) => `${line.slice(2)}\0`);
  const stdin = Buffer.from(leftOut.join(""));
  await gitBytes(folder, ["update-index", "--no-skip-worktree", "-z", "--stdin"], { ...SAFELY, stdin });
  await gitBytes(folder, ["checkout-index", "-f", "-u", "-q", "-z", "--stdin"], { ...SAFELY, stdin });
}

/** Without this a file that the work deletes would be one that the sparse checkout leaves out. */
async function showDeleted(folder: string, entries: readonly ChangedEntry[]): Promise<void> {
  if (!(await isSparse(folder))) return;
  const deleted = entries.filter(({ to }) => to.mode === NOTHING).map(({ path }) => `${path}\0`);
  const stdin = Buffer.from(deleted.join(""));
  await gitBytes(folder, ["update-index", "--no-skip-worktree", "-z", "--stdin"], { ...SAFELY, stdin });
}

/** Nothing in the folder is anyone's work but the capsule's, which is still where it came from. */
async function takeAway(root: string, { folder, branch, commit }: Target & { readonly commit: string }): Promise<void> {
  if (await isWorktree(root, folder)) await runGit(root, ["worktree", "remove", "--force", "--force", folder], OFFLINE);
  await runGit(root, ["worktree", "prune"]);
  const at = await runGit(root, ["rev-parse", "-q", "--verify", `refs/heads/${branch}`]);
  if (at.stdout.toString().trim() === commit) await runGit(root, ["branch", "-D", "--", branch]);
}

async function isWorktree(root: string, folder: string): Promise<boolean> {
  const list = await gitText(root, ["worktree", "list", "--porcelain"]);
  return list.split("\n").includes(`worktree ${resolve(folder).replaceAll("\\", "/")}`);
}

/** Folders that a killed process did not finish, as long as nobody has worked in them since. */
async function sweepUnfinished({ root, gitFolder }: Repository): Promise<void> {
  const names = (await readdir(gitFolder)).filter((name) => name.startsWith(MARK));
  for (const name of names) {
    const mark = Mark.safeParse(await readJson(join(gitFolder, name)));
    if (mark.success && isRunning(mark.data.process)) continue;
    if (mark.success && (await isUntouched(root, mark.data))) await takeAway(root, mark.data);
    await rm(join(gitFolder, name), { force: true });
  }
}

/** Files may be missing in it, but none is new, none other than in the commit, and the branch has not moved. */
async function isUntouched(root: string, { folder, branch, commit }: z.infer<typeof Mark>): Promise<boolean> {
  const at = await runGit(root, ["rev-parse", "-q", "--verify", `refs/heads/${branch}`]);
  if (at.stdout.toString().trim() !== commit) return false;
  return inTemporaryFolder(async (temporary) => {
    const options = { env: { GIT_INDEX_FILE: join(temporary, "index") } }; // its own may not be written yet
    const status = ["status", "--porcelain", "-z", "--untracked-files=all", "--ignored"];
    const read = await runGit(folder, ["read-tree", commit], options).catch(() => null);
    if (read === null || read.code !== 0) return true;
    return /^(?: D [^\0]*\0)*$/.test((await gitBytes(folder, status, options)).toString());
  });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return null;
  }
}
