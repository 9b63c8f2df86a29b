import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changesSince } from "./changes-since.ts";
import { factsFromGit } from "./facts-from-git.ts";

/** The session begins now; everything before it is a day older. */
const NOW = Date.now();
const DAY_MS = 24 * 60 * 60 * 1000;

let root: string;
const git = (args: string[], at = NOW + 1_000) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: "pipe",
    env: { ...process.env, GIT_AUTHOR_DATE: date(at), GIT_COMMITTER_DATE: date(at) },
  });
const date = (at: number) => `@${Math.floor(at / 1000)} +0000`;
const write = (path: string, at = NOW + 1_000) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), String(at));
  utimesSync(join(root, path), at / 1000, at / 1000);
};
const commit = (subject: string, at?: number) => git(["commit", "-qam", subject], at);
const changes = (endedAt = NOW + 10_000) => {
  const facts = factsFromGit(root);
  if (facts === null) throw new Error("This is no repository.");
  return changesSince(facts, NOW, endedAt);
};

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "photon since ")));
  git(["init", "-q", "-b", "main"]);
  for (const path of ["a.ts", "b.ts", "c.ts"]) write(path, NOW - DAY_MS);
  git(["add", "."]);
  commit("Before", NOW - DAY_MS);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("what git says has changed since a session began", () => {
  it("is nothing of what was there before", () => {
    write("a.ts", NOW - DAY_MS / 2);
    write("old and new.md", NOW - DAY_MS / 2);
    expect(changes()).toEqual({ files: [], commits: [] });
  });

  it("is what changed, appeared or went away in the work tree, newest first", () => {
    write("a.ts", NOW + 3_000);
    write("made.md", NOW + 2_000);
    write("research/one.md", NOW + 1_000);
    rmSync(join(root, "c.ts"));
    expect(changes().files).toMatchObject([
      { path: expect.any(String) },
      { path: expect.any(String) },
      { path: expect.any(String) },
      { path: "c.ts", change: "deleted" },
    ]);
    expect(new Set(changes().files.map(({ path, change }) => `${change} ${path}`))).toEqual(
      new Set(["edited a.ts", "created made.md", "created research/", "deleted c.ts"]),
    );
  });

  it("is what was committed in its time, with the files", () => {
    write("a.ts");
    commit("Edit");
    write("new.ts");
    git(["add", "."]);
    commit("Add");
    git(["mv", "b.ts", "moved.ts"]);
    commit("Move");
    const { commits, files } = changes();
    expect(commits.map(({ subject }) => subject)).toEqual(["Edit", "Add", "Move"]);
    expect(files).toEqual(
      expect.arrayContaining([
        { path: "a.ts", change: "edited" },
        { path: "new.ts", change: "created" },
        { path: "moved.ts", change: "created" },
      ]),
    );
  });

  it("leaves out commits that were amended, undone or made later, and those of others", () => {
    write("a.ts");
    commit("First");
    git(["commit", "-q", "--amend", "-m", "Amended"]);
    write("b.ts");
    commit("Undone");
    git(["reset", "-q", "--hard", "HEAD~1"]);
    git(["checkout", "-q", "-b", "theirs", "HEAD~1"]);
    git(["commit", "-q", "--allow-empty", "-m", "Of the evening"], NOW + DAY_MS);
    expect(changes().commits.map(({ subject }) => subject)).toEqual(["Amended"]);
  });

  it("is empty in a repository without commits", () => {
    rmSync(join(root, ".git"), { recursive: true });
    git(["init", "-q"]);
    expect(changes().commits).toEqual([]);
  });
});
