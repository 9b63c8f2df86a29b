import { git } from "../client/git.ts";

/** What git tells about a session's folder, without changing anything. */
export interface GitFacts {
  /** The repository's root folder, with `/` between its parts on every system. */
  readonly root: string;
  /** null when HEAD is detached. */
  readonly branch: string | null;
  /** null before the first commit. */
  readonly head: { readonly commit: string; readonly subject: string } | null;
  /** Tracked files with changes that are in no commit, relative to the root, in git's order. */
  readonly uncommitted: readonly string[];
  /** Files git does not know and does not ignore; a folder of only such files stands for them, with a `/` at its end. */
  readonly untracked: readonly string[];
}

/** @returns null when the folder is in no repository, or git is missing or does not answer in time */
export function factsFromGit(folder: string): GitFacts | null {
  const root = git(folder, ["rev-parse", "--show-toplevel"])?.replace(/\r?\n$/, "");
  if (!root) return null;
  const status = git(root, ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal"]);
  if (status === null) return null;
  const facts = parseStatus(status);
  const subject = facts.commit === null ? null : git(root, SUBJECT_OF_HEAD);
  return {
    root,
    branch: facts.branch,
    head: facts.commit === null ? null : { commit: facts.commit, subject: (subject ?? "").trim() },
    uncommitted: facts.uncommitted,
    untracked: facts.untracked,
  };
}

/** Whoever has git check signatures in every log would otherwise wait for that, and read its outcome here. */
const SUBJECT_OF_HEAD = ["-c", "log.showSignature=false", "log", "-1", "--format=%s"];

interface Status {
  branch: string | null;
  commit: string | null;
  uncommitted: string[];
  untracked: string[];
}

/** Fields before the path in an entry of `git status --porcelain=v2`, by its first letter. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { "1": 8, "2": 9, u: 10, "?": 1 };

/** Reads `git status --porcelain=v2 --branch -z`: entries end with NUL, so names need no quoting. */
export function parseStatus(text: string): Status {
  const status: Status = { branch: null, commit: null, uncommitted: [], untracked: [] };
  const entries = text.split("\0");
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] ?? "";
    const [kind = ""] = entry;
    if (kind === "#") readHeader(entry, status);
    const path = pathOf(entry, FIELDS_BEFORE_PATH[kind]);
    if (path === null) continue;
    (kind === "?" ? status.untracked : status.uncommitted).push(path);
    if (kind === "2") index++; // a rename: the next entry is the name it had
  }
  return status;
}

function readHeader(entry: string, status: Status): void {
  const [, key, value = ""] = /^# (\S+) (.*)$/.exec(entry) ?? [];
  if (key === "branch.oid") status.commit = value === "(initial)" ? null : value;
  if (key === "branch.head") status.branch = value === "(detached)" ? null : value;
}

/** What stands behind that many fields; a path may hold spaces itself. */
function pathOf(entry: string, fields: number | undefined): string | null {
  if (fields === undefined) return null;
  const path = entry.split(" ").slice(fields).join(" ");
  return path === "" ? null : path;
}
