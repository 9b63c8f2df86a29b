import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyInWorktree } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();

describe("while someone works in the repository", () => {
  it("a capsule carries exactly what was scanned, even if the file changes at that moment", async () => {
    const { pc } = world.origin();
    world.write("src/a.txt", "first\n");
    let seen = "";
    const built = await buildCapsule(world.mac, {
      scan: async (path, content) => {
        if (path === "src/a.txt") seen ||= content.toString();
        world.write("src/a.txt", "second\n");
        return null;
      },
    });
    expect(seen).toBe("first\n");
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(readFileSync(join(applied.folder, "src/a.txt"), "utf8")).toBe("first\n");
  });

  it("files may be deleted, added and staged during the build", async () => {
    const { pc } = world.origin();
    world.write("goes", "x");
    world.write("stays", "x");
    let times = 0;
    const built = await buildCapsule(world.mac, {
      scan: async () => {
        if (times++ === 0) {
          world.remove("goes");
          world.write("comes", "x");
          world.git(world.mac, "add", "-A");
        }
        return null;
      },
    });
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(treeOf(applied.folder)).toMatchObject({ stays: treeOf(world.mac).stays });
  });

  it("a commit during the build is noticed, and the capsule is built again on it", async () => {
    const { pc } = world.origin();
    world.write("committed during the build", "x");
    world.write("src/a.txt", "work\n");
    let times = 0;
    const built = await buildCapsule(world.mac, {
      scan: async () => {
        if (times++ === 0) {
          world.git(world.mac, "add", "committed during the build");
          world.git(world.mac, "commit", "-q", "-m", "during the build");
        }
        return null;
      },
    });
    expect(built.content.base).toBe(world.git(world.mac, "rev-parse", "HEAD"));
    expect(built.commits).toBe(1);
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(treeOf(applied.folder)).toEqual(treeOf(world.mac));
  });

  it("a HEAD that keeps moving leads to no capsule", async () => {
    world.origin();
    world.write("work", "x");
    const scan = async () => {
      world.git(world.mac, "commit", "-q", "--allow-empty", "-m", "again");
      return null;
    };
    await expect(buildCapsule(world.mac, { scan })).rejects.toThrow("it keeps changing");
  });
});
