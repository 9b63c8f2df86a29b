import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useWorld } from "../../test/support/capsule/world.ts";
import { type AppliedCapsule, applyInWorktree } from "../capsule/apply/apply-capsule.ts";
import { unpackCapsule } from "../capsule/capsule-file.ts";
import { noteApplied, reopenUndone } from "./resumed-here.ts";

const ID = "3f2a9c1d-0000-4000-8000-000000000000";
const world = useWorld();
const paths = () => ({ log: join(world.folder, "log") });

/** Resumes mac's work in a new folder of a clone, a minute after its commits were made. */
async function resume(pc: string, name = "resumed"): Promise<AppliedCapsule & { readonly branch: string }> {
  const built = await world.build();
  const target = world.target(name);
  const applied = await applyInWorktree(pc, unpackCapsule(built.bytes, built.sha256), target);
  await noteApplied(paths(), ID, pc, applied, Date.now() + 60_000);
  return { ...applied, branch: target.branch };
}

/** The handovers that were found to be undone, since the last call. */
async function undone(): Promise<string[]> {
  const ids: string[] = [];
  const receipts = { noteUndone: async (id: string) => ids.push(id) };
  await reopenUndone(Object.create({ receipts }), paths());
  return ids;
}

function remove(pc: string, { folder, branch }: { folder: string; branch: string }): void {
  world.git(pc, "worktree", "remove", "--force", folder);
  world.git(pc, "branch", "-qD", branch);
}

/** A clone; mac has an unpushed commit and an uncommitted file on top. */
function unpushed(): string {
  const { pc } = world.origin();
  world.git(world.mac, "checkout", "-q", "-b", "feature");
  world.write("a.ts", "committed\n");
  world.commit(world.mac, "the work");
  world.write("b.ts", "uncommitted\n");
  return pc;
}

describe("work that was resumed in a new folder", () => {
  it("is undone once its folder and its branch are gone, and that is told once", async () => {
    const pc = unpushed();
    const applied = await resume(pc);
    expect(await undone()).toEqual([]);
    remove(pc, applied);
    expect(await undone()).toEqual([ID]);
    expect(await undone()).toEqual([]);
  });

  it.each([["--ff-only"], ["--no-ff", "-m", "merged"]])("is not undone if it was merged: %s", async (...how) => {
    const pc = unpushed();
    const applied = await resume(pc);
    world.git(pc, "merge", "-q", ...how, applied.branch);
    remove(pc, applied);
    world.remove("a.ts", pc); // only the commit says that it is here
    expect(await undone()).toEqual([]);
  });

  it("is not undone if its commits are checked out without a branch", async () => {
    const pc = unpushed();
    const applied = await resume(pc);
    world.git(pc, "checkout", "-q", "--detach", applied.branch);
    world.remove("a.ts", pc);
    remove(pc, applied);
    expect(await undone()).toEqual([]);
  });

  it("is not undone if its folder was moved and its branch renamed", async () => {
    const { pc } = world.origin();
    world.write("b.ts", "uncommitted\n");
    const { folder, branch } = await resume(pc);
    const moved = join(world.folder, "moved");
    world.git(pc, "worktree", "move", folder, moved);
    world.git(moved, "branch", "-m", branch, "mine");
    world.remove("b.ts", moved); // its content does not say that it is here
    expect(await undone()).toEqual([]);
    remove(pc, { folder: moved, branch: "mine" });
    expect(await undone()).toEqual([ID]);
  });

  it("is not undone if its uncommitted file was copied into another work tree", async () => {
    const { pc } = world.origin();
    world.write("b.ts", "uncommitted\n");
    const applied = await resume(pc);
    world.write("b.ts", "uncommitted\n", pc);
    remove(pc, applied);
    expect(await undone()).toEqual([]);
    world.remove("b.ts", pc);
    expect(await undone()).toEqual([ID]);
  });

  it("is not undone while it stands in another place", async () => {
    const { pc } = world.origin();
    world.write("b.ts", "uncommitted\n");
    const [first, second] = [await resume(pc, "first"), await resume(pc, "second")];
    remove(pc, second);
    expect(await undone()).toEqual([]);
    remove(pc, first);
    expect(await undone()).toEqual([ID]);
  });
});
