import { execFileSync } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { type AppliedCapsule, applyInWorktree } from "../../../handover/capsule/apply/apply-capsule.ts";
import { type BuiltCapsule, buildCapsule } from "../../../handover/capsule/build/build-capsule.ts";
import { unpackCapsule } from "../../../handover/capsule/capsule-file.ts";

/** A name that a shell must quote but git need not. */
const PREFIX = "photon it's ";

/** The base environment of git in tests. */
export function environment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: home,
    TMPDIR: tmpdir(),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example",
  };
}

export type Files = Record<string, string>;

/** A folder with a repository `mac` on branch `main`, which has one commit with two files. New for each test. */
export class World {
  folder = "";

  get mac(): string {
    return join(this.folder, "mac");
  }

  /** @throws if git fails */
  git(folder: string, ...args: string[]): string {
    const [first = "", ...rest] = args;
    const settings = ["-c", "gc.auto=0", "-c", "protocol.file.allow=always"];
    return execFileSync("git", [...settings, first, ...(first === "init" ? ["--template="] : []), ...rest], {
      cwd: folder,
      encoding: "utf8",
      env: environment(this.folder),
      stdio: ["ignore", "pipe", "pipe"],
    }).replace(/\n$/, "");
  }

  /** For commands that must fail, such as a merge with a conflict. */
  gitFails(folder: string, ...args: string[]): void {
    expect(() => this.git(folder, ...args)).toThrow();
  }

  write(path: string, content: string | Buffer, folder = this.mac): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  remove(path: string, folder = this.mac): void {
    rmSync(join(folder, path), { recursive: true });
  }

  commit(folder = this.mac, message = "work"): string {
    this.git(folder, "add", "-A");
    this.git(folder, "commit", "-q", "--allow-empty", "-m", message);
    return this.git(folder, "rev-parse", "HEAD");
  }

  /** Another machine's clone of `mac` as it is now, without unreachable objects. */
  clone(name = "pc"): string {
    this.git(this.folder, "clone", "-q", "--no-local", this.mac, name);
    return join(this.folder, name);
  }

  /** A bare repository as the remote of `mac`, with all its commits, and another machine's clone of it. */
  origin(): { readonly bare: string; readonly pc: string } {
    const bare = join(this.folder, "origin.git");
    this.git(this.folder, "clone", "-q", "--bare", this.mac, bare);
    this.git(this.mac, "remote", "add", "origin", bare);
    this.git(this.mac, "fetch", "-q", "origin");
    this.git(this.folder, "clone", "-q", bare, "pc");
    return { bare, pc: join(this.folder, "pc") };
  }

  /** The folder and the branch for the work. */
  target(name = "resumed"): { readonly folder: string; readonly branch: string } {
    return { folder: join(this.folder, name), branch: `photon/${name.replaceAll(" ", "-")}` };
  }

  /** Builds a capsule and checks that the repository is unchanged. */
  async build(folder = this.mac): Promise<BuiltCapsule> {
    const before = everything(folder);
    const built = await buildCapsule(folder);
    expect(everything(folder)).toEqual(before);
    return built;
  }

  /** Builds with {@link build}, and applies into a new folder. */
  async carry(from: string, to: string): Promise<{ built: BuiltCapsule; applied: AppliedCapsule }> {
    const built = await this.build(from);
    const applied = await applyInWorktree(to, unpackCapsule(built.bytes, built.sha256), this.target());
    return { built, applied };
  }

  /** The same for work that must arrive complete: nothing left out, and both folders equal byte for byte. */
  async carryWhole(from: string, to: string): Promise<{ built: BuiltCapsule; applied: AppliedCapsule }> {
    const { built, applied } = await this.carry(from, to);
    expect(built.excluded).toEqual([]);
    expect(treeOf(applied.folder)).toEqual(treeOf(from));
    return { built, applied };
  }
}

export function useWorld(): World {
  const world = new World();
  const template = new World();
  const newFolder = () => mkdtempSync(join(realpathSync(tmpdir()), PREFIX));
  // Every `mac` is a copy of one template: copying is ten times as fast as creating it with git.
  beforeAll(() => {
    template.folder = newFolder();
    template.git(template.folder, "init", "-q", "-b", "main", "mac");
    template.write("README.md", "hello\n");
    template.write("src/a.txt", "one\ntwo\nthree\n");
    template.commit(template.mac, "first");
  });
  afterAll(() => rmSync(template.folder, { recursive: true, force: true }));
  beforeEach(() => {
    world.folder = newFolder();
    for (const [name, value] of Object.entries(environment(world.folder))) vi.stubEnv(name, value);
    cpSync(template.mac, world.mac, { recursive: true });
    world.git(world.mac, "update-index", "--refresh");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(world.folder, { recursive: true, force: true });
  });
  return world;
}

/** All files of a folder except git's own, with content, mode and link target. */
export function treeOf(folder: string, below = "", isGits = false): Files {
  const tree: Files = {};
  for (const name of readdirSync(join(folder, below)).sort()) {
    if (!isGits && name === ".git") continue;
    const path = below === "" ? name : `${below}/${name}`;
    const stats = lstatSync(join(folder, path));
    if (stats.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(folder, path))}`;
    else if (stats.isDirectory()) Object.assign(tree, treeOf(folder, path, isGits));
    else if (stats.isFile()) {
      const kind = (stats.mode & 0o100) === 0 ? "file" : "program";
      tree[path] = `${kind} ${readFileSync(join(folder, path)).toString("base64")}`;
    } else tree[path] = "no file";
  }
  return tree;
}

/** All files, including git's own: index, HEAD, refs, stash, logs, settings, objects, locks and worktrees. */
export function everything(folder: string): Files {
  const git = (option: string) =>
    execFileSync("git", ["rev-parse", "--path-format=absolute", option], { cwd: folder, encoding: "utf8" }).trim();
  const root = execFileSync("git", ["rev-parse", "--show-toplevel"], { cwd: folder, encoding: "utf8" }).trim();
  return { ...treeOf(root), ...prefixed("git ", treeOf(git("--git-common-dir"), "", true)) };
}

function prefixed(prefix: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${prefix}${path}`, content]));
}
