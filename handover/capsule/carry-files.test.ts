import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { treeOf, useWorld } from "../../test/support/capsule/world.ts";

const world = useWorld();
const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, at) => (at * 7 + (at >> 3)) % 256));

describe("a capsule carries", () => {
  it("staged, changed and new files, into a new folder on a new branch, and leaves the clone as it is", async () => {
    const pc = world.clone();
    world.write("staged.txt", "staged");
    world.write("src/a.txt", "one\nTWO\n");
    world.git(world.mac, "add", "-A");
    world.write("src/a.txt", "one\nTWO\nthree and a half");
    world.write("new.txt", "new");
    const { applied } = await world.carryWhole(world.mac, pc);
    expect(world.git(applied.folder, "branch", "--show-current")).toBe("photon/resumed");
    expect(world.git(applied.folder, "status", "--porcelain").split("\n").sort()).toEqual([
      " M src/a.txt",
      "?? new.txt",
      "?? staged.txt",
    ]);
    expect(world.git(pc, "status", "--porcelain")).toBe("");
  });

  it("renames, including those that only change case", async () => {
    world.write("long.txt", "a line\n".repeat(200));
    world.commit();
    const pc = world.clone();
    renameSync(join(world.mac, "long.txt"), join(world.mac, "longer.txt"));
    world.git(world.mac, "mv", "README.md", "readme.md");
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.files).toEqual(["README.md", "long.txt", "longer.txt", "readme.md"]);
  });

  it("modes of new and tracked files", async () => {
    world.write("run.sh", "#!/bin/sh\n");
    chmodSync(join(world.mac, "run.sh"), 0o755);
    world.commit();
    const pc = world.clone();
    chmodSync(join(world.mac, "run.sh"), 0o644);
    chmodSync(join(world.mac, "README.md"), 0o755);
    world.write("new.sh", "#!/bin/sh\n");
    chmodSync(join(world.mac, "new.sh"), 0o700);
    const { applied } = await world.carryWhole(world.mac, pc);
    expect(statSync(join(applied.folder, "new.sh")).mode & 0o022, "who else may write").toBe(0);
  });

  it("a mode that is only in the index, where the file system has no modes", async () => {
    world.git(world.mac, "config", "core.fileMode", "false");
    const pc = world.clone();
    world.write("run.sh", "#!/bin/sh\n");
    world.git(world.mac, "add", "run.sh");
    world.git(world.mac, "update-index", "--chmod=+x", "run.sh");
    world.git(world.mac, "update-index", "--chmod=+x", "README.md");
    const { applied } = await world.carry(world.mac, pc);
    expect(Object.entries(treeOf(applied.folder)).map(([path, what]) => `${path} ${what.split(" ")[0]}`)).toEqual([
      "README.md program",
      "run.sh program",
      "src/a.txt file",
    ]);
  });

  it("binary files, empty and emptied files, and last lines without a line break", async () => {
    world.write("old.bin", bytes(5_000));
    world.write("emptied.txt", "full");
    world.commit();
    const pc = world.clone();
    world.write("old.bin", Buffer.concat([bytes(2_500), bytes(900)]));
    world.write("new.bin", bytes(70_000));
    world.write("emptied.txt", "");
    world.write("empty.txt", "");
    world.write("src/a.txt", "one\ntwo\nthree");
    await world.carryWhole(world.mac, pc);
  });

  it("links within the project, dangling links, and files that became links", async () => {
    world.write("sub/target.txt", "x");
    world.write("becomes-a-link", "file");
    symlinkSync("README.md", join(world.mac, "becomes-a-file"));
    world.commit();
    const pc = world.clone();
    symlinkSync("../README.md", join(world.mac, "sub/up-and-in"));
    symlinkSync("nowhere", join(world.mac, "dangling"));
    symlinkSync("circle", join(world.mac, "circle"));
    symlinkSync("sub", join(world.mac, "folder"));
    rmSync(join(world.mac, "becomes-a-link"));
    symlinkSync("README.md", join(world.mac, "becomes-a-link"));
    rmSync(join(world.mac, "becomes-a-file"));
    world.write("becomes-a-file", "file");
    await world.carryWhole(world.mac, pc);
  });

  it("a folder that became a link, even to a folder with the same file names", async () => {
    world.write("folder/a.txt", "x");
    world.commit();
    const pc = world.clone();
    world.remove("folder");
    symlinkSync("src", join(world.mac, "folder"));
    await world.carryWhole(world.mac, pc);
  });

  it("a file that became a folder, and a folder that became a file", async () => {
    world.write("file", "file");
    world.write("folder/deep/inside", "x");
    world.write("folder/beside", "x");
    world.commit();
    const pc = world.clone();
    world.remove("file");
    world.write("file/inside", "x");
    world.remove("folder");
    world.write("folder", "file");
    world.write("staged", "as a file");
    world.git(world.mac, "add", "staged");
    world.remove("staged");
    world.write("staged/inside", "x");
    await world.carryWhole(world.mac, pc);
  });

  it("any file name: accents in both normal forms, symbols, spaces, line breaks, dashes, backslashes", async () => {
    const pc = world.clone();
    for (const name of [
      "caf\u00e9.txt",
      "cafe\u0301.txt",
      "日本語/🚧 x.txt",
      " leading and trailing ",
      "with 'single' and \"double\" quotes",
      "two\nlines\tand a tab",
      "-n",
      "--force",
      "back\\slash",
      "$(touch x) `y` ; & | > *?[a]{b}",
      ":(top)magic",
      "a:b",
      "!bang #hash %percent",
      "deep/".repeat(30).concat("file"),
    ])
      world.write(name, name);
    world.git(world.mac, "add", "--", "-n");
    const { built, applied } = await world.carryWhole(world.mac, pc);
    expect(built.files).toContain("two\\nlines\\u{9}and a tab");
    expect(applied.files.map(({ path }) => path)).toEqual(expect.arrayContaining(["two\\nlines\\u{9}and a tab", "-n"]));
  });

  it("deleted files and the folders that disappear with them", async () => {
    world.write("only/one/file", "x");
    world.commit();
    const pc = world.clone();
    world.remove("only");
    world.git(world.mac, "rm", "-q", "--cached", "README.md"); // removed from the index, but still in the folder
    world.remove("src/a.txt");
    rmSync(join(world.mac, "src"), { recursive: true });
    const { applied } = await world.carryWhole(world.mac, pc);
    expect(Object.keys(treeOf(applied.folder))).toEqual(["README.md"]);
  });

  it("files added with intent-to-add, but not staged files that were deleted again", async () => {
    const pc = world.clone();
    world.write("staged and gone", "x");
    world.write("announced", "x");
    world.git(world.mac, "add", "staged and gone");
    world.git(world.mac, "add", "-N", "announced");
    world.remove("staged and gone");
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.files).toEqual(["announced"]);
  });

  it("no empty folders, because git has none", async () => {
    const pc = world.clone();
    mkdirSync(join(world.mac, "empty folder"));
    world.write("x", "x");
    expect((await world.carryWhole(world.mac, pc)).built.files).toEqual(["x"]);
  });
});
