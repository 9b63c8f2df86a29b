import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everything, useWorld } from "../../test/support/capsule/world.ts";
import { findRepository } from "../git/repository.ts";
import { type AppliedRefs, applyRefs, planRefs } from "./apply/apply-refs.ts";
import { openCapsule } from "./apply/open-capsule.ts";
import { buildRefs, type RefsCapsule } from "./build/build-refs.ts";
import { objectsIn } from "./bundle-file.ts";
import { type CapsuleContent, unpackCapsule } from "./capsule-file.ts";
import { type CarriedRef, parseRefsBundle, refsBundle } from "./carried-refs.ts";

const world = useWorld();
const token = `${"gh"}p_${createHash("sha256").update("photon").digest("hex").slice(0, 36)}`;
const tip = (folder: string, name: string) => world.git(folder, "rev-parse", name);

/** A branch at the first commit, with one commit that adds a file. */
function branch(name: string, path = `${name}.txt`, content: string | Buffer = name): CarriedRef {
  world.git(world.mac, "checkout", "-q", "-b", name, "main");
  world.write(path, content);
  const commit = world.commit(world.mac, `on ${name}`);
  world.git(world.mac, "checkout", "-q", "main");
  return { kind: "branch", name, commit };
}

function stash(name: string): CarriedRef {
  world.write("README.md", `${name}, staged\n`);
  world.git(world.mac, "add", "README.md");
  world.write("README.md", `${name}, not staged\n`);
  world.write("untracked", name);
  world.git(world.mac, "stash", "push", "-q", "-u", "-m", name);
  return { kind: "stash", name: "0", commit: tip(world.mac, "stash@{0}") };
}

async function build(refs: readonly CarriedRef[], maxBytes?: number): Promise<RefsCapsule<CarriedRef>[]> {
  const repository = await findRepository(world.mac);
  if (typeof repository === "string") throw new Error(repository);
  const before = everything(world.mac);
  const all: RefsCapsule<CarriedRef>[] = [];
  for await (const each of buildRefs(repository, refs, maxBytes)) all.push(each);
  expect(everything(world.mac)).toEqual(before);
  return all;
}

async function contentOf(refs: readonly CarriedRef[]): Promise<CapsuleContent> {
  const [first, ...others] = await build(refs);
  if (first?.packed == null || others.length > 0) throw new Error("Expected one capsule.");
  return unpackCapsule(first.packed.bytes, first.packed.sha256);
}
const carry = async (refs: readonly CarriedRef[], to: string): Promise<AppliedRefs> =>
  applyRefs(to, await contentOf(refs), "mac");

describe("branches and stashes", () => {
  it("arrive with the same commits, the index and the untracked files of a stash included, and one command undoes it", async () => {
    const { pc } = world.origin();
    const refs = [branch("feature/a"), branch("fix"), stash("older"), stash("newer")];
    const before = everything(pc);
    const { undo } = await carry(
      [...refs.slice(0, 2), { ...refs[3], name: "0" }, { ...refs[2], name: "1" }] as CarriedRef[],
      pc,
    );
    for (const { kind, name, commit } of refs.slice(0, 2)) expect(tip(pc, `refs/heads/${name}`), kind).toBe(commit);
    expect(world.git(pc, "stash", "list", "--format=%gs")).toBe("On main: newer\nOn main: older");
    world.git(pc, "stash", "pop", "-q", "--index");
    expect(world.git(pc, "status", "--porcelain")).toBe("MM README.md\n?? untracked");
    world.git(pc, "stash", "push", "-q", "-u");
    world.git(world.folder, "-c", `alias.undo=!${undo}`, "-C", pc, "undo");
    const after = everything(pc);
    for (const path of Object.keys(before))
      if (/^git refs|^[^g]/.test(path)) expect(after[path], path).toBe(before[path]);
    expect(world.git(pc, "for-each-ref", "--format=%(refname)", "refs/heads/")).toBe("refs/heads/main");
  });

  it("are already here the second time, and when a branch here has gone on from them", async () => {
    const { pc } = world.origin();
    const refs = [branch("fix"), branch("more"), stash("kept")];
    await carry(refs, pc);
    world.git(pc, "checkout", "-q", "fix");
    world.commit(pc, "went on here");
    const before = everything(pc);
    const { refs: placed, undo } = await carry(refs, pc);
    expect(placed.map(({ isHere }) => isHere)).toEqual([true, true, true]);
    expect(undo).toBeNull();
    expect(everything(pc)).toEqual(before);
  });

  it.each([
    ["fix", "fix", "photon/mac/fix"],
    ["Fix", "fix", "photon/mac/fix"],
    ["fix/it", "fix", "photon/mac/fix"],
    ["photon/mac/fix", "fix", "fix"],
    ["photon", "main", "photon-mac/main"],
    ["photon/mac", "main", "photon-mac/main"],
  ])("never move a branch: with %s here, %s becomes %s", async (taken, name, as) => {
    const { pc } = world.origin();
    const commit = world.git(pc, "commit-tree", "HEAD^{tree}", "-m", "other");
    world.git(pc, "update-ref", `refs/heads/${taken}`, commit);
    const ref = name === "main" ? { ...branch("side"), name } : branch(name);
    const { refs } = await carry([ref], pc);
    expect(refs).toMatchObject([{ as, isHere: false }]);
    expect(tip(pc, `refs/heads/${as}`)).toBe(ref.commit);
    expect(tip(pc, `refs/heads/${taken}`)).toBe(commit);
  });

  it("get another prefix if the capsule itself brings a branch of that name", async () => {
    const { pc } = world.origin();
    const ref = branch("side");
    const { refs } = await carry(
      [
        { ...ref, name: "photon/mac" },
        { ...ref, name: "main" },
      ],
      pc,
    );
    expect(refs.map(({ as }) => as)).toEqual(["photon/mac", "photon-mac/main"]);
  });

  it.each([
    ["1,001 branches", Array.from({ length: 1_001 }, (_, number) => `b-${number}`), 2],
    ["names of 256 KiB together", Array.from({ length: 900 }, (_, number) => `${"a".repeat(250)}${number}`), 2],
    ["a letter with the byte A0", ["fix/là", "Россия/Р"], 1],
  ])("travel in capsules that can be opened: %s", async (_, names, capsules) => {
    world.origin();
    const { kind, commit } = branch("side");
    const built = await build(names.map((name) => ({ kind, name, commit })));
    expect(built).toHaveLength(capsules);
    const opened = built.flatMap(({ packed }) => {
      const bundle = packed && unpackCapsule(packed.bytes, packed.sha256).bundle;
      return (bundle && parseRefsBundle(bundle)?.refs) ?? [];
    });
    expect(opened.map(({ name }) => name)).toEqual(names);
  });

  it("take along no history that a remote has already, if another machine can reach it", async () => {
    world.origin();
    const ref = branch("side");
    const objects = async (one: CarriedRef) => {
      const [bundle] = (await build([one])).map(
        ({ packed }) => packed && unpackCapsule(packed.bytes, packed.sha256).bundle,
      );
      return objectsIn((bundle && parseRefsBundle(bundle)?.bundle.pack) ?? Buffer.alloc(0));
    };
    const ofFirstCommit = 5;
    expect(await objects(ref)).toBe(ofFirstCommit + 3); // the commit, its folder and its file
    world.git(world.mac, "remote", "set-url", "origin", "https://git.example/app.git");
    expect(await objects(ref)).toBe(3);
    expect(await objects({ kind: "branch", name: "pushed", commit: tip(world.mac, "main") })).toBe(0);
  });

  it("start from a remote in a folder if their whole history cannot leave, and say so", async () => {
    world.write(".env", "A=1\n");
    world.commit();
    world.origin();
    const built = await build([branch("one"), branch("two")]);
    expect(built).toMatchObject([{ refs: [{ name: "one" }, { name: "two" }], needsFolder: true }]);
  });

  it.each(["origin/main", "HEAD", "FETCH_HEAD", "v1", "deadbeef", "v1-2-gdeadbeef", "refs/heads/main", "origin"])(
    "cannot give %s another meaning here",
    async (name) => {
      const { pc } = world.origin();
      world.git(pc, "tag", "v1");
      const { refs } = await carry([{ ...branch("side"), name }], pc);
      expect(refs).toMatchObject([{ as: `photon/mac/${name}` }]);
    },
  );

  it("travel in as many capsules as they need; one that is too large stays, and its reason is given", async () => {
    const { pc } = world.origin();
    const large = Array.from({ length: 3 }, (_, number) => {
      world.git(world.mac, "checkout", "-q", "-b", `large-${number}`, "main");
      for (const file of ["a", "b", "c"]) world.write(file, randomBytes(19_000));
      const commit = world.commit(world.mac, "large");
      world.git(world.mac, "checkout", "-q", "main");
      return { kind: "branch", name: `large-${number}`, commit } as const;
    });
    world.git(world.mac, "checkout", "-q", "-b", "too-large", "main");
    for (const file of ["a", "b", "c", "d", "e", "f"]) world.write(file, randomBytes(19_000));
    const tooLarge = { kind: "branch", name: "too-large", commit: world.commit() } as const;
    world.git(world.mac, "checkout", "-q", "main");
    const built = await build([...large, tooLarge, branch("small")], 100_000);
    const stays = built.filter(({ packed }) => packed === null);
    expect(stays).toMatchObject([{ refs: [tooLarge], why: "They are larger than 10 MiB, compressed." }]);
    const sent = built.flatMap(({ packed }) => packed ?? []);
    expect(sent.length).toBeGreaterThan(1);
    for (const { bytes, sha256 } of sent) await applyRefs(pc, unpackCapsule(bytes, sha256), "mac");
    for (const { name, commit } of large) expect(tip(pc, name)).toBe(commit);
  });

  it.each([
    [".env", "A=1\n", "They contain .env: it is an environment file."],
    ["src/token.ts", `export const token = "${token}";\n`, "They contain src/token.ts: it may hold a secret: "],
    ["big", Buffer.alloc(3 * 1024 * 1024), "They contain big: it is larger than 2 MiB."],
  ])("stay if a commit holds %s; the others travel", async (path, content, why) => {
    world.origin();
    const bad = branch("bad", path, content);
    const built = await build([branch("one"), bad, branch("two"), stash("three")]);
    expect(built.filter(({ packed }) => packed === null)).toMatchObject([
      { refs: [bad], why: expect.stringContaining(why) },
    ]);
    const sent = built.flatMap(({ packed, refs }) => (packed === null ? [] : refs.map(({ name }) => name)));
    expect(sent.sort()).toEqual(["0", "one", "two"]);
    for (const { packed } of built)
      if (packed !== null) expect(unpackCapsule(packed.bytes, packed.sha256).bundle?.includes(bad.commit)).toBe(false);
  });

  it("stay if a stash took an environment file along", async () => {
    world.origin();
    world.write(".env", "A=1\n");
    world.git(world.mac, "stash", "push", "-q", "-u");
    const [only] = await build([{ kind: "stash", name: "0", commit: tip(world.mac, "stash@{0}") }]);
    expect(only).toMatchObject({ packed: null, why: "They contain .env: it is an environment file." });
  });
});

describe("the undo of branches and stashes", () => {
  const undone = (pc: string, undo: string | null) =>
    spawnSync("bash", ["-c", undo ?? ""], { cwd: pc, encoding: "utf8" });
  const stashesOf = (pc: string) => world.git(pc, "stash", "list", "--format=%gs");

  it("drops exactly the stashes that were added, wherever they are by then, and none once they are gone", async () => {
    const { pc } = world.origin();
    const all = [stash("one"), stash("two"), stash("three")].map((ref, at) => ({ ...ref, name: String(2 - at) }));
    const { undo } = await carry(all, pc);
    world.git(pc, "stash", "drop", "-q", "stash@{1}");
    writeFileSync(join(pc, "README.md"), "my own\n");
    world.git(pc, "stash", "push", "-q", "-m", "my own");
    expect(stashesOf(pc)).toBe("On main: my own\nOn main: three\nOn main: one");
    expect(undone(pc, undo)).toMatchObject({ status: 0 });
    expect(stashesOf(pc)).toBe("On main: my own");
    expect(undone(pc, undo)).toMatchObject({ status: 0 });
    expect(stashesOf(pc)).toBe("On main: my own");
  });

  it("keeps a branch that has moved and one that is checked out, and deletes the others", async () => {
    const { pc } = world.origin();
    const { undo } = await carry([branch("moved"), branch("open"), branch("it's-same")], pc);
    const commit = world.git(pc, "commit-tree", "moved^{tree}", "-p", "moved", "-m", "went on here");
    world.git(pc, "update-ref", "refs/heads/moved", commit);
    world.git(pc, "worktree", "add", "-q", `${pc} open`, "open");
    expect(undone(pc, undo)).toMatchObject({ status: 1, stderr: expect.stringContaining("(stale info)") });
    expect(world.git(pc, "for-each-ref", "--format=%(refname:short)", "refs/heads/")).toBe("main\nmoved\nopen");
    expect(tip(pc, "moved")).toBe(commit);
  });
});

describe("a branch that is checked out before its first commit", () => {
  it("gets another name, so that no file looks deleted; a merge brings its files, and the undo works", async () => {
    const empty = join(world.folder, "empty");
    world.git(world.folder, "init", "-q", "-b", "main", empty);
    const ref = { kind: "branch", name: "main", commit: tip(world.mac, "main") } as const;
    const { refs, undo } = await carry([ref], empty);
    expect(refs).toMatchObject([{ as: "photon/mac/main", isUnborn: true }]);
    expect(world.git(empty, "status", "--porcelain")).toBe("");
    expect(spawnSync("bash", ["-c", undo ?? ""]).status).toBe(0);
    expect(world.git(empty, "for-each-ref")).toBe("");
    await carry([ref], empty);
    world.git(empty, "merge", "-q", "photon/mac/main");
    expect(tip(empty, "main")).toBe(ref.commit);
    expect(world.git(empty, "status", "--porcelain")).toBe("");
  });
});

describe("a capsule of branches and stashes is refused, with nothing changed,", () => {
  /** The same capsule with other refs: hostile, because Photon builds none like it. */
  const withRefs = ({ bundle, ...content }: CapsuleContent, refs: readonly CarriedRef[]): CapsuleContent => {
    const parsed = parseRefsBundle(bundle ?? Buffer.alloc(0));
    if (parsed === null) throw new Error("Expected a bundle.");
    const { prerequisites, pack } = parsed.bundle;
    return { ...content, bundle: refsBundle(refs, prerequisites, pack, false) };
  };
  const isRefused = async (content: CapsuleContent, pc: string, why: RegExp) => {
    const before = everything(pc);
    await expect(planRefs(pc, content, "mac")).rejects.toThrow(why);
    await expect(applyRefs(pc, content, "mac")).rejects.toThrow(why);
    expect(everything(pc)).toEqual(before);
  };

  it.each(["a b", "-x", "a\u202eb", "x..y", "x.lock", "/x", "x^{}"])("with a branch named %j", async (name) => {
    const { pc } = world.origin();
    const ref = branch("side");
    const content = withRefs(await contentOf([ref]), [{ ...ref, name }]);
    const before = everything(pc);
    await expect(applyRefs(pc, content, "mac")).rejects.toThrow(/damaged|could not be applied/);
    expect(Object.keys(everything(pc)).filter((path) => path.startsWith("git refs"))).toEqual(
      Object.keys(before).filter((path) => path.startsWith("git refs")),
    );
  });

  it("whose stash is an ordinary commit, with a ref twice, or with a commit that is missing", async () => {
    const { pc } = world.origin();
    const ref = branch("side");
    const content = await contentOf([ref]);
    await isRefused(withRefs(content, [{ ...ref, kind: "stash", name: "0" }]), pc, /stashes are damaged/);
    await isRefused(withRefs(content, [ref, ref]), pc, /branches are damaged/);
    await isRefused(withRefs(content, [{ ...ref, commit: "1".repeat(40) }]), pc, /commits are damaged/);
    await isRefused({ ...content, bundle: Buffer.from("PACK") }, pc, /branches are damaged/);
  });

  it("with a commit that changes git's own files, has a submodule, or a link that leads out", async () => {
    const { pc } = world.origin();
    const blob = world.git(world.mac, "hash-object", "-w", "README.md");
    writeFileSync(join(world.folder, "target"), "../../outside");
    const out = world.git(world.mac, "hash-object", "-w", join(world.folder, "target"));
    const content = await contentOf([branch("side")]);
    const entries: [string, RegExp][] = [
      [`120000,${out},link`, /leads out/],
      [`160000,${tip(world.mac, "HEAD")},sub`, /submodule/],
      [`100644,${blob},.gitmodules`, /submodules|damaged/],
    ];
    for (const [entry, why] of entries) {
      world.git(world.mac, "read-tree", "main");
      world.git(world.mac, "update-index", "--add", "--cacheinfo", entry);
      const tree = world.git(world.mac, "write-tree");
      const commit = world.git(world.mac, "commit-tree", tree, "-p", "main", "-m", "x");
      world.git(world.mac, "read-tree", "main");
      world.git(world.mac, "update-ref", "refs/heads/hostile", commit);
      world.git(world.mac, "bundle", "create", "-q", join(world.folder, "b"), "refs/heads/hostile", "--not", "main");
      await isRefused({ ...content, bundle: readFileSync(join(world.folder, "b")) }, pc, why);
    }
  });

  it("with folders within folders that add up to billions of files", async () => {
    const { pc } = world.origin();
    const content = await contentOf([branch("side")]);
    const make = (input: string) => execFileSync("git", ["mktree"], { cwd: world.mac, input, encoding: "utf8" }).trim();
    const blob = tip(world.mac, "HEAD:README.md");
    let tree = make(Array.from({ length: 10 }, (_, number) => `100644 blob ${blob}\tf${number}\n`).join(""));
    for (let level = 0; level < 9; level++)
      tree = make(Array.from({ length: 10 }, (_, number) => `040000 tree ${tree}\td${number}\n`).join(""));
    const commit = world.git(world.mac, "commit-tree", tree, "-p", "main", "-m", "bomb");
    world.git(world.mac, "update-ref", "refs/heads/bomb", commit);
    world.git(world.mac, "bundle", "create", "-q", join(world.folder, "b"), "refs/heads/bomb", "--not", "main");
    await isRefused({ ...content, bundle: readFileSync(join(world.folder, "b")) }, pc, /unpacks to more/);
  });

  it("when a stash cannot be added: then no branch stays either", async () => {
    const { pc } = world.origin();
    const content = await contentOf([branch("side"), stash("kept")]);
    mkdirSync(join(pc, ".git", "refs", "stash.lock"));
    await expect(applyRefs(pc, content, "mac")).rejects.toThrow(/could not be applied/);
    expect(world.git(pc, "for-each-ref", "--format=%(refname)", "refs/heads/", "refs/stash")).toBe("refs/heads/main");
    rmSync(join(pc, ".git", "refs", "stash.lock"), { recursive: true });
    await applyRefs(pc, content, "mac");
  });

  it("by `photon resume` alone, which names the command", async () => {
    const { pc } = world.origin();
    const content = await contentOf([branch("side")]);
    await expect(openCapsule(pc, content, false, world.folder)).rejects.toThrow("`photon resume --all` applies it");
  });
});
