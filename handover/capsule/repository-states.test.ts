import { execFileSync } from "node:child_process";
import { chownSync, existsSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyInWorktree } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();

/** Two branches that changed the same line. */
function conflicting() {
  world.git(world.mac, "checkout", "-q", "-b", "other");
  world.write("src/a.txt", "other\n");
  world.write("others", "x");
  world.commit(world.mac, "other");
  world.git(world.mac, "checkout", "-q", "main");
  world.write("src/a.txt", "main\n");
  world.commit(world.mac, "main");
}

describe("a capsule is built and the work arrives complete,", () => {
  it("before the first commit", async () => {
    const unborn = join(world.folder, "unborn");
    world.git(world.folder, "init", "-q", unborn);
    world.write("first", "x", unborn);
    world.write("staged", "x", unborn);
    world.git(unborn, "add", "staged");
    const { built } = await world.carryWhole(unborn, world.clone());
    expect(built.content).toMatchObject({ base: null, bundle: null });
  });

  it("at a detached HEAD", async () => {
    const pc = world.clone();
    world.git(world.mac, "checkout", "-q", "--detach");
    world.write("work", "x");
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.content.branch).toBeNull();
  });

  it("in the middle of a merge with conflicts", async () => {
    conflicting();
    const pc = world.clone();
    world.gitFails(world.mac, "merge", "other");
    const { applied } = await world.carryWhole(world.mac, pc);
    expect(readFileSync(join(applied.folder, "src/a.txt"), "utf8")).toContain("<<<<<<<");
  });

  it("in the middle of a rebase", async () => {
    conflicting();
    const pc = world.clone();
    world.gitFails(world.mac, "rebase", "other");
    world.write("beside", "x");
    await world.carryWhole(world.mac, pc);
  });

  it("in the middle of a cherry-pick, with a partly resolved conflict", async () => {
    conflicting();
    const pc = world.clone();
    world.gitFails(world.mac, "cherry-pick", "other");
    world.write("src/a.txt", "both\n");
    world.git(world.mac, "add", "src/a.txt");
    world.write("src/a.txt", "both, really\n");
    await world.carryWhole(world.mac, pc);
  });

  it("in a worktree, and from a folder within it", async () => {
    const pc = world.clone();
    const side = join(world.folder, "side");
    world.git(world.mac, "worktree", "add", "-q", "-b", "side", side);
    world.write("work", "x", side);
    world.write("src/deep/work", "x", side);
    const { built, applied } = await world.carry(join(side, "src/deep"), join(pc, "src"));
    expect(built.excluded).toEqual([]);
    expect(treeOf(applied.folder)).toEqual(treeOf(side));
  });

  it.each([
    ["cone", ["--cone", "src"]],
    ["patterns", ["--no-cone", "/src/", "/work"]],
  ])("in a sparse checkout by %s, without deleting its other files", async (_, pattern) => {
    world.write("elsewhere/x", "x");
    world.write("elsewhere/y", "y");
    world.commit();
    const pc = world.clone();
    world.git(world.mac, "sparse-checkout", "set", ...pattern);
    expect(existsSync(join(world.mac, "elsewhere"))).toBe(false);
    world.write("work", "x");
    world.write("src/a.txt", "x");
    world.write("elsewhere/new", "x");
    const { built, applied } = await world.carry(world.mac, pc);
    expect(built.files).toEqual(["elsewhere/new", "src/a.txt", "work"]);
    expect(treeOf(applied.folder)).toEqual({ ...treeOf(pc), ...treeOf(world.mac) });
  });

  it("from and in a shallow clone", async () => {
    world.write("second", "x");
    world.commit();
    const { bare } = world.origin();
    for (const name of ["shallow mac", "shallow pc"]) {
      world.git(world.folder, "clone", "-q", "--depth=1", `file://${bare}`, name);
    }
    const from = join(world.folder, "shallow mac");
    world.write("committed", "x", from);
    world.commit(from);
    world.write("work", "x", from);
    const { built } = await world.carryWhole(from, join(world.folder, "shallow pc"));
    expect(built.commits).toBe(1);
  });

  it("from and in a partial clone", async () => {
    world.write("other/big", "x".repeat(5_000));
    world.commit();
    const { bare } = world.origin();
    world.git(bare, "config", "uploadpack.allowFilter", "true");
    for (const name of ["partial mac", "partial pc"]) {
      const filter = ["--filter=blob:none", "--no-checkout"];
      world.git(world.folder, "clone", "-q", ...filter, `file://${bare}`, name);
      world.git(join(world.folder, name), "sparse-checkout", "set", "src");
      world.git(join(world.folder, name), "checkout", "-q", "main");
    }
    const from = join(world.folder, "partial mac");
    world.write("src/a.txt", "work", from);
    world.write("src/new", "work", from);
    const { built, applied } = await world.carry(from, join(world.folder, "partial pc"));
    expect(built.files).toEqual(["src/a.txt", "src/new"]);
    expect(treeOf(applied.folder)).toMatchObject(treeOf(from));
  });

  it("around submodules: dirty, updated and added ones stay", async () => {
    for (const name of ["library", "second library"]) {
      world.git(world.folder, "init", "-q", name);
      world.write("x", "x", join(world.folder, name));
      world.commit(join(world.folder, name));
    }
    const at = (name: string) => join(world.folder, name);
    world.git(world.mac, "submodule", "add", "-q", at("library"), "dirty");
    world.git(world.mac, "submodule", "add", "-q", at("library"), "moved");
    world.commit();
    const { pc } = world.origin();
    world.git(world.mac, "submodule", "add", "-q", at("second library"), "added");
    world.write("dirty/x", "changed");
    world.write("moved/x", "changed");
    world.commit(join(world.mac, "moved"));
    world.write("work", "x");
    const { built, applied } = await world.carry(world.mac, pc);
    expect(built.files).toEqual(["work"]);
    expect(built.excluded.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      ".gitmodules: it holds the addresses of submodules",
      "added: it is a repository of its own",
      "dirty: it is a repository of its own",
      "moved: it is a repository of its own",
    ]);
    expect(treeOf(applied.folder)).toEqual({ ...treeOf(pc), work: treeOf(world.mac).work });
  });

  it("in folders with line breaks, quotes and a dollar sign in their names, from a subfolder", async () => {
    const pc = world.clone('the\n"pc" $HOME');
    const mac = join(world.folder, "the\nmac's");
    renameSync(world.mac, mac);
    world.write("src/work", "x", mac);
    const { applied } = await world.carry(join(mac, "src"), join(pc, "src"));
    expect(treeOf(applied.folder)).toEqual(treeOf(mac));
    execFileSync("sh", ["-c", applied.undo]);
    expect(world.git(pc, "branch", "--list")).toBe("* main");
  });

  it("when files were touched but not changed, which git would record in the index", async () => {
    const pc = world.clone();
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(world.mac, "README.md"), later, later);
    world.write("work", "x");
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.files).toEqual(["work"]);
  });

  it("while the index is locked by someone else", async () => {
    const pc = world.clone();
    world.write("work", "x");
    writeFileSync(join(world.mac, ".git/index.lock"), "");
    await world.carryWhole(world.mac, pc);
  });
});

describe("there is no capsule but a sentence that says why,", () => {
  it("in a folder that is not in a repository, or does not exist", async () => {
    await expect(buildCapsule(world.folder)).rejects.toThrow("This folder is not in a git repository.");
    await expect(buildCapsule(join(world.folder, "nowhere"))).rejects.toMatchObject({ name: "NoCapsule" });
  });

  it("in a bare repository, and in git's own folder", async () => {
    const { bare } = world.origin();
    for (const folder of [bare, join(world.mac, ".git")]) {
      await expect(buildCapsule(folder)).rejects.toThrow("bare git repository");
    }
  });

  it.runIf(process.getuid?.() === 0)("in another user's folder, which git does not trust", async () => {
    const other = world.clone("others");
    world.write("work", "x", other);
    for (const path of [other, join(other, ".git")]) chownSync(path, 12_345, 12_345);
    await expect(buildCapsule(other)).rejects.toThrow("Git does not trust this folder");
    const content = { base: null, branch: null, patch: Buffer.alloc(0), bundle: null };
    await expect(applyInWorktree(other, content, world.target())).rejects.toThrow("Git does not trust this folder");
  });

  it("when the index is damaged", async () => {
    writeFileSync(join(world.mac, ".git/index"), "no index");
    const before = everythingOf(world.mac);
    await expect(buildCapsule(world.mac)).rejects.toMatchObject({ name: "NoCapsule" });
    expect(everythingOf(world.mac)).toEqual(before);
  });
});

function everythingOf(folder: string) {
  return treeOf(folder, "", true);
}
