import { lstat, readFile, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { firstComplaint, type GitOptions, gitBytes, runGit } from "../../../client/git/git.ts";
import { operationIn } from "../../git/facts-from-git.ts";
import { type ChangedEntry, changedEntries, LINK, NOTHING } from "../../git/git-entries.ts";
import { isSparse, type Repository } from "../../git/repository.ts";
import { emptyTree } from "./base-commit.ts";
import { findObstacle } from "./obstacle.ts";
import { NotApplied } from "./patched-files.ts";
import { shellQuoted } from "./shell-quoted.ts";

/** In git's folder while files are written; it holds the command that puts everything back. */
const MARK = "photon-taking-over";

/** Writing files may take long on a slow disk, and must not be stopped half-way. */
const WRITE_TIMEOUT_MS = 10 * 60_000;
const SAFELY = { timeoutMs: WRITE_TIMEOUT_MS, isOnItsOwn: true, network: true };

/** @throws NotApplied when there is work here that could not be told from the capsule's afterwards */
export async function refuseWorkHere({ root, gitFolder }: Repository): Promise<void> {
  // What is changed within a submodule is not in it: it is not touched, nor by the command that undoes.
  const status = await gitBytes(root, ["status", "--porcelain", "-z", "--untracked-files=no"]);
  const mark = join(gitFolder, MARK);
  if (status.length === 0) await rm(mark, { force: true });
  else if (await isThere(mark)) {
    throw new NotApplied(
      `Resuming was interrupted here, half-way. This puts everything back: ${await readFile(mark, "utf8")}`,
    );
  } else {
    throw new NotApplied(
      "There is uncommitted work here; commit it first, or apply into a new folder (without --here).",
    );
  }
  const operation = operationIn(gitFolder);
  // A later `git reset` would end any other operation.
  if (operation !== null && operation !== "bisect") {
    throw new NotApplied(`A ${operation} is under way here; finish it first.`);
  }
}

/** Also where a sparse checkout leaves files out: those of the work are written. */
const EVERYWHERE = ["-c", "core.sparseCheckout=false"];

/**
 * Checks that nothing is in the way: no file that git does not know, also none that it ignores, and no other use of the
 * index.
 *
 * @param head - the commit that is checked out; null before the first
 * @param options - with which git sees the tree
 * @throws NotApplied when something is
 */
export async function refuseInTheWay({ root }: Repository, head: string | null, tree: string, options: GitOptions) {
  const env = { ...options.env, GIT_INDEX_FILE: undefined };
  const from = head ?? (await emptyTree(root, { env }));
  const possible = await runGit(root, [...EVERYWHERE, "read-tree", "-m", "-u", "-n", from, tree], { env });
  if (possible.code !== 0) throw new NotApplied(whyImpossible(possible.stderr));
  const obstacle = await findObstacle(root, await changedEntries(root, from, tree, { env }));
  if (obstacle !== null) throw new NotApplied(`It would overwrite a file here: ${obstacle}`);
}

/**
 * Makes the work tree and the index what a tree is. All of it or nothing.
 *
 * First the index is written, in one step, and then the files: from that moment on one command puts everything back
 * whatever happens, and it is run when a file cannot be written.
 *
 * @returns the command that undoes it
 * @throws NotApplied with nothing changed, or with the command that puts back what could not be put back
 */
export async function writeHere(repository: Repository, head: string | null, tree: string): Promise<string> {
  const { root, gitFolder } = repository;
  const from = head ?? (await emptyTree(root, {}));
  const entries = await changedEntries(root, from, tree);
  await refuseInTheWay(repository, head, tree, {}); // again: some time has gone by
  const undo = undoCommand(root, head);
  const mark = join(gitFolder, MARK);
  await writeFile(mark, undo);
  const staged = await runGit(root, [...EVERYWHERE, "read-tree", "-m", from, tree], SAFELY);
  if (staged.code !== 0) {
    await rm(mark, { force: true });
    throw new NotApplied(whyImpossible(staged.stderr));
  }
  try {
    for (const entry of entries) if (isGone(entry)) await remove(root, entry.path);
    await writeFiles(root, entries);
  } catch (cause) {
    await putBack(root, head, undo, mark, cause);
  }
  await rm(mark, { force: true });
  return undo;
}

/** A link in the place of a file, and the other way round, is taken away first: nothing is ever written through one. */
function isGone({ from, to }: ChangedEntry): boolean {
  return from.mode !== NOTHING && (to.mode === NOTHING || (from.mode === LINK) !== (to.mode === LINK));
}

async function writeFiles(root: string, entries: readonly ChangedEntry[]): Promise<void> {
  const stdin = Buffer.concat(
    entries.filter(({ to }) => to.mode !== NOTHING).flatMap(({ pathBytes }) => [pathBytes, Buffer.from([0])]),
  );
  if (await isSparse(root)) {
    await gitBytes(root, ["update-index", "--no-skip-worktree", "-z", "--stdin"], { ...SAFELY, stdin });
  }
  await gitBytes(root, ["checkout-index", "-f", "-u", "-q", "-z", "--stdin"], { ...SAFELY, stdin });
}

/** And the folders that are empty then, as git does. */
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
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
}

async function putBack(root: string, head: string | null, undo: string, mark: string, cause: unknown): Promise<never> {
  const why = cause instanceof Error ? cause.message : String(cause);
  const args = head === null ? UNDO_FIRST : ["reset", "--hard", "-q", head];
  const { code } = await runGit(root, args, SAFELY).catch(() => ({ code: 1 }));
  if (code !== 0) {
    throw new NotApplied(
      `The files could not be written (${why}), nor all put back. This puts everything back: ${undo}`,
    );
  }
  await rm(mark, { force: true });
  throw new NotApplied(`The files could not be written: ${why}`, { cause });
}

/** Before the first commit everything git knows is the capsule's. */
const UNDO_FIRST = ["rm", "-r", "-f", "-q", "--ignore-unmatch", "."];

function undoCommand(root: string, head: string | null): string {
  const what = head === null ? UNDO_FIRST.join(" ") : `reset --hard ${head}`;
  return `git -C ${shellQuoted(root)} ${what}`;
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
