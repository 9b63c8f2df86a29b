import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorCode } from "../disk/disk-error.ts";

// Finds a repository and its remotes without git, which may be missing, slow, or refuse a folder of another user.

/** A repository with a work tree, as it is on the disk. */
export interface FoundRepository {
  /** The root of the work tree: the folder with `.git` in it. */
  readonly root: string;
  /** The root of the main work tree, or the bare repository that this work tree belongs to. */
  readonly main: string;
  /** The content of git's config; null if it cannot be read here: then only git may know the remotes. */
  readonly config: string | null;
}

/** Far above the size of any config. A larger one is left to git, which has a time limit. */
const MAX_CONFIG_BYTES = 64 * 1024;

/** The repository that a folder is in, also after the folder itself was deleted. @returns null outside any repository */
export function findRepository(folder: string): FoundRepository | null {
  for (let at = realFolder(folder); ; at = dirname(at)) {
    const gitFolder = gitFolderOf(at);
    if (gitFolder !== null) return repositoryWith(at, gitFolder);
    if (at === dirname(at)) return null;
  }
}

/** Git follows links, so the folders above a link's target count. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/** Git's own folder for a work tree with this root; null if the folder is not one. */
function gitFolderOf(root: string): string | null {
  const entry = join(root, ".git");
  try {
    // Git ignores an empty `.git`. One that may not be opened is a repository all the same.
    if (statSync(entry).isDirectory()) return isMissing(join(entry, "HEAD")) ? null : entry;
  } catch (error) {
    return errorCode(error) === "EACCES" && existsSync(root) ? entry : null;
  }
  const [, path = ""] = /^gitdir: (.+)/.exec(readText(entry) ?? "") ?? [];
  if (path === "") return null;
  return isLocal(path.trim()) ? resolve(root, path.trim()) : entry; // the latter has no config that is read here
}

/** A path to another computer (`\\host\share`) is left to git: opening it may take long, and tells that computer who asks. */
function isLocal(path: string): boolean {
  return !/^[\\/]{2}/.test(path);
}

function isMissing(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    return errorCode(error) !== "EACCES";
  }
}

function repositoryWith(root: string, gitFolder: string): FoundRepository {
  const common = commonFolder(gitFolder);
  const config = readText(join(common, "config"));
  const ofWorktree = config === null ? null : readText(join(gitFolder, "config.worktree"));
  const isNormal = /[\\/]\.git$/.test(common);
  return { root, main: isNormal ? dirname(common) : common, config: config && [config, ofWorktree ?? ""].join("\n") };
}

/** Where a linked work tree's repository is. If it is not there now (another computer's path), its place is in the name. */
function commonFolder(gitFolder: string): string {
  const common = readText(join(gitFolder, "commondir"))?.trim();
  if (common && isLocal(common)) return resolve(gitFolder, common);
  return existsSync(gitFolder) ? gitFolder : gitFolder.replace(/(?<=[\\/]\.git)[\\/]worktrees[\\/][^\\/]+$/, "");
}

/** Only a regular file: a pipe that came with a folder would never end. */
function readText(file: string): string | null {
  try {
    const { size } = statSync(file);
    return statSync(file).isFile() && size <= MAX_CONFIG_BYTES ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}

const SECTION = /^\s*\[\s*([\w-]+)(?:\s+"((?:[^"\\]|\\.)*)"|\.([^\]\s]+))?\s*\]/;

/** The URL of `origin`, or else of the first remote, as written in git's config. */
export function remoteIn(config: string): string | null {
  const urls = new Map<string, string>();
  let remote: string | null = null;
  for (const line of config.split(/\r?\n/)) {
    const [head = "", section, quoted, dotted] = SECTION.exec(line) ?? [];
    if (section !== undefined) {
      const name = quoted?.replace(/\\(.)/g, "$1") ?? dotted;
      remote = section.toLowerCase() === "remote" && name !== undefined ? name : null;
    }
    const [, value] = /^\s*url\s*=(.*)$/i.exec(line.slice(head.length)) ?? [];
    const url = value === undefined ? "" : plainValue(value);
    if (remote !== null && url !== "" && !urls.has(remote)) urls.set(remote, url);
  }
  return urls.get("origin") ?? [...urls.values()][0] ?? null;
}

/** Whether the config may take remotes from other files, which only git can find. */
export function hasIncludes(config: string): boolean {
  return /^[ \t]*\[[ \t]*include(?:if)?\b/im.test(config);
}

/** A value without its quotes, escapes and comment. */
function plainValue(text: string): string {
  const parts = text.matchAll(/"((?:[^"\\]|\\.)*)"|\\(.)|([#;].*$)|([^"\\#;]+)/g);
  return [...parts]
    .map(([, quoted, escaped, , plain]) => quoted?.replace(/\\(.)/g, "$1") ?? escaped ?? plain ?? "")
    .join("")
    .trim();
}
