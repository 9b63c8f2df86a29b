import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, parse, resolve } from "node:path";
import { PROJECT_NAME } from "../../contract/address.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";
import { homeFolder } from "../disk/user-folders.ts";
import { findRepository, hasIncludes, remoteIn } from "../git/found-repository.ts";
import { inertGit } from "../git/inert-git.ts";

/**
 * The default machine name: the host name without its domain (`Bobs-MacBook.local` becomes `Bobs-MacBook`), made valid as a
 * machine name.
 */
export function machineFromHost(host: string = hostname()): string {
  const label = host.split(".")[0] ?? "";
  return sanitized(label.normalize("NFKD").replace(/[^\w.-]+/g, "-"), 63) ?? "machine";
}

/** Where a machine's default name comes from, for a person. It is kept even if the host is renamed. */
export function defaultNameSource(machine: string, now: string = machineFromHost()): string {
  return machine === now ? "from the host's name" : `kept from the host's first name; the host is now called ${now}`;
}

/** Remembers projects for a time when a repository cannot be read, or was deleted. */
export interface ProjectMemory {
  note(root: string, project: string): void;
  known(root: string): string | null;
}

const NO_MEMORY: ProjectMemory = { note: () => undefined, known: () => null };

/**
 * The project a folder belongs to: the same on every machine, regardless of its path. It is named by the git remote
 * (`origin`, else the first one), else by the repository's folder (for a worktree, the main one), else by the folder itself.
 * Git is asked only for settings in other files: it may be missing, or refuse a folder of another user.
 *
 * @returns null for the home folder and a file system's root, which are not projects
 */
export function projectOf(folder: string, memory: ProjectMemory = NO_MEMORY): string | null {
  const path = resolve(folder);
  const remembered = ofDeleted(path, memory);
  if (remembered !== null) return remembered;
  const repository = findRepository(path);
  if (repository === null) {
    return path === resolve(homeFolder()) || path === parse(path).root ? null : projectFromPath(path);
  }
  const { root, main, config } = repository;
  const isUnsure = config === null || hasIncludes(config);
  const remote = (config && remoteIn(config)) ?? (isUnsure ? remoteByGit(path) : null);
  const named = remote === null ? null : projectFromRemote(remote);
  const project = named ?? (isUnsure ? memory.known(root) : null) ?? projectFromPath(main);
  if (project !== null && (named !== null || !isUnsure)) memory.note(root, project);
  return project;
}

/** The project of a work tree that was deleted with this folder in it. */
function ofDeleted(path: string, memory: ProjectMemory): string | null {
  for (let at = path; !existsSync(at) && at !== dirname(at); at = dirname(at)) {
    const project = memory.known(at);
    if (project !== null) return project;
  }
  return null;
}

function remoteByGit(folder: string): string | null {
  // The output is `remote.origin.url\n<url>\0`, without insteadOf rewrites, so the name is as configured.
  const listed = inertGit(folder, ["config", "-z", "--get-regexp", "^remote\\..*\\.url$"]);
  const remotes = (listed ?? "").split("\0").filter((line) => line.includes("\n"));
  const chosen = remotes.find((line) => line.startsWith("remote.origin.url\n")) ?? remotes[0];
  return chosen === undefined ? null : chosen.slice(chosen.indexOf("\n") + 1);
}

/** A folder brings its remotes along, and a pattern must not work on a megabyte. */
const MAX_URL_CHARS = 4_096;

/** The last part of a remote's URL in lower case, without `.git`: `git@host:me/Photon.git` becomes `photon`. */
export function projectFromRemote(url: string): string | null {
  const path = url
    .slice(0, MAX_URL_CHARS)
    .trim()
    .replace(/[?#].*$/, "");
  return projectFromPath(path.replace(/[\\/]+$/, "").replace(/\.git$/i, ""))?.toLowerCase() ?? null;
}

/**
 * The last part of a path (separated by `/` or `\`), made valid as a project name. Project names are ASCII, because old
 * clients and bridges accept nothing else. So a name in another script becomes its ASCII characters and a short hash of the
 * whole: `проект` is `project-dfb992e6`. The hash ignores case and composition, because file systems differ in both.
 */
export function projectFromPath(path: string): string | null {
  const last =
    path
      .split(/[\\/:]/)
      .filter(Boolean)
      .at(-1) ?? "";
  if (!/[^ -~]/.test(last)) return sanitized(last, 100);
  const composed = last.normalize("NFC").toLowerCase().normalize("NFC");
  const hash = sha256Hex(composed).slice(0, 8); // enough for the projects of one person
  return `${sanitized(last.normalize("NFKD").replace(ACCENTS, ""), 91) ?? "project"}-${hash}`;
}

const ACCENTS = /[\u0300-\u036f]/g;

function sanitized(text: string, maxChars: number): string | null {
  const name = text
    .normalize("NFKD")
    .replace(/[^\w. -]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, maxChars)
    .replace(/[ -]+$/, "");
  return PROJECT_NAME.test(name) ? name : null;
}
