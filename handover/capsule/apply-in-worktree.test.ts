import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everything, treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyInWorktree } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();
/** Without the logs and objects that a removed worktree and its branch leave in git. */
const withoutObjects = (folder: string) =>
  Object.fromEntries(Object.entries(everything(folder)).filter(([path]) => !/^git (?:objects\/|worktrees)/.test(path)));

describe("resuming in a new folder", () => {
  it("leaves the repository and its uncommitted work as they are, and prints a command that undoes it", async () => {
    const pc = world.clone("it's the pc");
    world.write("src/a.txt", "changed here", pc);
    world.write("staged", "x", pc);
    world.git(pc, "add", "staged");
    world.write("untracked", "x", pc);
    world.write("src/a.txt", "changed there");
    world.write("untracked", "another");
    const before = withoutObjects(pc);
    const { applied } = await world.carryWhole(world.mac, pc);
    const after = withoutObjects(pc);
    for (const kept of ["refs", "logs/refs"]) delete after[`git ${kept}/heads/photon/resumed`];
    expect(after).toEqual(before);
    execFileSync("sh", ["-c", applied.undo], { cwd: world.folder });
    expect(withoutObjects(pc)).toEqual(before);
    expect(existsSync(applied.folder)).toBe(false);
    expect(world.git(pc, "worktree", "list").split("\n")).toHaveLength(1);
  });

  it("needs another name the second time: the same one is refused with nothing changed", async () => {
    const pc = world.clone();
    world.write("new", "x");
    const { content } = await buildCapsule(world.mac);
    await applyInWorktree(pc, content, world.target());
    const before = withoutObjects(pc);
    const again = () => applyInWorktree(pc, content, world.target());
    await expect(again()).rejects.toThrow(
      "The new folder could not be created: the branch photon/resumed exists already.",
    );
    const sameFolder = () => applyInWorktree(pc, content, { ...world.target(), branch: "photon/other" });
    await expect(sameFolder()).rejects.toThrow(/^The new folder could not be created: .*already exists/);
    expect(withoutObjects(pc)).toEqual(before);
    const second = await applyInWorktree(pc, content, world.target("second"));
    expect(treeOf(second.folder)).toEqual(treeOf(world.mac));
  });

  it("refuses invalid branch names and a folder that is not empty", async () => {
    const pc = world.clone();
    world.write("new", "x");
    const { content } = await buildCapsule(world.mac);
    const before = withoutObjects(pc);
    for (const branch of ["-D", "a..b", "with space", "x.lock", ""]) {
      await expect(applyInWorktree(pc, content, { ...world.target(), branch })).rejects.toThrow(
        "The new folder could not be created",
      );
    }
    world.write("resumed/file", "mine", world.folder);
    await expect(applyInWorktree(pc, content, world.target())).rejects.toThrow("The new folder could not be created");
    expect(withoutObjects(pc)).toEqual(before);
    expect(Object.keys(treeOf(world.target().folder))).toEqual(["file"]);
  });

  it("accepts an existing empty folder", async () => {
    const pc = world.clone();
    world.write("new", "x");
    mkdirSync(world.target().folder);
    await world.carryWhole(world.mac, pc);
  });

  it("respects a sparse checkout, but writes all of the work", async () => {
    for (const name of ["kept", "changed", "deleted"]) world.write(`elsewhere/${name}`, "x\n");
    world.commit();
    const pc = world.clone();
    world.git(pc, "sparse-checkout", "set", "src");
    world.write("elsewhere/changed", "changed\n");
    world.write("elsewhere/new", "x\n");
    world.remove("elsewhere/deleted");
    world.write("src/a.txt", "changed\n");
    const { applied } = await world.carry(world.mac, pc);
    expect(Object.keys(treeOf(applied.folder))).toEqual([
      "README.md",
      "elsewhere/changed",
      "elsewhere/new",
      "src/a.txt",
    ]);
    expect(readFileSync(join(applied.folder, "elsewhere/changed"), "utf8")).toBe("changed\n");
    expect(world.git(applied.folder, "status", "--porcelain").split("\n")).toEqual([
      " M elsewhere/changed",
      " D elsewhere/deleted",
      " M src/a.txt",
      "?? elsewhere/new",
    ]);
  });

  it("works from a worktree and from a bare repository's worktree", async () => {
    const { bare } = world.origin();
    const side = join(world.folder, "side");
    world.git(bare, "worktree", "add", "-q", side, "main");
    world.write("new", "x");
    await world.carryWhole(world.mac, side);
  });

  it("leaves the folders of submodules empty, as git does", async () => {
    world.git(world.folder, "init", "-q", "library");
    world.commit(join(world.folder, "library"));
    world.git(world.mac, "submodule", "add", "-q", join(world.folder, "library"), "library");
    world.commit();
    const { pc } = world.origin();
    world.write("new", "x");
    const { applied } = await world.carry(world.mac, pc);
    expect(Object.keys(treeOf(applied.folder))).toEqual([".gitmodules", "README.md", "new", "src/a.txt"]);
    execFileSync("sh", ["-c", applied.undo]);
    expect(existsSync(applied.folder)).toBe(false);
  });
});
