import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { environment, everything, useWorld } from "../../test/support/capsule/world.ts";
import { applyHere, applyInWorktree, planCapsule } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();
const text = (folder: string, path: string) => readFileSync(join(folder, path), "utf8");

/** A program of the person's, as a command. */
function program(name: string, script: string): string {
  const path = join(world.folder, name);
  world.write(name, `#!/bin/sh\n${script}\n`, world.folder);
  execFileSync("chmod", ["+x", path]);
  return `'${path.replaceAll("'", "'\\''")}'`;
}
function globally(settings: Record<string, string>): void {
  for (const [name, value] of Object.entries(settings)) world.git(world.mac, "config", "--global", name, value);
}
/** A project with a file that has a filter, which the other machine has too; and work on another file. */
async function withFilter(settings: Record<string, string>, path = "secret/key") {
  globally(settings);
  world.write(".gitattributes", `${path} filter=vault\n`);
  world.write(path.replace("*", "key"), "plain\n");
  world.commit();
  const { pc } = world.origin();
  world.write("src/a.txt", "changed\n");
  return { pc, built: await buildCapsule(world.mac) };
}

/** As git-crypt: the key is in git's own folder, of which a worktree has another. */
const vault = () => {
  const command = program(
    "vault",
    `[ "$(git rev-parse --git-dir)" = "$(git rev-parse --git-common-dir)" ] || { echo "vault: locked" >&2; exit 1; }
case $1 in clean) printf 'V:'; cat;; smudge) sed 's/^V://';; esac`,
  );
  return {
    "filter.vault.clean": `${command} clean`,
    "filter.vault.smudge": `${command} smudge`,
    "filter.vault.required": "true",
  };
};

describe("a filter that does not work in a new folder", () => {
  it("is named in the dry run; the folder has its files as git stores them, unchanged for git", async () => {
    const { pc, built } = await withFilter(vault());
    const before = everything(pc);
    const plan = await planCapsule(pc, built.content, true);
    expect(everything(pc)).toEqual(before);
    expect(plan.unfiltered).toEqual([
      { filter: "vault", why: expect.stringMatching(/^It does not work there: vault: locked \(external filter /) },
    ]);
    const { folder, unfiltered } = await applyInWorktree(pc, built.content, world.target());
    expect(unfiltered).toEqual(plan.unfiltered);
    expect([text(folder, "secret/key"), text(folder, "src/a.txt")]).toEqual(["V:plain\n", "changed\n"]);
    // Git itself would run the filter on a file that it takes for changed, and fail.
    const env = environment(world.folder);
    const status = execFileSync("git", ["status", "--porcelain"], {
      cwd: folder,
      env,
      encoding: "utf8",
      stdio: "pipe",
    });
    expect(status).toBe(" M src/a.txt\n");
    expect(text(pc, "secret/key")).toBe("plain\n");
  });

  it("leaves a changed or new file staged, so that checking it out again gives the work and not the earlier version", async () => {
    const { pc } = await withFilter(vault(), "secret/*");
    world.write("secret/key", "changed\n");
    world.write("secret/new", "new\n");
    const built = await buildCapsule(world.mac);
    const { folder } = await applyInWorktree(pc, built.content, world.target());
    const env = environment(world.folder);
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: folder, env, encoding: "utf8", stdio: "pipe" }).trim();
    expect(git("status", "--porcelain").split("\n")).toEqual(["M  secret/key", "A  secret/new", " M src/a.txt"]);
    globally({ "filter.vault.smudge": "sed s/^V://", "filter.vault.clean": "sed s/^/V:/" });
    for (const path of ["secret/key", "secret/new"]) {
      world.remove(path, folder);
      git("checkout", "--", path);
    }
    expect([text(folder, "secret/key"), text(folder, "secret/new")]).toEqual(["changed\n", "new\n"]);
  });

  it("does not hinder applying here, where it works", async () => {
    const { pc, built } = await withFilter(vault());
    const { unfiltered } = await applyHere(pc, built.content);
    expect(unfiltered).toEqual([]);
    expect([text(pc, "secret/key"), text(pc, "src/a.txt")]).toEqual(["plain\n", "changed\n"]);
  });

  it.each([
    ["a program that is not installed", { "filter.vault.process": "git-lfs-is-not-here filter-process" }],
    ["one that ends at once", { "filter.vault.process": "false" }],
    ["one for each file", { "filter.vault.smudge": "git-lfs-is-not-here smudge" }],
  ])("is named with its program, required or not: %s", async (_, settings) => {
    const { pc, built } = await withFilter({});
    for (const required of ["true", "false"]) {
      globally({ ...settings, "filter.vault.required": required });
      const plan = await planCapsule(pc, built.content, true);
      const [command = ""] = Object.values(settings);
      if (command !== "false") expect(plan.unfiltered[0]?.why).toContain("git-lfs-is-not-here");
      expect(plan.unfiltered).toHaveLength(1);
      const applied = await applyInWorktree(pc, built.content, world.target(required));
      expect(applied.unfiltered.map(({ filter }) => filter)).toEqual(["vault"]);
      expect(text(applied.folder, "src/a.txt")).toBe("changed\n");
    }
  });

  it("is named if it is not set up on this machine at all", async () => {
    const { pc, built } = await withFilter({});
    const { unfiltered } = await planCapsule(pc, built.content, true);
    expect(unfiltered).toEqual([{ filter: "vault", why: "It is not set up on this machine." }]);
    expect((await applyHere(pc, built.content)).unfiltered).toEqual([]); // none of its files is written
  });

  it("is switched off when only the real file shows that it fails, such as without the server of Git LFS", async () => {
    const smudge = program("lfs", '[ -n "$GIT_LFS_SKIP_SMUDGE" ] && exec cat; echo "no server" >&2; exit 1');
    const { pc, built } = await withFilter({});
    globally({ "filter.vault.smudge": smudge, "filter.vault.required": "true" });
    expect((await planCapsule(pc, built.content, true)).unfiltered).toEqual([]);
    const { folder, unfiltered } = await applyInWorktree(pc, built.content, world.target());
    expect(unfiltered).toEqual([{ filter: "vault", why: expect.stringContaining("no server") }]);
    expect(text(folder, "src/a.txt")).toBe("changed\n");
  });

  it("leaves a changed file as git stores it here too, and the dry run says nothing else of it", async () => {
    const { pc } = await withFilter(vault());
    world.write("secret/key", "new\n");
    const built = await buildCapsule(world.mac);
    globally({ "filter.vault.smudge": "false" });
    const { unfiltered } = await applyHere(pc, built.content);
    expect(unfiltered.map(({ filter }) => filter)).toEqual(["vault"]);
    expect(text(pc, "secret/key")).toBe("V:new\n");
  });

  it.skipIf(process.platform === "win32")(
    "changes no file outside of the new folder that a link leads to",
    async () => {
      globally(vault());
      const outside = join(world.folder, "outside");
      world.write("outside", "x", world.folder);
      utimesSync(outside, 1_000_000, 1_000_000);
      world.write("secret/key", "x");
      symlinkSync(outside, join(world.mac, "secret/link"));
      const { pc, built } = await withFilter({}, "secret/*");
      expect((await applyInWorktree(pc, built.content, world.target())).unfiltered).toHaveLength(1);
      expect(statSync(outside).mtimeMs).toBe(1_000_000_000);
    },
  );

  it("is not taken from settings that the repository has only for Photon's question", async () => {
    const { pc, built } = await withFilter(vault());
    const command = JSON.stringify(`touch "${join(world.folder, "it ran")}"; cat`);
    world.write(".git/more", `[filter "vault"]\n\tclean = ${command}\n\tsmudge = ${command}\n`, pc);
    for (const condition of ["gitdir:**/photon-capsule-*/**", "onbranch:photon/**"])
      world.git(pc, "config", `includeIf.${condition}.path`, "more");
    await planCapsule(pc, built.content, true);
    await applyInWorktree(pc, built.content, world.target());
    expect(existsSync(join(world.folder, "it ran"))).toBe(false);
  });
});

describe("a filter that fails where the work is applied onto the checkout", () => {
  const [a, b] = ["secret/a", "secret/b"];
  const WORKS = { "filter.vault.clean": "sed s/^/V:/", "filter.vault.smudge": "sed s/^V://" };
  /** Later, as a person does: git compares times, and takes a file of the same second for unchanged. */
  const undo = (command: string) =>
    execFileSync("sh", ["-c", `sleep 1.1; ${command}`], { env: environment(world.folder) });

  /** Two files with a filter, checked out a while ago; work on the second. */
  async function twoFiles(work: () => void) {
    globally({ ...WORKS, "filter.vault.required": "true" });
    world.write(".gitattributes", "secret/* filter=vault\n");
    for (const path of [a, b]) world.write(path, "plain\n");
    world.commit();
    const { pc } = world.origin();
    const before = Date.now() / 1_000 - 100;
    for (const path of [".gitattributes", "README.md", "src/a.txt", a, b]) utimesSync(join(pc, path), before, before);
    world.git(pc, "update-index", "--refresh");
    work();
    return { pc, content: (await buildCapsule(world.mac)).content };
  }
  const secrets = (pc: string) => [a, b].map((path) => (existsSync(join(pc, path)) ? text(pc, path) : null));
  const fails = () => globally({ "filter.vault.clean": "false", "filter.vault.smudge": "false" });

  it.each([
    ["changed", () => world.write(b, "new\n"), ["plain\n", "V:new\n"], "M  secret/b"],
    ["deleted", () => world.remove(b), ["plain\n", null], "D  secret/b"],
  ])("leaves git usable, and the printed undo restores the file that was %s", async (_, work, expected, status) => {
    const { pc, content } = await twoFiles(work);
    fails();
    const applied = await applyHere(pc, content);
    expect(secrets(pc)).toEqual(expected);
    expect(world.git(pc, "status", "--porcelain")).toBe(status);
    undo(applied.undo);
    expect(secrets(pc)).toEqual(["plain\n", "V:plain\n"]);
    expect(world.git(pc, "diff", "--cached", "--name-only")).toBe("");
  });

  it("does not keep the printed undo from restoring files that the work leaves without a filter", async () => {
    const { pc, content } = await twoFiles(() => world.write(".gitattributes", ""));
    fails();
    const applied = await applyHere(pc, content);
    expect(secrets(pc)).toEqual(["plain\n", "plain\n"]);
    undo(applied.undo);
    expect(secrets(pc)).toEqual(["V:plain\n", "V:plain\n"]);
  });

  it("does not keep Photon from restoring the files if only the real file shows that it fails", async () => {
    const { pc, content } = await twoFiles(() => world.write(b, "new\n"));
    const smudge = program("lfs", '[ -n "$GIT_LFS_SKIP_SMUDGE" ] && exec cat; exit 1');
    globally({ "filter.vault.clean": "false", "filter.vault.smudge": smudge });
    await expect(applyHere(pc, content)).rejects.toThrow(/^The files could not be written: .*external filter/);
    expect(secrets(pc)).toEqual(["plain\n", "V:plain\n"]);
    expect(world.git(pc, "status", "--porcelain")).toBe("");
  });
});

describe("a filter that fails on the machine that hands over", () => {
  it("is named with its program", async () => {
    const { built } = await withFilter({});
    expect(built.excluded).toEqual([]);
    globally({ "filter.vault.clean": "git-lfs-is-not-here clean", "filter.vault.required": "true" });
    world.write("secret/key", "new\n");
    await expect(buildCapsule(world.mac)).rejects.toThrow(/could not be packed: .*git-lfs-is-not-here/);
  });
});
