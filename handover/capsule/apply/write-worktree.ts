import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import { isRunning } from "../../../client/disk/is-running.ts";
import { firstComplaint, foreignFilters, type GitRun, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { parseJson } from "../../../contract/parse-json.ts";
import { fileFilters } from "../../git/file-filters.ts";
import { type ChangedEntry, NOTHING, splitAtNul } from "../../git/git-entries.ts";
import { isSparse, type Repository } from "../../git/repository.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { NotApplied } from "./not-applied.ts";
import {
  type Filters,
  IS_FOREIGN,
  settingsOff,
  settleUnfiltered,
  shown,
  type UnusableFilter,
} from "./unusable-filters.ts";
import { shellQuoted, WRITE, WRITE_OFFLINE } from "./write-safely.ts";

/** A folder and a branch to create. */
export interface Target {
  readonly folder: string;
  readonly branch: string;
}

/** What to write into it. */
interface Work {
  readonly base: string;
  /** The work as a commit on the base. */
  readonly commit: string;
  /** What that commit changes. */
  readonly entries: readonly ChangedEntry[];
  readonly filters: Filters;
}

interface WrittenWorktree {
  /** The command that undoes it. */
  readonly undo: string;
  /** Filters that were not run, each once. */
  readonly unusable: readonly UnusableFilter[];
}

/** A file in git's folder while a new folder is written. It says what to remove if the process is killed. */
const MARK = "photon-new-folder-";
const Mark = z.strictObject({ folder: z.string(), branch: z.string(), commit: z.string(), process: z.int() });

/**
 * Writes the work into a new folder, on a new branch at the base.
 *
 * The first command makes the folder and the branch, without files. The next one writes the files from within the folder:
 * some git settings apply only there or only on that branch (`includeIf`), and {@link runGit} disables the programs named
 * by the settings of the folder it runs in. The last command makes the work uncommitted again.
 *
 * @throws NotApplied if nothing was changed
 */
export async function writeWorktree(
  repository: Repository,
  { folder, branch }: Target,
  { base, commit, entries, filters }: Work,
): Promise<WrittenWorktree> {
  const { root, gitFolder } = repository;
  let { off, unusable } = filters;
  await sweepUnfinished(repository);
  if (await hasBranch(root, branch))
    throw new NotApplied(`The new folder could not be created: the branch ${branch} exists already.`);
  const mark = join(gitFolder, `${MARK}${process.pid}-${Date.now()}`);
  await writeFile(mark, JSON.stringify({ folder, branch, commit, process: process.pid }));
  try {
    const empty = ["worktree", "add", "--quiet", "--no-checkout", "--no-track", "-b", branch, "--", folder, commit];
    requireSuccess(await runGit(root, empty, WRITE_OFFLINE));
    const write = () => runGit(folder, [...off, "reset", "--hard", "--quiet"], WRITE);
    const written = await write();
    if (written.code !== 0 && filters.own.length > 0) {
      // For example, the server of Git LFS does not answer.
      off = settingsOff(filters.own);
      const why = `It failed: ${firstComplaint(written.stderr)}.`;
      unusable = [...unusable, ...filters.own.map((filter) => shown({ filter, why }))];
      requireSuccess(await write());
    } else requireSuccess(written);
    await writeSparseFiles(folder, entries, off);
    await gitBytes(folder, [...off, "reset", "--mixed", "--quiet", base], WRITE);
    await showDeleted(folder, entries);
    unusable = [...unusable, ...(await foreignThere(folder))];
    unusable = [...new Map([...unusable].reverse().map((each) => [each.filter, each])).values()].reverse();
    await settleUnfiltered({ folder, isNewFolder: true }, unusable, entries, WRITE);
  } catch (error) {
    await removeWorktree(root, { folder, branch, commit });
    throw error;
  } finally {
    await rm(mark, { force: true });
  }
  const git = `git -C ${shellQuoted(root)}`;
  const undo = `${git} worktree remove --force ${shellQuoted(folder)} && ${git} branch -D ${shellQuoted(branch)}`;
  return { undo, unusable };
}

/** Filters of the folder's files that only settings for this folder or branch define (`includeIf`). */
async function foreignThere(folder: string): Promise<UnusableFilter[]> {
  if ((await foreignFilters(folder)).size === 0) return [];
  const paths = splitAtNul(await gitBytes(folder, ["ls-files", "-z"])).map(String);
  const { byPath, foreign } = await fileFilters(folder, paths);
  const used = [...new Set(byPath.values())].filter((filter) => foreign.has(filter));
  return used.map((filter) => shown({ filter, why: IS_FOREIGN }));
}

function requireSuccess({ code, stderr }: GitRun): void {
  if (code !== 0) throw new NotApplied(`The new folder could not be created: ${firstComplaint(stderr)}`);
}

async function hasBranch(root: string, branch: string): Promise<boolean> {
  return (await runGit(root, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])).code === 0;
}

/** A sparse checkout leaves out files of the project. The work's files are written anyway. */
async function writeSparseFiles(
  folder: string,
  entries: readonly ChangedEntry[],
  off: readonly string[],
): Promise<void> {
  if (!(await isSparse(folder))) return;
  const work = new Set(entries.filter(({ to }) => to.mode !== NOTHING).map(({ path }) => path));
  const leftOut = splitAtNul(await gitBytes(folder, ["ls-files", "-t", "-z"]))
    .map(String)
    .filter((line) => line.startsWith("S ") && work.has(line.slice(2)))
    .map((line) => `${line.slice(2)}\0`);
  const stdin = Buffer.from(leftOut.join(""));
  await gitBytes(folder, ["update-index", "--no-skip-worktree", "-z", "--stdin"], { ...WRITE, stdin });
  await gitBytes(folder, [...off, "checkout-index", "-f", "-u", "-q", "-z", "--stdin"], { ...WRITE, stdin });
}

/** Otherwise a file that the work deletes would look like one that the sparse checkout leaves out. */
async function showDeleted(folder: string, entries: readonly ChangedEntry[]): Promise<void> {
  if (!(await isSparse(folder))) return;
  const deleted = entries.filter(({ to }) => to.mode === NOTHING).map(({ path }) => `${path}\0`);
  const stdin = Buffer.from(deleted.join(""));
  await gitBytes(folder, ["update-index", "--no-skip-worktree", "-z", "--stdin"], { ...WRITE, stdin });
}

/** Deletes only the capsule's work, which the handover still has. */
async function removeWorktree(
  root: string,
  { folder, branch, commit }: Target & { readonly commit: string },
): Promise<void> {
  if (await isWorktree(root, folder))
    await runGit(root, ["worktree", "remove", "--force", "--force", folder], WRITE_OFFLINE);
  await runGit(root, ["worktree", "prune"]);
  const at = await runGit(root, ["rev-parse", "-q", "--verify", `refs/heads/${branch}`]);
  if (at.stdout.toString().trim() === commit) await runGit(root, ["branch", "-D", "--", branch]);
}

async function isWorktree(root: string, folder: string): Promise<boolean> {
  const list = await gitText(root, ["worktree", "list", "--porcelain"]);
  return list.split("\n").includes(`worktree ${resolve(folder).replaceAll("\\", "/")}`);
}

/** Removes folders that a killed process left unfinished, unless someone has worked in them since. */
async function sweepUnfinished({ root, gitFolder }: Repository): Promise<void> {
  const names = (await readdir(gitFolder)).filter((name) => name.startsWith(MARK));
  for (const name of names) {
    const mark = Mark.safeParse(parseJson(await readFile(join(gitFolder, name), "utf8").catch(() => "")));
    if (mark.success && isRunning(mark.data.process)) continue;
    if (mark.success && (await isUntouched(root, mark.data))) await removeWorktree(root, mark.data);
    await rm(join(gitFolder, name), { force: true });
  }
}

/** True if files are at most missing: no file is new or changed, and the branch has not moved. */
async function isUntouched(root: string, { folder, branch, commit }: z.infer<typeof Mark>): Promise<boolean> {
  const at = await runGit(root, ["rev-parse", "-q", "--verify", `refs/heads/${branch}`]);
  if (at.stdout.toString().trim() !== commit) return false;
  return inTemporaryFolder(async (temporary) => {
    const options = { env: { GIT_INDEX_FILE: join(temporary, "index") } }; // git may not have written the folder's own index yet
    const status = ["status", "--porcelain", "-z", "--untracked-files=all", "--ignored"];
    const read = await runGit(folder, ["read-tree", commit], options).catch(() => null);
    if (read === null || read.code !== 0) return true;
    return /^(?: D [^\0]*\0)*$/.test((await gitBytes(folder, status, options)).toString());
  });
}
