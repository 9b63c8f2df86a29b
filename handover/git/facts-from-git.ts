import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { git } from "../../client/git/git.ts";
import { dirtySubmodules } from "./dirty-submodules.ts";
import { parseStatus, type StatusEntry } from "./parse-status.ts";
import { anyBranchOf, bySharing, notOn, type Remote, remotesAmong } from "./shared-remote.ts";

/** The state of a session's folder in git. Paths are relative to the root. */
export interface GitFacts {
  /** The repository's root folder, with `/` as the separator on every system. */
  readonly root: string;
  /** null if HEAD is detached. */
  readonly branch: string | null;
  /** null before the first commit. */
  readonly head: { readonly commit: string; readonly subject: string } | null;
  /** The tracked branch. `ahead` and `behind` count commits as of the last fetch. */
  readonly upstream: { readonly name: string; readonly ahead: number; readonly behind: number } | null;
  /** The remote that other machines most likely have, its URL without user name and password. */
  readonly remote: Remote | null;
  /** Subjects of commits that this remote lacked at the last fetch, newest first, at most 20. */
  readonly unpushed: readonly string[];
  /** Tracked files with uncommitted changes, in git's order, conflicts included. */
  readonly uncommitted: readonly string[];
  readonly conflicts: readonly string[];
  /** Untracked files that are not ignored. A folder with only such files is listed in their place, with a `/` at its end. */
  readonly untracked: readonly string[];
  /** Submodules that differ from the index. */
  readonly submodules: readonly string[];
  /** Whether this is an additional work tree, made by `git worktree add`. */
  readonly isLinkedWorktree: boolean;
  /** The operation that git has started and not finished, such as a merge with conflicts. */
  readonly inProgress: Operation | null;
}

type Operation = "merge" | "rebase" | "cherry-pick" | "revert" | "bisect";

const MAX_UNPUSHED = 20;

/** Limit for all git commands together, because a session that ends has 1.5 s in all. Usually they take 30 ms. */
const BUDGET_MS = 700;

/** @returns null if the folder is not in a repository, or git is missing or does not answer in time */
export function factsFromGit(folder: string, budgetMs: number = BUDGET_MS): GitFacts | null {
  const end = performance.now() + budgetMs;
  const ask = (cwd: string, args: readonly string[]) => git(cwd, args, end - performance.now());

  const places = ask(folder, ["rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir"]);
  const [root, gitFolder = "", commonFolder = ""] = (places ?? "").split(/\r?\n/);
  if (!root) return null;
  let listing = "";
  const keep = (settings: string) => {
    listing = settings;
  };
  const printed = git(root, STATUS, end - performance.now(), keep);
  if (printed === null) return null;
  const { commit, branch, upstream, entries } = parseStatus(Buffer.from(printed));
  const paths = (isMeant: (entry: StatusEntry) => boolean) =>
    entries.filter(isMeant).map(({ path }) => path.toString());
  const dirty = dirtySubmodules(root, () => end - performance.now());
  const remotes = bySharing(remotesAmong(listing), upstream?.name.split("/")[0] ?? null);
  const known = remotes.length > 1 ? remotes.find((each) => Boolean(ask(root, anyBranchOf(each)))) : remotes[0];
  const remote = known ?? remotes[0] ?? null;
  const unpushed = commit === null ? [] : lines(ask(root, [...UNPUSHED, ...notOn(known ?? null)]));
  // When everything is pushed, the subject of HEAD is not in this list.
  const [subject = ""] = unpushed.length > 0 || commit === null ? unpushed : lines(ask(root, HEAD_ALONE));
  return {
    root,
    branch,
    uncommitted: [...new Set([...paths(({ kind }) => kind !== "?"), ...dirty])],
    conflicts: paths(({ kind }) => kind === "u"),
    untracked: paths(({ kind }) => kind === "?"),
    submodules: [...new Set([...paths(({ isSubmodule }) => isSubmodule), ...dirty])],
    upstream,
    head: commit === null ? null : { commit, subject },
    remote: remote && { ...remote, url: remote.url.replace(/^([a-z+]+:\/\/)[^/]*@/i, "$1") },
    unpushed,
    isLinkedWorktree: resolve(folder, commonFolder) !== resolve(gitFolder),
    inProgress: operationIn(gitFolder),
  };
}

const STATUS = ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal"];
const LOG = ["log", "--no-color", "--format=%s"];
const UNPUSHED = [...LOG, `--max-count=${MAX_UNPUSHED}`, "HEAD"];
const HEAD_ALONE = [...LOG, "--max-count=1", "HEAD"];

function lines(printed: string | null): string[] {
  return (printed ?? "").split(/\r?\n/).filter(Boolean);
}

/** Files in git's folder that show an unfinished operation. */
const OPERATIONS: readonly (readonly [file: string, operation: Operation])[] = [
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"],
];

/** @returns null if nothing is in progress */
export function operationIn(gitFolder: string): Operation | null {
  return OPERATIONS.find(([file]) => existsSync(join(gitFolder, file)))?.[1] ?? null;
}
