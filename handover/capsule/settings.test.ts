import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyInWorktree, planCapsule } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();

/** Every kind of change that a setting could affect. */
function work() {
  world.write("src/a.txt", "one\nTWO  \nthree\n\n\n");
  world.write("moved to ü.txt", "a line\n".repeat(50));
  world.remove("moved.txt");
  world.write("trailing.txt", "x \t\n\n\n");
  world.write("binary", Buffer.from([0, 1, 2, 255, 10, 13]));
}

describe("whatever the person's settings are, the work arrives complete:", () => {
  it.each([
    [
      "for differences",
      [
        ["diff.noprefix", "true"],
        ["diff.mnemonicPrefix", "true"],
        ["diff.renames", "copies"],
        ["diff.submodule", "log"],
        ["diff.context", "0"],
        ["diff.interHunkContext", "50"],
        ["diff.algorithm", "histogram"],
        ["diff.suppressBlankEmpty", "true"],
        ["diff.wordRegex", "."],
        ["diff.relative", "true"],
        ["diff.ignoreSubmodules", "all"],
        ["diff.orderFile", "/nowhere"],
        ["diff.external", "false"],
      ],
    ],
    [
      "for patches and white space",
      [
        ["apply.whitespace", "fix"],
        ["apply.whitespace", "error-all"],
        ["apply.ignoreWhitespace", "change"],
        ["core.whitespace", "cr-at-eol,tab-in-indent"],
      ],
    ],
    [
      "for files and the index",
      [
        ["core.abbrev", "4"],
        ["core.quotePath", "true"],
        ["core.safecrlf", "true"],
        ["core.splitIndex", "true"],
        ["core.untrackedCache", "true"],
        ["core.fsmonitor", "/nowhere/monitor"],
        ["core.bigFileThreshold", "10"],
        ["core.looseCompression", "0"],
        ["core.pager", "false"],
        ["index.version", "4"],
        ["index.sparse", "true"],
        ["feature.manyFiles", "true"],
      ],
    ],
    [
      "for status, colours, signatures and the rest",
      [
        ["color.ui", "always"],
        ["commit.gpgSign", "true"],
        ["gpg.program", "/nowhere/gpg"],
        ["status.showUntrackedFiles", "no"],
        ["status.relativePaths", "true"],
        ["status.branch", "true"],
        ["status.renames", "copies"],
        ["submodule.recurse", "true"],
        ["worktree.guessRemote", "true"],
        ["checkout.workers", "4"],
        ["transfer.fsckObjects", "true"],
        ["advice.detachedHead", "true"],
        ["log.showSignature", "true"],
        ["push.default", "nothing"],
      ],
    ],
  ])("settings %s", async (_, settings) => {
    world.write("moved.txt", "a line\n".repeat(50));
    world.commit();
    const pc = world.clone();
    for (const [name = "", value = ""] of settings) {
      for (const folder of [world.mac, pc]) world.git(folder, "config", "--add", name, value);
    }
    work();
    await world.carryWhole(world.mac, pc);
  });

  it("hooks, a monitor, an external diff and a textconv do not run on either machine", async () => {
    world.write(".gitattributes", "*.txt diff=own\n");
    world.commit();
    const pc = world.clone();
    const program = join(world.folder, "program");
    writeFileSync(program, `#!/bin/sh\ntouch "${join(world.folder, "it ran")}"\ncat "$1" 2>/dev/null | tr a-z A-Z\n`);
    chmodSync(program, 0o755);
    for (const folder of [world.mac, pc]) {
      const hooks = join(folder, ".git/own hooks");
      for (const hook of ["post-checkout", "post-index-change", "pre-commit", "post-commit", "reference-transaction"]) {
        world.write(`.git/own hooks/${hook}`, `#!/bin/sh\ntouch "${join(world.folder, "it ran")}"\n`, folder);
        chmodSync(join(hooks, hook), 0o755);
      }
      world.git(folder, "config", "diff.own.textconv", `'${program.replaceAll("'", "'\\''")}'`);
      world.git(folder, "config", "diff.own.command", `'${program.replaceAll("'", "'\\''")}'`);
      world.git(folder, "config", "core.hooksPath", hooks);
    }
    world.git(world.mac, "config", "core.fsmonitor", `'${program.replaceAll("'", "'\\''")}'`);
    world.write("src/a.txt", "changed\n");
    await world.carryWhole(world.mac, pc);
    expect(existsSync(join(world.folder, "it ran"))).toBe(false);
  });

  it("the person's own filters run: with one like git-crypt the capsule is encrypted and readable on the other machine", async () => {
    world.write(".gitattributes", "*.secret filter=turn\n");
    world.commit();
    const pc = world.clone();
    world.git(pc, "config", "--global", "filter.turn.clean", "tr a-zA-Z n-za-mN-ZA-M");
    world.git(pc, "config", "--global", "filter.turn.smudge", "tr a-zA-Z n-za-mN-ZA-M");
    world.write("x.secret", "readable\n");
    const { built } = await world.carryWhole(world.mac, pc);
    expect(built.content.patch.toString()).toContain("+ernqnoyr");
  });

  it("filters from the repository's own settings do not run: their files stay here, and the other machine reports them", async () => {
    world.write(".gitattributes", "*.secret filter=turn\n");
    world.write("known.secret", "as git has it\n");
    world.commit();
    const pc = world.clone();
    const program = `touch "${join(world.folder, "it ran")}"; cat`;
    for (const folder of [world.mac, pc]) {
      for (const kind of ["clean", "smudge", "process"]) world.git(folder, "config", `filter.turn.${kind}`, program);
      world.git(folder, "config", "filter.turn.required", "true");
    }
    world.write("x.secret", "readable\n");
    world.write("known.secret", "readable now\n");
    world.write("work", "x");
    const { built, applied } = await world.carry(world.mac, pc);
    expect(built.files).toEqual(["work"]);
    expect(built.excluded.map(({ path, reason }) => [path, reason.slice(0, 17)])).toEqual([
      ["known.secret", "its filter (turn)"],
      ["x.secret", "its filter (turn)"],
    ]);
    expect(applied.unfiltered.map(({ filter }) => filter)).toEqual(["turn"]);
    expect(existsSync(join(world.folder, "it ran"))).toBe(false);
  });

  it.each([
    ["in a new folder", "gitdir:**/worktrees/**"],
    ["on Photon's branches", "onbranch:photon/**"],
  ])("filters that the repository's own settings define only %s do not run, and are reported", async (_, condition) => {
    world.write(".gitattributes", "* filter=turn\n");
    world.commit();
    const pc = world.clone();
    const command = JSON.stringify(`touch "${join(world.folder, "it ran")}"; cat`);
    world.write(".git/more", `[filter "turn"]\n\tclean = ${command}\n\tsmudge = ${command}\n`, pc);
    world.git(pc, "config", `includeIf.${condition}.path`, "more");
    world.write("src/a.txt", "changed\n");
    const { applied } = await world.carryWhole(world.mac, pc);
    expect(applied.unfiltered.map(({ filter }) => filter)).toEqual(["turn"]);
    expect(existsSync(join(world.folder, "it ran"))).toBe(false);
    world.git(pc, "worktree", "add", "-q", "-b", "photon/alone", join(world.folder, "alone")); // proof that git itself would
    expect(existsSync(join(world.folder, "it ran"))).toBe(true);
  });

  it("a remote's program that only a new folder's settings name does not run during a fetch there", async () => {
    world.git(world.mac, "config", "uploadpack.allowFilter", "true");
    world.git(world.folder, "clone", "-q", "--no-checkout", "--filter=blob:none", `file://${world.mac}`, "pc");
    const pc = join(world.folder, "pc");
    world.write("program", `#!/bin/sh\ntouch "${join(world.folder, "it ran")}"\nexit 1\n`, world.folder);
    chmodSync(join(world.folder, "program"), 0o755);
    const program = `'${join(world.folder, "program").replaceAll("'", "'\\''")}'`;
    world.write(".git/more", `[remote "origin"]\n\tuploadpack = ${JSON.stringify(program)}\n`, pc);
    world.git(pc, "config", "includeIf.gitdir:**/worktrees/**.path", "more");
    world.write("new", "x");
    const { content } = await buildCapsule(world.mac);
    await expect(applyInWorktree(pc, content, world.target())).rejects.toThrow("The new folder could not be created");
    expect(existsSync(world.target().folder)).toBe(false);
    expect(existsSync(join(world.folder, "it ran"))).toBe(false);
    world.gitFails(pc, "worktree", "add", "-q", "-b", "photon/alone", join(world.folder, "alone")); // git itself would
    expect(existsSync(join(world.folder, "it ran"))).toBe(true);
  });

  it("a merge driver from the repository's own settings does not run: the conflict is reported", async () => {
    world.write(".gitattributes", "*.txt merge=own\n");
    world.commit();
    const pc = world.clone();
    world.git(pc, "config", "merge.own.driver", `touch "${join(world.folder, "it ran")}"`);
    world.write("src/a.txt", "ours\ntwo\nthree\n", pc);
    world.commit(pc);
    world.write("src/a.txt", "theirs\ntwo\nthree\n");
    const { content } = await buildCapsule(world.mac);
    expect((await planCapsule(pc, content, true)).conflicts).toEqual(["src/a.txt"]);
    expect(existsSync(join(world.folder, "it ran"))).toBe(false);
  });

  it("environment variables of a surrounding git hook do not lead to another repository", async () => {
    const pc = world.clone();
    const other = world.clone("other");
    world.write("src/a.txt", "changed\n");
    for (const [name, value] of Object.entries({
      GIT_DIR: join(other, ".git"),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, ".git/index"),
      GIT_OBJECT_DIRECTORY: join(other, ".git/objects"),
      GIT_COMMON_DIR: join(other, ".git"),
      GIT_PREFIX: "src/",
      GIT_NAMESPACE: "other",
      GIT_CONFIG_PARAMETERS: "'core.bare'='true'",
      GIT_EXTERNAL_DIFF: "false",
      GIT_DIFF_OPTS: "-u0",
      GIT_GLOB_PATHSPECS: "1",
      GIT_TRACE: "1",
      GIT_QUARANTINE_PATH: "/nowhere",
    }))
      vi.stubEnv(name, value);
    const built = await buildCapsule(world.mac);
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(treeOf(applied.folder)).toEqual(treeOf(world.mac));
  });
});

describe("files whose changes git is told to ignore", () => {
  it.each(["--assume-unchanged", "--skip-worktree"])(
    "stay here, marked %s, and do not count as deleted",
    async (mark) => {
      const pc = world.clone();
      world.git(world.mac, "update-index", mark, "README.md");
      world.write("README.md", "mine alone");
      world.write("work", "x");
      const { built, applied } = await world.carry(world.mac, pc);
      expect(built.files).toEqual(["work"]);
      expect(built.excluded).toEqual([{ path: "README.md", reason: "git is told to ignore its changes" }]);
      expect(readFileSync(join(applied.folder, "README.md"), "utf8")).toBe("hello\n");
    },
  );
});
