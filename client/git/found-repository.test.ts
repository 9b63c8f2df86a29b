import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRepository, hasIncludes, remoteIn } from "./found-repository.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "photon found ")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd, stdio: "pipe" });
const repository = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  git(path, "init", "-q");
  git(path, "commit", "-q", "--allow-empty", "-m", "first");
  return path;
};

describe("a repository found without git", () => {
  it("is found from its root, from a folder below, from a link to one, and from a folder that was deleted", () => {
    const root = repository("app");
    const below = join(root, "deep", "er");
    mkdirSync(below, { recursive: true });
    symlinkSync(below, join(folder, "link"));
    for (const from of [root, below, join(folder, "link"), join(below, "gone", "gone")])
      expect(findRepository(from)).toMatchObject({ root, main: root });
    expect(findRepository(folder)).toBeNull();
  });

  it("of a linked worktree is the main one, also if that is not on this computer", () => {
    const main = repository("main tree");
    const root = join(folder, "fox");
    git(main, "worktree", "add", "-q", root);
    expect(findRepository(root)).toMatchObject({ root, main, config: expect.stringContaining("[core]") });
    rmSync(main, { recursive: true });
    expect(findRepository(root)).toEqual({ root, main, config: null });
  });

  it("of a submodule has the submodule's own remote", () => {
    const library = repository("library");
    const app = repository("app");
    git(app, "-c", "protocol.file.allow=always", "submodule", "add", "-q", library, "vendored");
    expect(remoteIn(findRepository(join(app, "vendored"))?.config ?? "")).toBe(library);
  });

  it("is not an empty .git, and its config is not read from a pipe, which would never end", () => {
    const root = repository("app");
    mkdirSync(join(root, "below", ".git"), { recursive: true });
    expect(findRepository(join(root, "below"))?.root).toBe(root);
    if (process.platform === "win32") return;
    rmSync(join(root, ".git", "config"));
    execFileSync("mkfifo", [join(root, ".git", "config")]);
    expect(findRepository(root)).toEqual({ root, main: root, config: null });
  });
});

describe("the remote in a config", () => {
  it.each([
    ["git's own form", '[remote "origin"]\n\turl = git@host:me/app.git\n\tfetch = +x\n', "git@host:me/app.git"],
    ["Windows line ends", '[remote "origin"]\r\n\turl = https://host/me/app\r\n', "https://host/me/app"],
    ["origin after another", '[remote "up"]\nurl = a\n[remote "origin"]\nurl = b\n', "b"],
    ["the first without origin", '[remote "up"]\nurl = a\n[remote "two"]\nurl = b\n', "a"],
    ["other case and no spaces", '[REMOTE "origin"]\nURL=b\n', "b"],
    ["the older form", "[remote.origin]\nurl = b\n", "b"],
    ["one line", '[remote "origin"] url = b\n', "b"],
    ["quotes, escapes and a comment", '[remote "origin"]\nurl = "https://h/a#b.git" ; mine\n', "https://h/a#b.git"],
    ["its push URL", '[remote "origin"]\npushurl = x\nurl = b\n', "b"],
    ["a section of another kind", '[branch "origin"]\nurl = x\n', null],
  ])("is read with %s", (_, config, url) => expect(remoteIn(config)).toBe(url));

  it("equals what git reads", () => {
    const root = repository("app");
    for (const url of ["https://host/me/a b.git", 'file:///x/"quoted"/a;b#c', "C:\\code\\app"]) {
      git(root, "config", "remote.origin.url", url);
      expect(remoteIn(findRepository(root)?.config ?? "")).toBe(url);
    }
  });

  it("may be in another file", () => {
    expect(hasIncludes("[core]\nx = 1\n")).toBe(false);
    expect(hasIncludes("[include]\npath = other\n")).toBe(true);
    expect(hasIncludes('[includeIf "gitdir:~/work/"]\npath = other\n')).toBe(true);
  });
});
