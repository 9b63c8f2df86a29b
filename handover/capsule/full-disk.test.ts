import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everything, type Files, treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyHere, applyInWorktree } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();

/** Without unreachable objects. */
function visible(folder: string): Files {
  return Object.fromEntries(Object.entries(everything(folder)).filter(([path]) => !path.startsWith("git objects/")));
}

/** A file system of 64 KB, if this user may create one. */
function tinyDisk(): string | null {
  const folder = join(world.folder, "tiny");
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    return null;
  }
}

describe("a full disk", () => {
  const work = () => {
    world.write("src/a.txt", "changed\n");
    for (let file = 0; file < 12; file++) world.write(`new/${file}`, `${file}\n`.repeat(4_000));
    world.remove("README.md");
  };

  it("leaves no new folder and no branch", async ({ skip }) => {
    const pc = world.clone();
    const tiny = tinyDisk();
    if (tiny === null) return skip("no file system can be mounted here");
    try {
      work();
      const { content } = await buildCapsule(world.mac);
      const before = visible(pc);
      const target = { ...world.target(), folder: join(tiny, "resumed") };
      await expect(applyInWorktree(pc, content, target)).rejects.toThrow("The new folder could not be created");
      expect(visible(pc)).toEqual(before);
      expect(readdirSync(tiny)).toEqual([]);
    } finally {
      execFileSync("umount", [tiny]);
    }
  });

  it("leaves the files here as they were", async ({ skip }) => {
    const tiny = tinyDisk();
    if (tiny === null) return skip("no file system can be mounted here");
    try {
      world.git(world.folder, "clone", "-q", "--no-local", "--separate-git-dir", "git folder", world.mac, tiny);
      work();
      const { content } = await buildCapsule(world.mac);
      const before = {
        files: treeOf(tiny),
        index: world.git(tiny, "ls-files", "-s"),
        status: world.git(tiny, "status"),
      };
      await expect(applyHere(tiny, content)).rejects.toThrow(/^The files could not be written: /);
      const after = {
        files: treeOf(tiny),
        index: world.git(tiny, "ls-files", "-s"),
        status: world.git(tiny, "status"),
      };
      expect(after).toEqual(before);
      expect(readdirSync(join(world.folder, "git folder")).filter((name) => name.startsWith("photon"))).toEqual([]);
    } finally {
      execFileSync("umount", [tiny]);
    }
  });
});
