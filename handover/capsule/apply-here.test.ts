import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everything, treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyHere, planCapsule } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();
/** Files, index, branch, HEAD, status, stash: what a person can see. */
const visible = (folder: string) => ({
  files: treeOf(folder),
  index: world.git(folder, "ls-files", "-s", "-t"),
  head: world.git(folder, "symbolic-ref", "HEAD"),
  refs: world.git(folder, "for-each-ref"),
  status: world.git(folder, "status", "--porcelain", "--untracked-files=all"),
  worktrees: world.git(folder, "worktree", "list"),
});

function everyKindOfWork() {
  world.write("src/a.txt", "ONE\ntwo\nthree\n");
  world.write("new/deep/file", "x");
  world.write("README.md/inside", "a file became a folder");
  world.write("run.sh", "#!/bin/sh\n");
  chmodSync(join(world.mac, "run.sh"), 0o755);
  symlinkSync("run.sh", join(world.mac, "link"));
}

describe("resuming here", () => {
  it("restores the files, stages new ones, and prints a command that undoes it", async () => {
    const pc = world.clone();
    world.remove("README.md");
    everyKindOfWork();
    world.write("untracked", "mine", pc);
    const before = visible(pc);
    const { content } = await world.build();
    const applied = await applyHere(join(pc, "src"), content);
    expect(applied).toMatchObject({ folder: pc, branch: null, conflicts: [] });
    expect(treeOf(pc)).toEqual({ ...treeOf(world.mac), untracked: treeOf(pc).untracked });
    execFileSync("sh", ["-c", applied.undo], { cwd: world.folder });
    expect(visible(pc)).toEqual(before);
  });

  it("merges with newer commits that changed other files or other lines", async () => {
    world.write("long.txt", Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join(""));
    world.commit();
    const pc = world.clone();
    const edit = (folder: string, from: string, to: string) =>
      world.write("long.txt", readFileSync(join(folder, "long.txt"), "utf8").replace(from, to), folder);
    edit(world.mac, "line 3\n", "line 3 of the mac\n");
    world.write("new", "x");
    edit(pc, "line 30\n", "line 30 of the pc\n");
    world.commit(pc);
    const before = visible(pc);
    const { undo } = await applyHere(pc, (await world.build()).content);
    expect(readFileSync(join(pc, "long.txt"), "utf8")).toMatch(/line 3 of the mac\n[\s\S]*line 30 of the pc\n/);
    execFileSync("sh", ["-c", undo]);
    expect(visible(pc)).toEqual(before);
  });

  it("brings the changes of unpushed commits", async () => {
    const { pc } = world.origin();
    world.write("committed", "x");
    world.write("src/a.txt", "committed\n");
    world.commit();
    world.write("src/a.txt", "and changed\n");
    const { content } = await world.build();
    const plan = await planCapsule(pc, content, true);
    expect(plan.files.map(({ path }) => path)).toEqual(["committed", "src/a.txt"]);
    const before = visible(pc);
    const { undo } = await applyHere(pc, content);
    expect(treeOf(pc)).toEqual(treeOf(world.mac));
    execFileSync("sh", ["-c", undo]);
    expect(visible(pc)).toEqual(before);
  });

  it("ignores changes within a submodule and leaves them alone", async () => {
    world.git(world.folder, "init", "-q", "library");
    world.write("x", "x", join(world.folder, "library"));
    world.commit(join(world.folder, "library"));
    world.git(world.mac, "submodule", "add", "-q", join(world.folder, "library"), "library");
    world.commit();
    const { pc } = world.origin();
    world.git(pc, "submodule", "update", "-q", "--init");
    world.write("library/x", "changed here", pc);
    world.write("work", "x");
    const { undo } = await applyHere(pc, (await world.build()).content);
    execFileSync("sh", ["-c", undo]);
    expect(readFileSync(join(pc, "library/x"), "utf8")).toBe("changed here");
  });

  it("writes the whole project where there is no commit yet, and can be undone", async () => {
    const { bare } = world.origin();
    const pc = join(world.folder, "unborn");
    world.git(world.folder, "init", "-q", "-b", "main", pc);
    world.git(pc, "remote", "add", "origin", bare);
    world.write("untracked", "mine", pc);
    world.write("work", "x");
    const { undo } = await applyHere(pc, (await world.build()).content);
    expect(treeOf(pc)).toEqual({ ...treeOf(world.mac), untracked: treeOf(pc).untracked });
    execFileSync("sh", ["-c", undo]);
    expect(Object.keys(treeOf(pc))).toEqual(["untracked"]);
    expect(world.git(pc, "status", "--porcelain")).toBe("?? untracked");
  });

  it("writes files that the sparse checkout leaves out, and can be undone", async () => {
    world.write("elsewhere/x", "x");
    world.write("elsewhere/y", "y");
    world.commit();
    const pc = world.clone();
    world.git(pc, "sparse-checkout", "set", "src");
    world.write("elsewhere/x", "changed");
    world.write("elsewhere/new", "new");
    world.remove("elsewhere/y");
    const before = visible(pc);
    const { undo } = await applyHere(pc, (await world.build()).content);
    expect(treeOf(pc)).toEqual(treeOf(world.mac));
    execFileSync("sh", ["-c", undo]);
    expect(visible(pc)).toEqual(before);
  });
});

describe("resuming here changes nothing, and says why,", () => {
  const refused = async (pc: string, sentence: string | RegExp) => {
    const { content } = await buildCapsule(world.mac);
    const before = everything(pc);
    await expect(applyHere(pc, content)).rejects.toThrow(sentence);
    expect(everything(pc)).toEqual(before);
    return planCapsule(pc, content, true);
  };

  it("when both changed the same lines, or one deleted what the other changed", async () => {
    world.write("deleted there", "x\n");
    world.write("deleted here", "x\n");
    world.write("binary", Buffer.from([0, 1, 2]));
    world.commit();
    const { pc } = world.origin();
    world.write("src/a.txt", "ONE\ntwo\nthree\n");
    world.write("deleted here", "changed\n");
    world.write("binary", Buffer.from([0, 1, 3]));
    world.write("new", "mac");
    world.remove("deleted there");
    world.write("src/a.txt", "uno\ntwo\nthree\n", pc);
    world.write("deleted there", "changed\n", pc);
    world.write("binary", Buffer.from([0, 1, 4]), pc);
    world.write("new", "pc", pc);
    world.remove("deleted here", pc);
    world.commit(pc);
    const { content } = await buildCapsule(world.mac);
    const { conflicts } = await planCapsule(pc, content, true);
    expect(conflicts).toEqual(["binary", "deleted here", "deleted there", "new", "src/a.txt"]);
    await refused(pc, `These files were also changed here, in another way: ${conflicts.join(", ")}.`);
  });

  it.each([
    ["changed", (pc: string) => world.write("README.md", "work", pc)],
    [
      "staged",
      (pc: string) => {
        world.write("staged", "work", pc);
        world.git(pc, "add", "staged");
      },
    ],
  ])("when there is %s work here", async (_, arrange) => {
    const pc = world.clone();
    world.write("new", "x");
    arrange(pc);
    world.git(pc, "status");
    await refused(pc, "There is uncommitted work here.");
  });

  it.each([
    ["a file", "new"],
    ["an ignored file", "ignored"],
    ["a file where a folder would be", "folder"],
    ["a folder where a file would be", "new/inside"],
  ])("when %s that is untracked is in the way", async (_, path) => {
    const pc = world.clone();
    for (const each of ["new", "ignored", "folder/inside"]) world.write(each, "x");
    world.write(path, "mine", pc);
    world.write(".git/info/exclude", "ignored\n", pc);
    await refused(pc, /^It would overwrite a file here: /);
  });

  it("when a link of the person's own would redirect the files", async () => {
    const pc = world.clone();
    world.write("folder/inside", "x");
    world.write("outside/.keep", "", world.folder);
    symlinkSync(join(world.folder, "outside"), join(pc, "folder"));
    await refused(pc, /^It would overwrite a file here: /);
    expect(Object.keys(treeOf(join(world.folder, "outside")))).toEqual([".keep"]);
  });

  it("when the index is locked, or a merge is in progress", async () => {
    const pc = world.clone();
    world.write("new", "x");
    writeFileSync(join(pc, ".git/index.lock"), "");
    await refused(pc, /^Git cannot write here: .*index\.lock/);
    execFileSync("rm", [join(pc, ".git/index.lock")]);
    world.git(pc, "checkout", "-q", "-b", "other");
    world.commit(pc, "other");
    world.git(pc, "checkout", "-q", "main");
    world.commit(pc, "main");
    world.git(pc, "merge", "-q", "--no-commit", "--no-ff", "other");
    await refused(pc, "A merge is in progress here.");
  });

  it("when it has been resumed here already", async () => {
    const pc = world.clone();
    world.write("new", "x");
    const { content } = await buildCapsule(world.mac);
    await applyHere(pc, content);
    world.git(pc, "status");
    await refused(pc, "There is uncommitted work here");
    world.commit(pc);
    await applyHere(pc, content); // everything is here already, so there is nothing to do or refuse
    expect(world.git(pc, "status", "--porcelain")).toBe("");
  });
});
