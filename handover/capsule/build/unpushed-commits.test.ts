import { createHash, randomBytes } from "node:crypto";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { treeOf, useWorld } from "../../../test/support/capsule/world.ts";
import { parseBundle } from "../bundle-file.ts";
import { buildCapsule } from "./build-capsule.ts";

const world = useWorld();
/** Looks like a token of GitHub, and is none; not in one piece in this file. */
const token = `${"gh"}p_${createHash("sha256").update("photon").digest("hex").slice(0, 36)}`;
const subjects = (folder: string) => world.git(folder, "log", "--format=%s").split("\n");

describe("unpushed commits", () => {
  it("come along, as commits, beneath the uncommitted work", async () => {
    const { pc } = world.origin();
    world.write("committed", "x");
    world.commit(world.mac, "unpushed");
    world.write("committed too", "x");
    world.commit(world.mac, "unpushed, too");
    world.write("uncommitted", "x");
    const { built, applied } = await world.carryWhole(world.mac, pc);
    expect(built).toMatchObject({ commits: 2, commitsLeftOut: null });
    expect(built.files).toEqual(["committed", "committed too", "uncommitted"]);
    expect(subjects(applied.folder)).toEqual(["unpushed, too", "unpushed", "first"]);
    expect(world.git(applied.folder, "status", "--porcelain")).toBe("?? uncommitted");
    expect(applied.files.map(({ path }) => path)).toEqual(["committed", "committed too", "uncommitted"]);
  });

  it("come along without any uncommitted work, and a base that is on the remote needs no bundle", async () => {
    const { pc } = world.origin();
    world.write("src/a.txt", "committed\n");
    world.commit();
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.content.patch).toHaveLength(0);
    world.git(world.mac, "push", "-q", "origin", "main");
    world.write("work", "x");
    expect((await world.build()).content.bundle).toBeNull();
  });

  it("of a merge with what is on the remote come along, whatever else is in that", async () => {
    const { bare, pc } = world.origin();
    world.write("pushed by another/.env", "not mine", pc);
    world.commit(pc, "pushed by another");
    world.git(pc, "push", "-q", bare, "HEAD:main");
    world.write("mine", "x");
    world.commit(world.mac, "mine");
    world.git(world.mac, "fetch", "-q", "origin");
    world.git(world.mac, "merge", "-q", "--no-edit", "origin/main");
    world.write("work", "x");
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built).toMatchObject({ commits: 2, commitsLeftOut: null });
    expect(built.files).toEqual(["mine", "work"]);
  });

  it("are the whole history where there is no remote", async () => {
    const pc = join(world.folder, "pc");
    world.git(world.folder, "init", "-q", pc);
    world.write("work", "x");
    const { built, applied } = await world.carryWhole(world.mac, pc);
    expect(built).toMatchObject({ commits: 1, commitsLeftOut: null, files: ["work"] });
    expect(parseBundle(built.content.bundle ?? Buffer.alloc(0))?.prerequisites).toEqual([]);
    expect(subjects(applied.folder)).toEqual(["first"]);
  });
});

describe("a commit that must not leave", () => {
  /** The capsule, and that nothing of it holds a text, packed or not. */
  const builtWithout = async (text: string) => {
    const built = await world.build();
    expect(built.content.bundle).toBeNull();
    expect(built.commits).toBe(0);
    expect(built.content.patch.toString("latin1")).not.toContain(text);
    return built;
  };

  it.each([
    [".env", "SETTING=value", "it holds an environment's settings"],
    ["keys/id_ed25519", "private", "it looks like a key or a password file"],
    ["src/token.ts", `const token = "${token}"`, "it may hold a secret: a GitHub token (line 1)"],
    [".gitmodules", "[submodule]", "it says where other repositories are"],
    ["huge", "h".repeat(3 * 1024 * 1024), "it is larger than 2 MiB"],
    ["model", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "its content is in Git LFS"],
  ])("because of %s keeps all commits here, and their other changes travel uncommitted", async (path, text, reason) => {
    const { pc } = world.origin();
    world.write("committed", "x");
    world.commit(world.mac, "fine");
    world.write(path, text);
    world.commit(world.mac, "not fine");
    world.write("uncommitted", "x");
    const built = await builtWithout(text);
    expect(built.commitsLeftOut).toBe(
      `The 2 commits that are on no remote stay on this machine; what they change goes along as uncommitted work. Among their files is ${path}: ${reason}.`,
    );
    expect(built.excluded).toEqual([{ path, reason }]);
    expect(built.files).toEqual(["committed", "uncommitted"]);
    const { applied } = await world.carry(world.mac, pc);
    expect(treeOf(applied.folder)).toEqual({
      ...treeOf(pc),
      committed: treeOf(world.mac).committed,
      uncommitted: treeOf(world.mac).uncommitted,
    });
    expect(subjects(applied.folder)).toEqual(["first"]);
  });

  it("because a later one deleted the file again is found all the same, and nothing is left out", async () => {
    const { pc } = world.origin();
    world.write("leaked.ts", `const token = "${token}"`);
    world.commit();
    world.remove("leaked.ts");
    world.write("fine", "x");
    world.commit();
    const built = await builtWithout(token);
    expect(built.commitsLeftOut).toContain("leaked.ts: it may hold a secret: a GitHub token (line 1).");
    await world.carryWhole(world.mac, pc);
  });

  it("because it holds a secret, whatever git is told to show in its place", async () => {
    world.origin();
    world.write("leaked.ts", "const fine = 1;");
    const fine = world.commit();
    world.write("leaked.ts", `const token = "${token}"`);
    world.git(world.mac, "add", ".");
    world.git(world.mac, "commit", "-q", "--amend", "-m", "not fine");
    const leaking = world.git(world.mac, "rev-parse", "HEAD");
    world.write("work", "x");
    for (const [shown, instead] of [
      [leaking, fine],
      [
        world.git(world.mac, "rev-parse", `${leaking}:leaked.ts`),
        world.git(world.mac, "rev-parse", `${fine}:leaked.ts`),
      ],
    ] as const) {
      world.git(world.mac, "replace", shown, instead);
      expect((await builtWithout(token)).commitsLeftOut).toContain("leaked.ts: it may hold a secret");
      world.git(world.mac, "replace", "-d", shown);
    }
    world.write(".git/info/grafts", `${leaking}\n`);
    expect((await builtWithout(token)).commitsLeftOut).toContain("leaked.ts: it may hold a secret");
  });

  it("because of its message", async () => {
    world.origin();
    world.write("fine", "x");
    world.commit(world.mac, `deploy with ${token}`);
    const built = await builtWithout(token);
    expect(built.commitsLeftOut).toContain("The text of one of them stands against it: it may hold a secret");
    expect(built.commitsLeftOut).not.toContain(token);
  });

  it("because of a link that leads out", async () => {
    world.origin();
    symlinkSync("/etc", join(world.mac, "out"));
    world.commit();
    world.write("fine", "x");
    const withLink = await builtWithout("/etc");
    expect(withLink.commitsLeftOut).toContain("out: it is a link that leads out of the project, or into git's folder.");
    expect(withLink.excluded.map(({ path }) => path)).toEqual(["out"]);
  });

  it.each([
    ["its name", (path: string) => world.write(path, "x"), "a GitHub token, in its name."],
    ["its folder's name", (path: string) => world.write(`${path}/x`, "x"), "a GitHub token, in its name."],
    [
      "where its link leads",
      (path: string) => symlinkSync(path, join(world.mac, "link")),
      "link: it may hold a secret: a GitHub token (line 1).",
    ],
  ])("because a secret is %s, which nothing tells", async (_, make, reason) => {
    world.origin();
    make(`is ${token}`);
    world.commit();
    world.write("fine", "x");
    const built = await builtWithout(token);
    expect(built.commitsLeftOut).toContain(reason);
    expect(built.files).toEqual(["fine"]);
    expect(JSON.stringify(built)).not.toContain(token);
  });

  it("because of a submodule", async () => {
    world.origin();
    world.git(world.folder, "init", "-q", "library");
    world.commit(join(world.folder, "library"));
    world.git(world.folder, "clone", "-q", "library", join(world.mac, "library"));
    world.commit();
    world.write("fine", "x");
    const built = await builtWithout("Subproject");
    expect(built.commitsLeftOut).toContain("library: it is a repository of its own.");
    expect(built.files).toEqual(["fine"]);
  });

  it("because all of them are too large", async () => {
    const { pc } = world.origin();
    for (let version = 0; version < 8; version++) {
      world.write("noise", randomBytes(1_500_000));
      world.commit(world.mac, `version ${version}`);
    }
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.commitsLeftOut).toContain("They are larger than 10 MiB.");
    expect(built.content.base).toBe(world.git(pc, "rev-parse", "HEAD"));
  });

  it("where no remote has anything leaves the files alone, on nothing", async () => {
    world.write(".env", "x");
    world.commit();
    world.write("work", "x");
    const pc = join(world.folder, "pc");
    world.git(world.folder, "init", "-q", pc);
    const { built, applied } = await world.carry(world.mac, pc);
    expect(built.content).toMatchObject({ base: null, bundle: null });
    expect(built.commitsLeftOut).toContain(".env: it holds an environment's settings");
    expect(Object.keys(treeOf(applied.folder))).toEqual(["README.md", "src/a.txt", "work"]);
  });

  it("because the clone is shallow and its remote unknown", async () => {
    world.write("second", "x");
    world.commit();
    const shallow = join(world.folder, "shallow");
    world.git(world.folder, "clone", "-q", "--depth=1", `file://${world.mac}`, shallow);
    world.git(shallow, "remote", "remove", "origin");
    world.write("work", "x", shallow);
    const built = await buildCapsule(shallow);
    expect(built.commitsLeftOut).toContain("This clone does not have the whole history (it is shallow).");
    expect(built.files).toEqual(["README.md", "second", "src/a.txt", "work"]);
  });

  it("in a sparse checkout deletes nothing that is only left out there", async () => {
    world.write("elsewhere/x", "x");
    world.commit();
    const { pc } = world.origin();
    world.write("elsewhere/y", "committed");
    world.write(".env", "x");
    world.commit();
    world.git(world.mac, "sparse-checkout", "set", "src");
    world.write("src/a.txt", "work");
    const { built, applied } = await world.carry(world.mac, pc);
    expect(built.files).toEqual(["elsewhere/y", "src/a.txt"]);
    expect(readFileSync(join(applied.folder, "elsewhere/y"), "utf8")).toBe("committed");
    expect(readFileSync(join(applied.folder, "elsewhere/x"), "utf8")).toBe("x");
  });
});
