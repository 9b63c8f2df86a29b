import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { worktreeTarget } from "./worktree-target.ts";

let world: string;
let root: string;
let home: string;
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@e", ...args], { cwd: root, stdio: "pipe" });
beforeEach(() => {
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon target ")));
  [root, home] = [join(world, "parent", "app"), join(world, "home")];
  for (const folder of [root, home]) mkdirSync(folder, { recursive: true });
  vi.stubEnv("HOME", home);
  git("init", "-q", "-b", "main");
  git("commit", "-q", "--allow-empty", "-m", "one");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(world, { recursive: true, force: true });
});
const NOW = new Date(2026, 10, 29).getTime();
const target = () => worktreeTarget(root, "mac.local", NOW, { home });
const beside = (name: string) => join(world, "parent", name);

describe("the place for a new folder", () => {
  it("is next to the repository, named after the other machine and the day, and not made yet", async () => {
    const { folder, branch, problem } = await target();
    expect({ folder, branch, problem }).toEqual({
      folder: beside("app-photon-mac-local-2026-11-29"),
      branch: "photon/mac-local-2026-11-29",
      problem: null,
    });
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ["a folder", (path: string) => mkdirSync(path)],
    ["a file", (path: string) => writeFileSync(path, "x")],
    ["a link that leads nowhere", (path: string) => symlinkSync("nowhere", path)],
    [
      "a worktree that was deleted without git",
      (path: string) => {
        git("worktree", "add", "-q", "--detach", path);
        rmSync(path, { recursive: true });
      },
    ],
  ])("has another number if its name is taken by %s", async (_, take) => {
    take(beside("app-photon-mac-local-2026-11-29"));
    expect(await target()).toMatchObject({ folder: beside("app-photon-mac-local-2026-11-29-2"), problem: null });
  });

  it.each([
    ["photon/mac-local-2026-11-29", "photon/mac-local-2026-11-29-2"],
    ["Photon/Mac-Local-2026-11-29", "photon/mac-local-2026-11-29-2"],
    ["photon/mac-local-2026-11-29/fix", "photon/mac-local-2026-11-29-2"],
    ["photon", "photon-mac-local-2026-11-29"],
  ])("has a branch that git can make beside %s: %s", async (taken, branch) => {
    git("branch", taken);
    const found = await target();
    expect(found).toMatchObject({ branch, problem: null });
    git("branch", found.branch);
  });

  it("is tried only if the work is to go there", async () => {
    const changed = () => statSync(join(world, "parent")).mtimeMs;
    utimesSync(join(world, "parent"), 1_000_000, 1_000_000);
    const found = await worktreeTarget(root, "mac.local", NOW, { home, isWanted: false });
    expect(found).toMatchObject({ folder: beside("app-photon-mac-local-2026-11-29"), problem: null });
    expect(changed()).toBe(1_000_000_000);
    await target();
    expect(changed()).toBeGreaterThan(1_000_000_000);
  });

  it("has a short name if the repository's is as long as a name may be", async () => {
    const long = join(world, "parent", "ü".repeat(120));
    git("clone", "-q", root, long);
    const { folder, problem } = await worktreeTarget(long, "m".repeat(64), NOW, { home });
    expect(problem).toBeNull();
    execFileSync("git", ["worktree", "add", "-q", "--detach", folder], { cwd: long });
  });

  describe.skipIf(process.platform === "win32")("where nothing can be written next to the repository", () => {
    /** No file mode stops root, so root becomes another user for the question. */
    async function locked(find: () => ReturnType<typeof target>, folders: readonly string[]) {
      const isRoot = process.getuid?.() === 0;
      if (isRoot) execFileSync("chown", ["-R", "65534:65534", world]);
      for (const folder of folders) chmodSync(folder, 0o555);
      if (isRoot) process.seteuid?.(65534);
      try {
        return await find();
      } finally {
        if (isRoot) process.seteuid?.(0);
        for (const folder of folders) chmodSync(folder, 0o755);
      }
    }
    const parent = () => join(world, "parent");

    it("is in the home folder", async () => {
      const found = await locked(target, [parent()]);
      expect(found).toMatchObject({ folder: join(home, "app-photon-mac-local-2026-11-29"), problem: null });
    });

    it("is nowhere if the home folder cannot be written either, is missing, or is in the repository", async () => {
      expect((await locked(target, [parent(), home])).problem).toBe(
        `Neither ${parent()} nor ${home} can be written to.`,
      );
      const gone = join(world, "gone");
      const withHome = (folder: string) => () => worktreeTarget(root, "mac", NOW, { home: folder });
      expect((await locked(withHome(gone), [parent()])).problem).toBe(
        `Neither ${parent()} nor ${gone} can be written to.`,
      );
      for (const inside of [root, join(root, "sub")])
        expect((await locked(withHome(inside), [parent()])).problem).toBe(`${parent()} cannot be written to.`);
    });
  });
});
