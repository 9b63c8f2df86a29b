import { lstat, readFile, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "../../../client/disk/disk-error.ts";
import { firstComplaint, type GitOptions, gitBytes, runGit } from "../../../client/git/git.ts";
import { operationIn } from "../../git/facts-from-git.ts";
import { type ChangedEntry, changedEntries, LINK, NOTHING } from "../../git/git-entries.ts";
import { isSparse, type Repository } from "../../git/repository.ts";
import { emptyTree } from "./base-commit.ts";
import { NotApplied } from "./not-applied.ts";
import { findObstacle } from "./obstacle.ts";
import { type Filters, settingsOff, settleUnfiltered, takeForUnchanged } from "./unusable-filters.ts";
import { shellQuoted, WRITE } from "./write-safely.ts";

/** A file in git's folder while files are written. It holds the command that restores everything. */
const MARK = "photon-taking-over";

/** @throws NotApplied if there is uncommitted work here, which would mix with the capsule's */
export async function refuseWorkHere({ root, gitFolder }: Repository): Promise<void> {
  // Changes within a submodule do not count: neither applying nor undoing touches them.
  const status = await gitBytes(root, ["status", "--porcelain", "-z", "--untracked-files=no"]);
  const mark = join(gitFolder, MARK);
  if (status.length === 0) await rm(mark, { force: true });
  else if (await isThere(mark)) {
    throw new NotApplied(
      `An earlier resume was interrupted half-way here. This command restores everything: ${await readFile(mark, "utf8")}`,
    );
  } else {
    throw new NotApplied("There is uncommitted work here. Commit it first.");
  }
  const operation = operationIn(gitFolder);
  // A later `git reset` would end any other operation.
  if (operation !== null && operation !== "bisect") {
    throw new NotApplied(`A ${operation} is in progress here. Finish it first.`);
  }
}

/** The work's files are written even if the sparse checkout leaves them out. */
const WITHOUT_SPARSE = ["-c", "core.sparseCheckout=false"];

/**
 * Checks that no untracked or ignored file is in the way and that the index is not locked.
 *
 * @param head - the checked-out commit; null before the first commit
 * @param options - options with which git can read the tree
 * @throws NotApplied if something is in the way
 */
export async function refuseInTheWay({ root }: Repository, head: string | null, tree: string, options: GitOptions) {
  const env = { ...options.env, GIT_INDEX_FILE: undefined };
  const from = head ?? (await emptyTree(root, { env }));
  const possible = await runGit(root, [...WITHOUT_SPARSE, "read-tree", "-m", "-u", "-n", from, tree], { env });
  if (possible.code !== 0) throw new NotApplied(whyImpossible(possible.stderr));
  const obstacle = await findObstacle(root, await changedEntries(root, from, tree, { env }));
  if (obstacle !== null) throw new NotApplied(`It would overwrite a file here: ${obstacle}`);
}

/**
 * Makes the work tree and the index equal to a tree, completely or not at all.
 *
 * The index is written first, in one step, then the files. From then on one command restores everything; it runs if a
 * file cannot be written.
 *
 * @returns the command that undoes it
 * @throws NotApplied if nothing was changed; if restoring failed too, with the command that restores everything
 */
export async function writeHere(
  repository: Repository,
  head: string | null,
  tree: string,
  { off, unusable, undo: before }: Filters,
): Promise<string> {
  const { root, gitFolder } = repository;
  const from = head ?? (await emptyTree(root, {}));
  const entries = await changedEntries(root, from, tree);
  await refuseInTheWay(repository, head, tree, {}); // again: time has passed
  const undo = undoCommand(root, head, before.off);
  const mark = join(gitFolder, MARK);
  await writeFile(mark, undo);
  const staged = await runGit(root, [...WITHOUT_SPARSE, "read-tree", "-m", from, tree], WRITE);
  if (staged.code !== 0) {
    await rm(mark, { force: true });
    throw new NotApplied(whyImpossible(staged.stderr));
  }
  try {
    for (const entry of entries) if (isGone(entry)) await remove(root, entry.path);
    await writeFiles(root, entries, off);
    await settleUnfiltered({ folder: root, isNewFolder: false }, unusable, entries, WRITE);
  } catch (cause) {
    await restore({ root, head, mark, before }, cause);
  }
  await rm(mark, { force: true });
  return undo;
}

/** A link that becomes a file, or a file that becomes a link, is removed first: git must never write through a link. */
function isGone({ from, to }: ChangedEntry): boolean {
  return from.mode !== NOTHING && (to.mode === NOTHING || (from.mode === LINK) !== (to.mode === LINK));
}

async function writeFiles(root: string, entries: readonly ChangedEntry[], off: readonly string[]): Promise<void> {
  const stdin = Buffer.concat(
    entries.filter(({ to }) => to.mode !== NOTHING).flatMap(({ pathBytes }) => [pathBytes, Buffer.from([0])]),
  );
  if (await isSparse(root)) {
    await gitBytes(root, ["update-index", "--no-skip-worktree", "-z", "--stdin"], { ...WRITE, stdin });
  }
  await gitBytes(root, [...off, "checkout-index", "-f", "-u", "-q", "-z", "--stdin"], { ...WRITE, stdin });
}

/** Also removes the folders that become empty, as git does. */
async function remove(root: string, path: string): Promise<void> {
  await unlink(join(root, path)).catch(ignoreMissing);
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    if (
      !(await rmdir(join(root, folder))
        .then(() => true)
        .catch(() => false))
    )
      return;
  }
}

function ignoreMissing(error: unknown): void {
  const code = errorCode(error);
  if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
}

interface Before {
  readonly root: string;
  readonly head: string | null;
  readonly mark: string;
  readonly before: Filters["undo"];
}

async function restore({ root, head, mark, before }: Before, cause: unknown): Promise<never> {
  const why = cause instanceof Error ? cause.message : String(cause);
  const allOff = settingsOff(before.own);
  // A filter may fail only for the real file, as without the server of Git LFS.
  for (const off of [before.off, allOff]) {
    const { code } = await runGit(root, [...off, ...undoing(head)], WRITE).catch(() => ({ code: 1 }));
    if (code !== 0) continue;
    if (off.length > 0) await takeForUnchanged(root, before.paths, off, WRITE);
    await rm(mark, { force: true });
    throw new NotApplied(`The files could not be written: ${why}`, { cause });
  }
  const undo = undoCommand(root, head, allOff);
  await writeFile(mark, undo);
  throw new NotApplied(
    `The files could not be written (${why}), and not all could be restored. This command restores everything: ${undo}`,
  );
}

/** Before the first commit, every file in the index is the capsule's. */
function undoing(head: string | null): string[] {
  return head === null ? ["rm", "-r", "-f", "-q", "--ignore-unmatch", "."] : ["reset", "--hard", head];
}

/** With a filter that fails, git would delete the files that it cannot write. */
function undoCommand(root: string, head: string | null, off: readonly string[]): string {
  return ["git", "-C", root, ...off, ...undoing(head)].map((word) => shellQuoted(word)).join(" ");
}

function whyImpossible(stderr: string): string {
  const first = firstComplaint(stderr);
  return /overwritten|would lose|not uptodate/.test(first)
    ? `It would overwrite a file here: ${first}`
    : `Git cannot write here: ${first}`;
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
