import { createHash, randomBytes } from "node:crypto";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { treeOf, useWorld } from "../../../test/support/capsule/world.ts";
import { parseBundle } from "../bundle-file.ts";
import { buildCapsule } from "./build-capsule.ts";

const world = useWorld();
/** Looks like a GitHub token. Split, so that no scanner finds it in this file. */
const token = `${"gh"}p_${createHash("sha256").update("photon").digest("hex").slice(0, 36)}`;
const subjects = (folder: string) => world.git(folder, "log", "--format=%s").split("\n");

describe("unpushed commits", () => {
  it("travel as commits, below the uncommitted work", async () => {
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

  it("travel without uncommitted work; a pushed base needs no bundle", async () => {
    const { pc } = world.origin();
    world.write("src/a.txt", "committed\n");
    world.commit();
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.content.patch).toHaveLength(0);
    world.git(world.mac, "push", "-q", "origin", "main");
    world.write("work", "x");
    expect((await world.build()).content.bundle).toBeNull();
  });

  it("of a merge with a pushed branch travel, whatever else that branch contains", async () => {
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

  it.each([
    ["a folder of this machine", ["push", "-q"]],
    ["a fork that the branch follows", ["push", "-q", "-u"]],
  ])("travel if they are only on another remote than origin: %s", async (_, push) => {
    const { bare, pc } = world.origin();
    world.git(world.folder, "clone", "-q", "--bare", bare, "other.git");
    world.git(world.mac, "remote", "add", "another", join(world.folder, "other.git"));
    world.write("committed", "x");
    world.commit(world.mac, "backed up");
    world.git(world.mac, ...push, "another", "HEAD:main");
    world.write("uncommitted", "x");
    const { built, applied } = await world.carryWhole(world.mac, pc);
    expect(built).toMatchObject({ commits: 1, needsRemote: null });
    expect(subjects(applied.folder)).toEqual(["backed up", "first"]);
  });

  it("start at another remote if they may not leave from there; the capsule says which", async () => {
    const { bare } = world.origin();
    world.git(world.folder, "clone", "-q", "--bare", bare, "other.git");
    world.git(world.mac, "remote", "add", "another", join(world.folder, "other.git"));
    world.write("token.ts", `const token = "${token}";`);
    const pushed = world.commit();
    world.git(world.mac, "push", "-q", "another", "HEAD:main");
    world.write("committed", "x");
    world.commit();
    const built = await world.build();
    expect(parseBundle(built.content.bundle ?? Buffer.alloc(0))?.prerequisites).toEqual([pushed]);
    expect(built).toMatchObject({
      commits: 1,
      commitsLeftOut: null,
      needsRemote:
        "The work starts from a commit that only the remote another has, not origin. The other machine needs it as well.",
    });
  });

  it("start at a remote that is a folder of this machine, if there is no other; the capsule says so", async () => {
    world.origin();
    world.git(world.mac, "remote", "rename", "origin", "usb");
    world.write("work", "x");
    expect((await world.build()).needsRemote).toBe(
      "The work starts from a commit of the remote usb, which is a folder. The other machine needs it as well.",
    );
    world.git(world.mac, "remote", "set-url", "usb", "git@git.example:me/photon.git");
    expect((await world.build()).needsRemote).toBeNull();
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
  /** Builds the capsule and checks that it does not contain a text, compressed or not. */
  const builtWithout = async (text: string) => {
    const built = await world.build();
    expect(built.content.bundle).toBeNull();
    expect(built.commits).toBe(0);
    expect(built.content.patch.toString("latin1")).not.toContain(text);
    return built;
  };

  it.each([
    [".env", "SETTING=value", "it is an environment file"],
    ["keys/id_ed25519", "private", "it looks like a key or a password file"],
    ["src/token.ts", `const token = "${token}"`, "it may hold a secret: a GitHub token (line 1)"],
    [".gitmodules", "[submodule]", "it holds the addresses of submodules"],
    ["huge", "h".repeat(3 * 1024 * 1024), "it is larger than 2 MiB"],
    ["model", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "its content is in Git LFS"],
  ])("keeps all commits here because of %s; their other changes travel uncommitted", async (path, text, reason) => {
    const { pc } = world.origin();
    world.write("committed", "x");
    world.commit(world.mac, "fine");
    world.write(path, text);
    world.commit(world.mac, "not fine");
    world.write("uncommitted", "x");
    const built = await builtWithout(text);
    expect(built.commitsLeftOut).toBe(
      `The 2 unpushed commits stay on this machine; the capsule has their changes as uncommitted work. They contain ${path}: ${reason}.`,
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

  it("is found even if a later one deletes the file again", async () => {
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

  it("is found by its secret, even if git is told to show another object in its place", async () => {
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

  it("is found by its message", async () => {
    world.origin();
    world.write("fine", "x");
    world.commit(world.mac, `deploy with ${token}`);
    const built = await builtWithout(token);
    expect(built.commitsLeftOut).toContain("The message of one of them must stay here: it may hold a secret");
    expect(built.commitsLeftOut).not.toContain(token);
  });

  it("is found by a link that leads out", async () => {
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
  ])("is found by a secret in %s, which is not shown", async (_, make, reason) => {
    world.origin();
    make(`is ${token}`);
    world.commit();
    world.write("fine", "x");
    const built = await builtWithout(token);
    expect(built.commitsLeftOut).toContain(reason);
    expect(built.files).toEqual(["fine"]);
    expect(JSON.stringify(built)).not.toContain(token);
  });

  it("is found by a submodule", async () => {
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

  it("is any of them when together they are too large", async () => {
    const { pc } = world.origin();
    for (let version = 0; version < 8; version++) {
      world.write("noise", randomBytes(1_500_000));
      world.commit(world.mac, `version ${version}`);
    }
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.commitsLeftOut).toContain("They are larger than 10 MiB.");
    expect(built.content.base).toBe(world.git(pc, "rev-parse", "HEAD"));
  });

  it("leaves only the files, without a base, where no remote has any commit", async () => {
    world.write(".env", "x");
    world.commit();
    world.write("work", "x");
    const pc = join(world.folder, "pc");
    world.git(world.folder, "init", "-q", pc);
    const { built, applied } = await world.carry(world.mac, pc);
    expect(built.content).toMatchObject({ base: null, bundle: null });
    expect(built.commitsLeftOut).toContain(".env: it is an environment file");
    expect(Object.keys(treeOf(applied.folder))).toEqual(["README.md", "src/a.txt", "work"]);
  });

  it("is found when the clone is shallow and its remote unknown", async () => {
    world.write("second", "x");
    world.commit();
    const shallow = join(world.folder, "shallow");
    world.git(world.folder, "clone", "-q", "--depth=1", `file://${world.mac}`, shallow);
    world.git(shallow, "remote", "remove", "origin");
    world.write("work", "x", shallow);
    const built = await buildCapsule(shallow);
    expect(built.commitsLeftOut).toContain("This clone is shallow");
    expect(built.files).toEqual(["README.md", "second", "src/a.txt", "work"]);
  });

  it("deletes nothing that a sparse checkout leaves out", async () => {
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
