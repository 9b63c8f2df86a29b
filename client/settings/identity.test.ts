import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MACHINE_ID, PROJECT_NAME } from "../../contract/address.ts";
import { findRepository } from "../git/found-repository.ts";
import { machineFromHost, projectFromPath, projectFromRemote, projectOf } from "./identity.ts";

describe("the machine's name from its host name", () => {
  it.each([
    ["Bobs-MacBook-Pro.local", "Bobs-MacBook-Pro"],
    ["DESKTOP-7A1", "DESKTOP-7A1"],
    ["build_box.corp.example", "build_box"],
    ["Bob's PC", "Bob-s-PC"],
    ["büro", "bu-ro"],
    ["-edge-", "edge"],
    ["", "machine"],
    ["機械", "machine"],
  ])("makes %j into %j", (host, machine) => {
    expect(machineFromHost(host)).toBe(machine);
    expect(machine).toMatch(MACHINE_ID);
  });
});

describe("the project's name from a remote", () => {
  it.each([
    ["https://github.com/me/Photon.git", "photon"],
    ["https://github.com/me/photon", "photon"],
    ["https://github.com/me/photon/", "photon"],
    ["https://github.com/me/photon.git/", "photon"],
    ["git@github.com:me/Photon.git", "photon"],
    ["git@host:photon.git", "photon"],
    ["ssh://git@host:2222/~me/my%20app.git", "my-20app"],
    ["file:///srv/git/my app.git", "my app"],
    ["C:\\repos\\Photon.git", "photon"],
    ["\\\\server\\share\\photon", "photon"],
    ["../photon", "photon"],
    ["https://host/me/photon.git?ref=main", "photon"],
  ])("makes %j into %j", (url, project) => {
    expect(projectFromRemote(url)).toBe(project);
    expect(project).toMatch(PROJECT_NAME);
  });

  it("uses the host if a remote has no path, and is null without either", () => {
    expect(projectFromRemote("https://host/")).toBe("host");
    expect(projectFromRemote("///")).toBeNull();
  });
});

describe("the project's name from a path", () => {
  it.each([
    ["/home/bob/My Project", "My Project"],
    ["C:\\Users\\bob\\code\\photon", "photon"],
    ["C:\\Users\\bob\\code\\photon\\", "photon"],
    ["/home/bob/.dotfiles", "dotfiles"],
  ])("makes %j into %j", (path, project) => expect(projectFromPath(path)).toBe(project));
});

/** Fixed values, because all machines and versions must compute the same names. */
const EXPECTED = ["project-dfb992e6", "app-9afc042c", "naive-f86fd89d", "project-ebbc0b28"];

describe("a project in another script", () => {
  const fits = (text: string) => {
    const name = projectFromPath(text);
    expect(name).toMatch(PROJECT_NAME);
    return name;
  };

  it("has a unique name that keeps its ASCII characters", () => {
    expect(["проект", "我的app", "naïve", "🚀"].map(fits)).toEqual(EXPECTED);
    const names = ["проект", "проекты", "我的app", "他的app", "app", "naive", "naïve", "cafe", "café"].map(fits);
    expect(new Set(names).size).toBe(names.length);
  });

  it("has the same name in composed and decomposed form, in any case, from a folder or a remote, on every system", () => {
    for (const name of ["Ещё проект", "Café del Mar", "한국어", "Größe"]) {
      const folder = fits(`/home/bob/${name.normalize("NFC")}`);
      expect(fits(`/Users/bob/${name.normalize("NFD")}/`)).toBe(folder);
      expect(fits(`C:\\code\\${name}`)).toBe(folder);
      expect(projectFromRemote(`git@host:me/${name}.git`)).toBe(folder?.toLowerCase());
      expect(fits(name.toUpperCase().replace("SS", "ß"))?.toLowerCase()).toBe(folder?.toLowerCase());
    }
  });

  it("is shortened if it is long", () => {
    expect(fits(`${"a".repeat(200)}я`)).toHaveLength(100);
    expect(fits("я".repeat(500))?.length).toBeLessThan(20);
  });
});

describe("the project a folder belongs to", () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "photon identity ")));
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

  it("is named by origin, in a folder below the root and whatever the folder's name", () => {
    const root = repository("clone two");
    git(root, "remote", "add", "backup", "https://example.com/me/other.git");
    git(root, "remote", "add", "origin", "git@example.com:me/Photon.git");
    mkdirSync(join(root, "deep", "er"), { recursive: true });
    expect(projectOf(join(root, "deep", "er"))).toBe("photon");
  });

  it("is named by the first remote when there is no origin", () => {
    const root = repository("somewhere");
    git(root, "remote", "add", "upstream", "https://example.com/me/lamp.git");
    expect(projectOf(root)).toBe("lamp");
  });

  it("is named by the repository's folder when there is no remote", () => {
    const root = repository("My App");
    mkdirSync(join(root, "src"));
    expect(projectOf(join(root, "src"))).toBe("My App");
  });

  it("is the same in a worktree and on a detached HEAD", () => {
    const root = repository("main tree");
    const worktree = join(folder, "fix-branch");
    git(root, "worktree", "add", "-q", "--detach", worktree);
    expect(projectOf(worktree)).toBe("main tree");
    git(root, "remote", "add", "origin", "https://example.com/me/photon");
    expect(projectOf(worktree)).toBe("photon");
  });

  it("is named by the remote also in a config that is too large to read here", () => {
    const root = repository("somewhere");
    git(root, "remote", "add", "origin", "https://example.com/me/photon.git");
    const branches = Array.from({ length: 2_000 }, (_, i) => `[branch "topic-${i}"]\n\tremote = origin\n`);
    appendFileSync(join(root, ".git", "config"), branches.join(""));
    expect(projectOf(root)).toBe("photon");
  });

  it("is named by the folder if `.git` names a folder on another computer, which is not opened here", () => {
    const root = join(folder, "vendor");
    mkdirSync(root);
    writeFileSync(join(root, ".git"), "gitdir: //127.0.0.1/share/x\n");
    expect(findRepository(root)).toEqual({ root, main: root, config: null });
    expect(projectOf(root)).toBe("vendor");
  });

  it("is named by a repository's folder or remote in another script", () => {
    const root = repository("проект");
    const [ofFolder] = EXPECTED;
    expect(projectOf(root)).toBe(ofFolder);
    git(root, "remote", "add", "origin", "git@example.com:me/проект.git");
    expect(projectOf(root)).toBe(ofFolder);
  });

  it("is named by the folder itself outside git", () => {
    const plain = join(folder, "notes 2026");
    mkdirSync(plain);
    expect(projectOf(plain)).toBe("notes 2026");
  });

  it("is null in the home folder and in a root folder, and a missing folder still has its name", () => {
    expect(projectOf(homedir())).toBeNull();
    expect(projectOf("/")).toBeNull();
    expect(projectOf(join(folder, "gone"))).toBe("gone");
  });
});
