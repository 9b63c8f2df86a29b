import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { git } from "../../client/git/git.ts";
import type { GitFacts } from "./facts-from-git.ts";

/** What git and the disk say has changed since a session began, whatever changed it. */
export interface ChangesSince {
  /** Relative to the root, newest first; a folder of untracked files has a `/` at its end. */
  readonly files: readonly GitChange[];
  /** Commits made in this work tree in the session's time, oldest first. */
  readonly commits: readonly { readonly id: string; readonly subject: string }[];
}

export interface GitChange {
  readonly path: string;
  readonly change: "created" | "edited" | "deleted";
}

/** More are not looked at: a build may leave thousands. */
const MAX_FILES = 300;
const MAX_COMMITS = 30;
/** A session with much work left has little time for it. */
const BUDGET_MS = 300;
/** The last lines of a transcript may be a little older than the commit they report. */
const LATE_MS = 60_000;

/**
 * @param startedAt - milliseconds since 1970
 * @param endedAt - commits made later are not the session's
 */
export function changesSince(facts: GitFacts, startedAt: number, endedAt: number): ChangesSince {
  const { commits, files: committed } =
    facts.head === null ? NONE : commitsIn(facts.root, startedAt, endedAt + LATE_MS);
  const open = [
    ...facts.uncommitted.map((path) => ({ path, isTracked: true })),
    ...facts.untracked.map((path) => ({ path, isTracked: false })),
  ].slice(0, MAX_FILES);
  const changed = open.flatMap(({ path, isTracked }) => {
    const time = timeOf(join(facts.root, path));
    if ((time ?? timeOf(join(facts.root, path, "..")) ?? 0) < startedAt) return [];
    const change = time === null ? "deleted" : isTracked ? "edited" : "created";
    return [{ path, change, time: time ?? 0 } as const];
  });
  const newest = [...changed].sort((a, b) => b.time - a.time).map(({ path, change }): GitChange => ({ path, change }));
  const known = new Set(newest.map(({ path }) => path));
  return { commits, files: [...newest, ...committed.filter(({ path }) => !known.has(path))] };
}

const NONE: ChangesSince = { files: [], commits: [] };
const LETTERS: Readonly<Record<string, GitChange["change"]>> = {
  A: "created",
  M: "edited",
  D: "deleted",
  R: "created",
  C: "created",
  T: "edited",
};

/** From the log of HEAD, which has only what happened in this work tree: not the commits of others that it pulled. */
function commitsIn(root: string, startedAt: number, until: number): ChangesSince {
  const args = [
    "log",
    "-g",
    `--max-count=${MAX_COMMITS}`,
    `--since=@${Math.floor(startedAt / 1000)}`,
    "--name-status",
    "-z",
  ];
  const printed = git(root, [...args, "--format=%x01%h%x02%ct%x02%gs%x02%s", "HEAD"], BUDGET_MS) ?? "";
  const entries = printed
    .split("\u0001")
    .slice(1)
    .map((entry) => {
      const [head = "", ...status] = entry.split("\0");
      const [id = "", time = "", action = "", subject = ""] = head.split("\u0002");
      return { id, time: Number(time) * 1000, action, subject: subject.trim(), status };
    });
  const found: (typeof entries)[number][] = [];
  let replaced = 0;
  for (const entry of entries) {
    if (!/^(?:commit|cherry-pick|revert)/.test(entry.action)) {
      const [, back] = /moving to HEAD(?:~(\d*)|\^)/.exec(entry.action) ?? [];
      if (/moving to HEAD[~^]/.test(entry.action)) replaced += Number(back || 1);
      continue;
    }
    if (replaced > 0) replaced--;
    else if (entry.time >= startedAt - 1_000 && entry.time <= until) found.push(entry);
    if (/^commit \(amend\)/.test(entry.action)) replaced++;
  }
  return {
    commits: found.map(({ id, subject }) => ({ id, subject })).reverse(),
    files: filesIn(found.flatMap(({ status }) => status)),
  };
}

/** From `M`, `path`, `R100`, `old`, `new` …; the newest commit's word counts, but a file that one created is new. */
function filesIn(status: readonly string[]): GitChange[] {
  const files = new Map<string, GitChange["change"]>();
  for (let at = 0; at < status.length; at++) {
    const change = LETTERS[status[at]?.trim().charAt(0) ?? ""];
    if (change === undefined || !/^\s*[A-Z]\d*$/.test(status[at] ?? "")) continue;
    if (/^\s*[RC]/.test(status[at] ?? "")) at++;
    const path = status[++at] ?? "";
    const newer = files.get(path);
    files.set(path, newer === undefined ? change : change === "created" && newer === "edited" ? "created" : newer);
  }
  return [...files].map(([path, change]) => ({ path, change }));
}

/** When a file changed, or the newest entry of a folder; null if it is not there. */
function timeOf(path: string): number | null {
  try {
    const { mtimeMs } = statSync(path);
    if (!path.endsWith("/")) return mtimeMs;
    const inside = readdirSync(path)
      .slice(0, MAX_ENTRIES)
      .map((name) => statSync(join(path, name)).mtimeMs);
    return Math.max(mtimeMs, ...inside);
  } catch {
    return null;
  }
}

const MAX_ENTRIES = 50;
