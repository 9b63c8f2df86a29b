import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sessionFolder } from "./session-folder.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "photon session ")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const made = (...parts: string[]) => {
  const path = join(folder, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
};

describe("the folder of a session", () => {
  it("is its working directory in a repository, such as a worktree that it entered", () => {
    const main = made("main");
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: main });
    git("init", "-q");
    git("commit", "-q", "--allow-empty", "-m", "first");
    const worktree = join(main, ".claude", "worktrees", "fox");
    git("worktree", "add", "-q", worktree);
    expect(sessionFolder(worktree, main)).toBe(worktree);
    expect(sessionFolder(made("main", "src"), main)).toBe(join(main, "src"));
  });

  it("is the client's project folder while its working directory is in another repository, such as a submodule", () => {
    const main = made("main");
    const other = made("main", "vendor");
    for (const cwd of [main, other]) execFileSync("git", ["init", "-q"], { cwd });
    expect(sessionFolder(other, main)).toBe(main);
  });

  it("is the client's project folder while its working directory is in no repository", () => {
    expect(sessionFolder(made("notes", "deep"), made("notes"))).toBe(join(folder, "notes"));
  });

  it("is the client's project folder after the worktree was removed, and a removed folder only without another", () => {
    const gone = join(folder, "gone");
    expect(sessionFolder(gone, made("main"))).toBe(join(folder, "main"));
    expect(sessionFolder(gone, undefined)).toBe(gone);
    expect(sessionFolder(gone, join(folder, "gone too"))).toBe(gone);
    expect(sessionFolder(null, made("main"))).toBe(join(folder, "main"));
    expect(sessionFolder(null, undefined)).toBeNull();
  });
});
