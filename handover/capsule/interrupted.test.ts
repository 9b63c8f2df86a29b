import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { environment, everything, type Files, treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyHere, applyInWorktree } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();
const module = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));

/**
 * Runs code in a process of its own and kills that process, without a chance to clean up, when git is called with this
 * word: before or after that call. The git process itself runs to its end, as it does when a session is killed.
 */
async function killedAt(code: string, word: string, when: "before" | "after"): Promise<void> {
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  const folder = join(world.folder, "bin");
  mkdirSync(folder, { recursive: true });
  const kill = 'kill -9 "$(cat "$0.pid")"';
  const run = `"${real}" "$@"; code=$?`;
  const both = when === "before" ? `${kill}; exit 1` : `${run}; ${kill}; exit $code`;
  writeFileSync(
    join(folder, "git"),
    `#!/bin/sh\ncase " $* " in\n  *" ${word} "*) ${both};;\n  *) exec "${real}" "$@";;\nesac\n`,
  );
  chmodSync(join(folder, "git"), 0o755);
  const env: Record<string, string> = { ...environment(world.folder), TMPDIR: temporary() };
  const child = spawn(process.execPath, ["--input-type=module", "-e", `await 0; ${code}`], {
    cwd: world.folder,
    env: { ...env, PATH: `${folder}:${env.PATH}` },
    stdio: "ignore",
  });
  writeFileSync(join(folder, "git.pid"), String(child.pid));
  const [, signal] = await once(child, "close");
  expect(signal, `killed ${when} git ${word}`).toBe("SIGKILL");
  await vi.waitFor(() => expect(runningGits()).toEqual([]));
}

/** Git processes that the killed process started and that still run. */
function runningGits(): string[] {
  const own = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return own.split("\n").filter((line) => line.includes(world.folder) && line.includes("git"));
}

function temporary(): string {
  const folder = join(world.folder, "temporary");
  mkdirSync(folder, { recursive: true });
  return folder;
}

const building = () =>
  `const { buildCapsule } = await import(${JSON.stringify(module("build/build-capsule"))}); await buildCapsule(${JSON.stringify(world.mac)});`;

async function applying(pc: string, call: string): Promise<string> {
  const { bytes, sha256 } = await buildCapsule(world.mac);
  writeFileSync(join(world.folder, "capsule"), bytes);
  return `const { readFileSync } = await import("node:fs");
    const { unpackCapsule } = await import(${JSON.stringify(module("capsule-file"))});
    const { applyHere, applyInWorktree } = await import(${JSON.stringify(module("apply/apply-capsule"))});
    const content = unpackCapsule(readFileSync(${JSON.stringify(join(world.folder, "capsule"))}), "${sha256}");
    const pc = ${JSON.stringify(pc)};
    await ${call};`;
}

/** Without unreachable objects and the settings of worktrees. */
function visible(folder: string): Files {
  return Object.fromEntries(Object.entries(everything(folder)).filter(([path]) => !path.startsWith("git objects/")));
}

function someWork() {
  world.write("src/a.txt", "changed\n");
  world.write("new/file", "x");
  world.remove("README.md");
}

describe("building that is killed", () => {
  it.each([
    ["update-index", "before"],
    ["update-index", "after"],
    ["cat-file", "after"],
    ["bundle", "after"],
  ] as const)("at git %s (%s) leaves nothing in the repository", async (word, when) => {
    world.origin();
    world.write("committed", "x");
    world.commit();
    someWork();
    const before = everything(world.mac);
    await killedAt(building(), word, when);
    expect(everything(world.mac)).toEqual(before);
  });

  it("leaves a temporary folder, which a later build removes when it is old", async () => {
    world.origin();
    someWork();
    vi.stubEnv("TMPDIR", temporary());
    await killedAt(building(), "update-index", "after");
    const [left = ""] = readdirSync(temporary());
    expect(left).toMatch(/^photon-capsule-/);
    await buildCapsule(world.mac);
    expect(readdirSync(temporary()), "a young one may be in use").toEqual([left]);
    const hoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1_000);
    utimesSync(join(temporary(), left), hoursAgo, hoursAgo);
    await buildCapsule(world.mac);
    expect(readdirSync(temporary())).toEqual([]);
  });
});

describe("resuming here that is killed", () => {
  it.each([
    ["index-pack", "after"],
    ["apply", "after"],
    ["unpack-objects", "after"],
  ] as const)("before it writes, at git %s (%s), leaves everything as it was", async (word, when) => {
    const { pc } = world.origin();
    world.write("committed", "x");
    world.commit();
    someWork();
    const before = visible(pc);
    await killedAt(await applying(pc, "applyHere(pc, content)"), word, when);
    expect(visible(pc)).toEqual(before);
  });

  it("half-way is reported at the next try, with the command that restores everything", async () => {
    const pc = world.clone();
    someWork();
    const before = { files: treeOf(pc), index: world.git(pc, "ls-files", "-s") };
    await killedAt(await applying(pc, "applyHere(pc, content)"), "checkout-index", "before");
    expect(treeOf(pc)).not.toEqual(before.files);
    const { content } = await buildCapsule(world.mac);
    const error = await applyHere(pc, content).catch((cause: unknown) => cause);
    const [, command = ""] = /This command restores everything: (.*)$/.exec(String(error)) ?? [];
    execFileSync("sh", ["-c", command]);
    expect({ files: treeOf(pc), index: world.git(pc, "ls-files", "-s") }).toEqual(before);
    await applyHere(pc, content);
    expect(treeOf(pc)).toEqual(treeOf(world.mac));
    expect(readdirSync(join(pc, ".git")).filter((name) => name.startsWith("photon"))).toEqual([]);
  });
});

describe("resuming that is interrupted from the keyboard", () => {
  it.each([
    ["here", "applyHere(pc, content)", "checkout-index"],
    ["a new folder", "applyInWorktree(pc, content, { folder: pc + ' new', branch: 'new' })", "worktree"],
    ["into a new folder", "applyInWorktree(pc, content, { folder: pc + ' new', branch: 'new' })", "--hard"],
  ])("while it writes %s is finished before the program ends", async (_, call, word) => {
    const pc = world.clone();
    someWork();
    const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
    const folder = join(world.folder, "bin");
    mkdirSync(folder);
    const wait = `touch "${folder}/writing"; sleep 0.5`;
    writeFileSync(
      join(folder, "git"),
      `#!/bin/sh\ncase " $* " in *" ${word} "*) ${wait};; esac\nexec "${real}" "$@"\n`,
    );
    chmodSync(join(folder, "git"), 0o755);
    const env: Record<string, string> = { ...environment(world.folder), TMPDIR: temporary() };
    const child = spawn(process.execPath, ["--input-type=module", "-e", await applying(pc, call)], {
      env: { ...env, PATH: `${folder}:${env.PATH}` },
      stdio: "ignore",
      detached: true, // its own process group, like a command in a terminal
    });
    await vi.waitFor(() => expect(existsSync(join(folder, "writing"))).toBe(true), { timeout: 10_000 });
    process.kill(-(child.pid ?? 0), "SIGINT");
    const [, signal] = await once(child, "close");
    expect(signal).toBe("SIGINT");
    expect(treeOf(word === "checkout-index" ? pc : `${pc} new`)).toEqual(treeOf(world.mac));
    expect(readdirSync(join(pc, ".git")).filter((name) => name.startsWith("photon"))).toEqual([]);
  });
});

describe("resuming into a new folder that is killed", () => {
  it.each([
    ["worktree", "before"],
    ["worktree", "after"],
    ["--hard", "before"],
    ["--hard", "after"],
    ["--mixed", "after"],
  ] as const)("at git %s (%s) is cleaned up by the next one, which can use the same name", async (word, when) => {
    const pc = world.clone();
    someWork();
    const before = visible(pc);
    const target = JSON.stringify(world.target());
    await killedAt(await applying(pc, `applyInWorktree(pc, content, ${target})`), word, when);
    const { content } = await buildCapsule(world.mac);
    const attempt = applyInWorktree(pc, content, world.target());
    if (word === "--mixed") {
      // All of the work is there, on its branch: it is complete, and somebody may be working in it.
      await expect(attempt).rejects.toThrow("exists already");
      expect(treeOf(world.target().folder)).toEqual(treeOf(world.mac));
      return;
    }
    const { undo, folder } = await attempt;
    expect(treeOf(folder)).toEqual(treeOf(world.mac));
    execFileSync("sh", ["-c", undo]);
    expect(visible(pc)).toEqual(before);
  });

  it("in the middle of git's own writing is cleaned up in the same way", async () => {
    const pc = world.clone();
    someWork();
    const before = visible(pc);
    const target = JSON.stringify(world.target());
    await killedAt(await applying(pc, `applyInWorktree(pc, content, ${target})`), "--hard", "after");
    // The state after git itself was killed: some files exist, the index does not.
    const admin = world.git(world.target().folder, "rev-parse", "--git-dir");
    rmSync(join(admin, "index"));
    rmSync(join(world.target().folder, "src"), { recursive: true });
    const { content } = await buildCapsule(world.mac);
    const { undo } = await applyInWorktree(pc, content, world.target());
    expect(treeOf(world.target().folder)).toEqual(treeOf(world.mac));
    execFileSync("sh", ["-c", undo]);
    expect(visible(pc)).toEqual(before);
  });

  it("keeps an unfinished folder that somebody has worked in since", async () => {
    const pc = world.clone();
    someWork();
    const target = JSON.stringify(world.target());
    await killedAt(await applying(pc, `applyInWorktree(pc, content, ${target})`), "worktree", "after");
    world.write("mine", "x", world.target().folder);
    const { content } = await buildCapsule(world.mac);
    await applyInWorktree(pc, content, world.target("another"));
    expect(existsSync(join(world.target().folder, "mine"))).toBe(true);
  });
});
