import { realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { firstComplaint, gitText, ownSetting, runGit } from "../../client/git/git.ts";

export interface Repository {
  /** The root of the work tree. */
  readonly root: string;
  /** Git's folder of this work tree. */
  readonly gitFolder: string;
  readonly objects: string;
}

/** @returns a sentence if the folder has no repository with a work tree that git can use */
export async function findRepository(folder: string): Promise<Repository | string> {
  const found = await runGit(folder, ["rev-parse", ...WANTED.flat()]).catch((cause: unknown) => {
    return { code: 1, stdout: Buffer.alloc(0), stderr: cause instanceof Error ? cause.message : "" };
  });
  if (found.code !== 0) return whyNot(found.stderr);
  const lines = found.stdout
    .toString()
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  const [root = "", gitFolder = "", objects = ""] = lines.length === WANTED.length ? lines : await oneByOne(folder);
  return { root, gitFolder: resolve(folder, gitFolder), objects: resolve(folder, objects) };
}

const WANTED = [["--show-toplevel"], ["--git-dir"], ["--git-path", "objects"]];

/** For folders with a line break in their name. */
function oneByOne(folder: string): Promise<string[]> {
  return Promise.all(WANTED.map((each) => gitText(folder, ["rev-parse", ...each])));
}

function whyNot(stderr: string): string {
  if (/not a git repository/.test(stderr)) return "This folder is not in a git repository.";
  if (/must be run in a work tree|cannot use bare repository/.test(stderr))
    return "This folder is in a bare git repository, which has no files.";
  if (/dubious ownership/.test(stderr)) {
    return "Git does not trust this folder because it belongs to another user (see safe.directory).";
  }
  return `Git cannot work in this folder: ${firstComplaint(stderr)}`;
}

/** Git's folder relative to the root, if it is in the project under another name than `.git`; else null. */
export function gitFolderWithin({ root, objects }: Repository): string | null {
  return within(root, dirname(objects));
}

/** The hooks folder relative to the root, if a setting puts it in the project; else null. */
export async function hooksFolderWithin({ root }: Repository): Promise<string | null> {
  const folder = await ownSetting(root, "core.hookspath");
  return folder === null ? null : within(root, resolve(root, folder));
}

function within(root: string, folder: string): string | null {
  const path = relative(real(root), real(folder)).replaceAll(sep, "/");
  return path === "" || path === ".." || path.startsWith("../") || /^(?:[\\/]|[A-Za-z]:)/.test(path) ? null : path;
}

/** The folder may not exist yet. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Git's list of the commits whose parents a shallow clone lacks. */
export function shallowFile({ objects }: Repository): string {
  return join(dirname(objects), "shallow");
}

/** Whether the folder is a sparse checkout. */
export async function isSparse(folder: string): Promise<boolean> {
  const { stdout } = await runGit(folder, ["config", "--type=bool", "core.sparseCheckout"]);
  return stdout.toString().trim() === "true";
}

/** Whether git may have to ask a remote for objects that the repository lacks. */
export async function isPartialClone(root: string): Promise<boolean> {
  const promisors = [
    "config",
    "--get-regexp",
    "^(?:remote\\..*\\.(?:promisor|partialclonefilter)|extensions\\.partialclone)$",
  ];
  return (await runGit(root, promisors)).code === 0;
}

/** Environment in which git reads the repository's objects, but writes its index and new objects into another folder. */
export function scratchObjects({ objects }: Repository, folder: string): NodeJS.ProcessEnv {
  return {
    GIT_INDEX_FILE: join(folder, "index"),
    GIT_OBJECT_DIRECTORY: folder,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objects),
  };
}

/** The variable holds a list of folders. Quoted, a name may contain the separator. */
function quoted(folder: string): string {
  return `"${folder.replace(/["\\]/g, "\\$&")}"`;
}
