import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { factsFromGit, type GitFacts } from "./facts-from-git.ts";
import { parseStatus } from "./parse-status.ts";

let folder: string;
/** The repository. */
let root: string;
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
const write = (path: string, text: string) => writeFileSync(join(root, path), text);

const NOTHING: Omit<GitFacts, "root"> = {
  branch: null,
  head: null,
  upstream: null,
  remote: null,
  unpushed: [],
  uncommitted: [],
  conflicts: [],
  untracked: [],
  submodules: [],
  isLinkedWorktree: false,
  inProgress: null,
};

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "photon git ")));
  root = join(folder, "the repository");
  mkdirSync(root);
  git("init", "-q", "-b", "main");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const commit = (subject: string) => {
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", subject);
};

describe("factsFromGit", () => {
  it("reads the branch, the commit and the uncommitted files, from a subfolder", () => {
    write("kept.txt", "a\n");
    write("my file.txt", "a\n");
    write("old name.txt", "some text that is long enough to be known again\n");
    commit("First: “ümlaut”");
    git("switch", "-q", "-c", "feature/x");
    write("my file.txt", "b\n");
    renameSync(join(root, "old name.txt"), join(root, "new näme.txt"));
    git("add", "-A");
    write("untracked\tfile.txt", "");
    mkdirSync(join(root, "deep", "er"), { recursive: true });
    write("deep/er/one.txt", "");
    write("deep/er/two.txt", "");
    expect(factsFromGit(join(root, "deep", "er"))).toEqual({
      ...NOTHING,
      root,
      branch: "feature/x",
      head: { commit: git("rev-parse", "HEAD"), subject: "First: “ümlaut”" },
      unpushed: ["First: “ümlaut”"],
      uncommitted: ["my file.txt", "new näme.txt"],
      untracked: ["deep/", "untracked\tfile.txt"],
    });
  });

  it("has no commit before the first one", () => {
    write("new.txt", "");
    expect(factsFromGit(root)).toEqual({ ...NOTHING, root, branch: "main", untracked: ["new.txt"] });
  });

  it("has no branch on a detached HEAD", () => {
    commit("one");
    git("switch", "-q", "--detach");
    expect(factsFromGit(root)).toMatchObject({ branch: null, head: { subject: "one" } });
  });

  it("counts a conflict as uncommitted", () => {
    write("a b.txt", "base\n");
    commit("base");
    git("switch", "-q", "-c", "other");
    write("a b.txt", "theirs\n");
    commit("theirs");
    git("switch", "-q", "main");
    write("a b.txt", "ours\n");
    commit("ours");
    expect(() => git("merge", "-q", "other")).toThrow();
    expect(factsFromGit(root)).toMatchObject({
      uncommitted: ["a b.txt"],
      conflicts: ["a b.txt"],
      inProgress: "merge",
    });
    git("merge", "--abort");
    expect(() => git("rebase", "-q", "other")).toThrow();
    expect(factsFromGit(root)).toMatchObject({ branch: null, inProgress: "rebase" });
  });

  it("knows which commits are pushed, and how far the branch and its upstream have diverged", () => {
    commit("one");
    const remote = join(folder, "remote.git");
    git("clone", "-q", "--bare", root, remote);
    git("remote", "add", "origin", remote);
    git("fetch", "-q");
    git("branch", "-q", "--set-upstream-to=origin/main");
    expect(factsFromGit(root)).toMatchObject({
      remote: { name: "origin", url: remote },
      unpushed: [],
      head: { subject: "one" },
      upstream: { name: "origin/main", ahead: 0, behind: 0 },
    });
    commit("two");
    git("push", "-q");
    git("reset", "-q", "--hard", "HEAD~1");
    commit("three");
    commit("four");
    expect(factsFromGit(root)).toMatchObject({
      unpushed: ["four", "three"],
      upstream: { name: "origin/main", ahead: 2, behind: 1 },
    });
    rmSync(remote, { recursive: true });
  });

  it.each([
    ["a folder of this machine", "backup"],
    ["a fork that the branch follows", "fork"],
  ])("counts commits as unpushed that only %s has", (_, name) => {
    const other = join(folder, "other.git");
    commit("one");
    git("clone", "-q", "--bare", root, join(folder, "remote.git"));
    git("clone", "-q", "--bare", root, other);
    git("remote", "add", name, other);
    git("remote", "add", "origin", join(folder, "remote.git"));
    git("fetch", "-q", "origin");
    commit("two");
    git("push", "-q", ...(name === "fork" ? ["-u"] : []), name, "HEAD:main");
    expect(factsFromGit(root)).toMatchObject({ remote: { name: "origin" }, unpushed: ["two"] });
    git("push", "-q", "origin", "main");
    expect(factsFromGit(root)?.unpushed).toEqual([]);
    // A remote of which nothing was ever fetched says nothing.
    git("remote", "set-url", name, "https://git.example/me/photon.git");
    git("remote", "rename", "origin", "usb");
    git("remote", "add", "origin", "https://git.example/new/photon.git");
    expect(factsFromGit(root)).toMatchObject({ remote: { name }, unpushed: [] });
  });

  it("leaves out the password in a remote's URL", () => {
    commit("one");
    git("remote", "add", "backup", `https://me:${"s3cret"}@git.example/me/photon.git`);
    expect(factsFromGit(root)?.remote?.url).toBe("https://git.example/me/photon.git");
    git("remote", "add", "origin", "git@git.example:me/photon.git");
    expect(factsFromGit(root)?.remote?.url).toBe("git@git.example:me/photon.git");
    git("remote", "set-url", "origin", `https://me:${"with@sign"}@git.example/me/photon.git`);
    expect(factsFromGit(root)?.remote?.url).toBe("https://git.example/me/photon.git");
  });

  it("detects a linked worktree and a changed submodule", () => {
    commit("one");
    git("-c", "protocol.file.allow=always", "submodule", "-q", "add", root, "lib");
    commit("two");
    writeFileSync(join(root, "lib", "new.txt"), "x");
    expect(factsFromGit(root)).toMatchObject({ submodules: ["lib"], isLinkedWorktree: false });
    const beside = `${root} beside`;
    git("worktree", "add", "-q", "-b", "side", beside);
    expect(factsFromGit(beside)).toMatchObject({ root: beside, branch: "side", isLinkedWorktree: true });
    rmSync(beside, { recursive: true });
  });

  it("does not run git when no time is left", () => {
    commit("one");
    expect(factsFromGit(root, 0)).toBeNull();
  });

  it("changes nothing, not even the index, which git would refresh", () => {
    write("a.txt", "a\n");
    commit("one");
    utimesSync(join(root, "a.txt"), 1, 1); // makes git want to refresh it
    const state = () => {
      const [index, log] = [join(root, ".git", "index"), join(root, ".git", "logs", "HEAD")];
      const { ino, mtimeMs } = statSync(index);
      return {
        index: readFileSync(index),
        ino,
        mtimeMs,
        log: readFileSync(log),
        files: readdirSync(join(root, ".git")),
      };
    };
    const before = state();
    expect(factsFromGit(root)?.uncommitted).toEqual([]);
    expect(state()).toEqual(before);
    git("status"); // proof that git itself would: this call may write
    expect(state()).not.toEqual(before);
  });

  it("is null outside a repository and in a folder that does not exist", () => {
    const outside = mkdtempSync(join(tmpdir(), "photon none "));
    expect(factsFromGit(outside)).toBeNull();
    rmSync(outside, { recursive: true });
    expect(factsFromGit(outside)).toBeNull();
  });
});

describe("parseStatus", () => {
  const pathsIn = (printed: string) =>
    parseStatus(Buffer.from(printed)).entries.map(({ kind, path }) => `${kind} ${path}`);

  it("does not take the name a file had for an entry", () => {
    const renamed = "2 R. N... 100644 100644 100644 1a2b 1a2b R100 new name.txt\0? old name.txt\0? untracked.txt\0";
    expect(pathsIn(renamed)).toEqual(["2 new name.txt", "? untracked.txt"]);
  });

  it("skips what it does not know", () => {
    expect(pathsIn("# branch.new thing\0! ignored\0x\0? a\0")).toEqual(["? a"]);
  });
});
