import { dirname, join, resolve } from "node:path";
import { firstComplaint, gitText, runGit } from "./run-git.ts";

export interface Repository {
  /** The folder with the files. */
  readonly root: string;
  /** Git's folder for this work tree. */
  readonly gitFolder: string;
  readonly objects: string;
}

/** @returns a sentence when there is none that can be worked with */
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

/** A folder's name may hold a line end. */
function oneByOne(folder: string): Promise<string[]> {
  return Promise.all(WANTED.map((each) => gitText(folder, ["rev-parse", ...each])));
}

function whyNot(stderr: string): string {
  if (/not a git repository/.test(stderr)) return "This folder is in no git repository.";
  if (/must be run in a work tree/.test(stderr))
    return "This folder is in a git repository without files (a bare one).";
  if (/dubious ownership/.test(stderr)) {
    return "Git does not trust this folder, because it belongs to another user (safe.directory).";
  }
  return `Git cannot work in this folder: ${firstComplaint(stderr)}`;
}

/** Where git keeps which commits have no parents here, although they have. */
export function shallowFile({ objects }: Repository): string {
  return join(dirname(objects), "shallow");
}

/** Whether git leaves files of the project out of the folder. */
export async function isSparse(folder: string): Promise<boolean> {
  const { stdout } = await runGit(folder, ["config", "--type=bool", "core.sparseCheckout"]);
  return stdout.toString().trim() === "true";
}

/**
 * Variables with which git reads the repository's objects, but writes what it has to write into another folder: index
 * and objects.
 */
export function apart({ objects }: Repository, folder: string): NodeJS.ProcessEnv {
  return {
    GIT_INDEX_FILE: join(folder, "index"),
    GIT_OBJECT_DIRECTORY: folder,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objects),
  };
}

/** A list of folders has separators of its own; a quoted one may hold them. */
function quoted(folder: string): string {
  return `"${folder.replace(/["\\]/g, "\\$&")}"`;
}
