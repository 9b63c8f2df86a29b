import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { noteProject } from "../../client/settings/known-projects.ts";
import { environment, treeOf } from "../../test/support/capsule/world.ts";
import { runCommand } from "../../test/support/cli/built-cli.ts";
import { RealBridge, type TestMachine } from "../../test/support/real-bridge.ts";
import { saveDraft } from "../draft/draft-store.ts";
import { noteOpen } from "../draft/open-sessions.ts";

// Everything that only the machine mac has, in five projects, reaches pc before mac is gone.

let bridge: RealBridge;
let world: string;
let mac: TestMachine;
let pc: TestMachine;

const REACHABLE = "https://git.example/";
const at = (...parts: string[]) => join(world, ...parts);
function git(folder: string, ...args: string[]): string {
  const settings = ["-c", "gc.auto=0", "-c", `url.${at("remotes")}/.insteadOf=${REACHABLE}`];
  return execFileSync("git", [...settings, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: environment(world),
    stdio: "pipe",
  }).replace(/\n$/, "");
}
function write(folder: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Makes branches in one process: each with `commits` commits and a file of its own. */
function makeBranches(folder: string, names: readonly string[], commits = 2): void {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const main = git(folder, "rev-parse", "refs/remotes/origin/main^{commit}");
  const stream = names.flatMap((name, branch) =>
    Array.from({ length: commits }, (_, number) =>
      [
        `commit refs/heads/${name}`,
        `committer a <a@example> ${1_700_000_000 + 100 * branch + number} +0000`,
        data(`${name}: step ${number}`).trimEnd(),
        ...(number === 0 ? [`from ${main}`] : []),
        `M 100644 inline branch/${name}-${number}.txt\n${data(`${name} ${number}`)}`,
      ].join("\n"),
    ),
  );
  const input = `${stream.join("\n")}\ndone\n`;
  execFileSync("git", ["fast-import", "--quiet", "--done"], { cwd: folder, input, env: environment(world) });
}

/** A project with a remote, which pc has cloned, and mac's clone of it. */
function project(name: string): string {
  git(world, "init", "-q", "-b", "main", at("seed", name));
  write(at("seed", name), "README.md", `${name}\n`);
  write(at("seed", name), ".gitignore", "ignored/\n");
  git(at("seed", name), "add", "-A");
  git(at("seed", name), "commit", "-q", "-m", "first");
  git(world, "clone", "-q", "--bare", at("seed", name), at("remotes", `${name}.git`));
  git(world, "clone", "-q", `${REACHABLE}${name}.git`, at("mac", name));
  git(world, "clone", "-q", at("remotes", `${name}.git`), at("pc", name));
  return at("mac", name);
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
const worktree = (folder: string, name: string, ...args: string[]): string => {
  git(folder, "worktree", "add", "-q", ...args.slice(0, 1), at("mac", name), ...args.slice(1));
  return at("mac", name);
};

/** What must arrive: by project, the commits of branches and stashes, and the files and HEAD of dirty worktrees. */
interface Only {
  readonly branches: Map<string, Set<string>>;
  readonly stashes: Map<string, Set<string>>;
  readonly worktrees: { readonly project: string; readonly head: string; readonly files: string }[];
}
let only: Only;
function note(project: string, folder: string, dirty: readonly string[]): void {
  const lines = git(folder, "for-each-ref", "--format=%(objectname)", "refs/heads/").split("\n");
  const local = lines.filter((commit) => git(folder, "rev-list", "--count", commit, "--not", "--remotes") !== "0");
  only.branches.set(project, new Set([...(only.branches.get(project) ?? []), ...local]));
  const stashes = git(folder, "stash", "list", "--format=%H").split("\n").filter(Boolean);
  only.stashes.set(project, new Set([...(only.stashes.get(project) ?? []), ...stashes]));
  for (const each of dirty)
    only.worktrees.push({ project, head: git(each, "rev-parse", "HEAD"), files: filesOf(each) });
}
const filesOf = (folder: string) => JSON.stringify({ ...treeOf(folder), "ignored/cache": undefined });

function stash(folder: string, name: string): void {
  write(folder, "README.md", `${name}, staged\n`);
  git(folder, "add", "README.md");
  write(folder, "README.md", `${name}, not staged\n`);
  write(folder, `${name}/untracked.bin`, Buffer.from([0, 1, 2, 255]));
  git(folder, "stash", "push", "-q", "-u", "-m", name);
}

function makeDirty(folder: string, name: string): string {
  write(folder, "README.md", `changed in ${name}\n`);
  write(folder, `new/${name}.bin`, Buffer.from(name.repeat(50)));
  write(folder, "ignored/cache", "x");
  return folder;
}

beforeAll(async () => {
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon everything ")));
  for (const [name, value] of Object.entries(environment(world))) vi.stubEnv(name, value);
  bridge = await RealBridge.start();
  mac = await bridge.member("mac");
  pc = await bridge.member("pc", { by: mac });
  await mac.mailbox.membership?.machineList(0);
  only = { branches: new Map(), stashes: new Map(), worktrees: [] };

  // 12 worktrees: app has 4 and a second clone, lib 3 of which one is detached, site 2, tool 1, notes 1.
  const app = project("app");
  makeBranches(app, names("app", 13));
  const appTrees = [1, 2, 3].map((number) => worktree(app, `app-${number}`, "--force", `app-${number}`));
  stash(app, "first stash");
  stash(app, "second stash");
  note(
    "app",
    app,
    [app, ...appTrees].map((each, number) => makeDirty(each, `app tree ${number}`)),
  );

  git(world, "clone", "-q", `${REACHABLE}app.git`, at("mac", "elsewhere", "app"));
  const second = at("mac", "elsewhere", "app");
  makeBranches(second, names("app", 3), 3); // the same names as in the first clone, and other commits
  stash(second, "stash of the second clone");
  note("app", second, [makeDirty(second, "second clone")]);

  const lib = project("lib");
  makeBranches(lib, names("lib", 11));
  const detached = worktree(lib, "lib-detached", "--detach", "lib-1");
  git(detached, "commit", "-q", "--allow-empty", "-m", "on no branch");
  const gone = worktree(lib, "lib-gone", "--detach", "lib-2");
  git(gone, "commit", "-q", "--allow-empty", "-m", "on no branch, and its folder is gone");
  const lost = git(gone, "rev-parse", "HEAD");
  rmSync(gone, { recursive: true });
  const libTree = worktree(lib, "lib-3", "--force", "lib-3");
  note(
    "lib",
    lib,
    [lib, detached, libTree].map((each, number) => makeDirty(each, `lib tree ${number}`)),
  );
  only.branches.get("lib")?.add(lost);

  const site = project("site");
  makeBranches(site, names("site/part", 8));
  const siteTree = worktree(site, "site-1", "--force", "site/part-1");
  git(site, "commit", "-q", "--allow-empty", "-m", "on main, not pushed");
  note(
    "site",
    site,
    [site, siteTree].map((each, number) => makeDirty(each, `site tree ${number}`)),
  );

  const tool = project("tool");
  makeBranches(tool, names("tool", 5));
  stash(tool, "stash of tool");
  git(tool, "config", "core.fsmonitor", `touch "${at("hostile")}"`);
  git(tool, "config", "filter.evil.clean", `touch "${at("hostile")}"; cat`);
  write(tool, ".gitattributes", "*.evil filter=evil\n");
  note("tool", tool, [makeDirty(tool, "tool tree")]);
  write(tool, "a.evil", "evil\n");
  rmSync(at("hostile"), { force: true }); // made by the test's own git

  git(world, "init", "-q", "-b", "main", at("mac", "notes"));
  write(at("mac", "notes"), "README.md", "notes\n");
  git(at("mac", "notes"), "add", "-A");
  git(at("mac", "notes"), "commit", "-q", "-m", "never pushed");
  note("notes", at("mac", "notes"), [makeDirty(at("mac", "notes"), "notes")]);

  // Known: by the cache, by a draft, by an open session; and folders that are gone, hang or are hostile.
  for (const name of ["app", "elsewhere/app", "lib", "lib-gone", "app-1"])
    noteProject(mac.paths, at("mac", name), name);
  for (const name of ["app", "lib", "site", "tool"]) noteProject(pc.paths, at("pc", name), name);
  const draft = { project: "site", machine: "mac", text: "# Handover", savedAt: Date.now(), branch: "main" } as const;
  const numbers = { files: 1, prompts: 1, edits: 1, policy: "draft" } as const;
  saveDraft(mac.paths, { session: "s-1", ...draft, ...numbers, folder: at("mac", "site-1", "new") });
  const open = { pid: process.pid, transcriptPath: "", seenAt: Date.now(), isDue: false, hasEnded: false };
  for (const [session, name] of [
    ["s-2", "tool"],
    ["s-3", "notes"],
    ["s-4", "deleted"],
    ["s-5", "broken"],
    ["s-6", "hanging"],
  ] as const)
    noteOpen(mac.paths, { session, folder: at("mac", name), ...open });
  write(at("mac", "broken"), ".git", "gitdir: nowhere\n");
  for (const name of ["objects", "refs"]) mkdirSync(at("mac", "hanging", ".git", name), { recursive: true });
  write(at("mac", "hanging"), ".git/HEAD", "ref: refs/heads/main\n");
  execFileSync("mkfifo", [at("mac", "hanging", ".git", "config")]);
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await bridge.stop();
  rmSync(world, { recursive: true, force: true });
});
const run = (machine: TestMachine, args: readonly string[], cwd = world) => runCommand(args, { env: machine.env, cwd });

it("carries everything that only one machine has to another one, with one yes on each side", async () => {
  expect([...only.branches.values()].reduce((sum, { size }) => sum + size, 0)).toBe(43);
  expect(only.worktrees).toHaveLength(12);
  const sent = await run(mac, ["handover", "--all", "--to", "pc", "--yes", "--json"]);
  expect(sent.code, sent.stderr).toBe(0);
  const report = JSON.parse(sent.stdout);
  expect(report).toMatchObject({ totals: { projects: 5, worktrees: 12, branches: 43, stashes: 4 }, sent: true });

  const trouble = (name: string) => report.repositories.find(({ root }: { root: string }) => root === at("mac", name));
  expect(trouble("hanging").troubles).toEqual([expect.stringMatching(/did not end within 5 s|did not answer/)]);
  expect(trouble("broken").troubles).toEqual(["This folder is not in a git repository."]);

  // The machine is gone.
  for (const folder of [at("mac"), dirname(mac.paths.config)]) rmSync(folder, { recursive: true });
  const first = await run(pc, ["resume", "--all", "--yes"]);
  expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining("knows no clone of notes") });
  git(world, "init", "-q", "-b", "main", at("pc", "notes"));
  const rest = await run(pc, ["resume", "--all", "--yes"], at("pc", "notes"));
  expect(rest.code, rest.stderr).toBe(0);
  expect((await run(pc, ["resume", "--all", "--yes"])).stdout).toContain("No handover with work is open");

  for (const [project, commits] of only.branches) {
    const heads = git(at("pc", project), "for-each-ref", "--format=%(objectname)", "refs/heads/").split("\n");
    expect(
      [...commits].filter((commit) => !heads.includes(commit)),
      project,
    ).toEqual([]);
    git(at("pc", project), "fsck", "--strict", "--no-dangling");
  }
  for (const [project, commits] of only.stashes) {
    const list = git(at("pc", project), "stash", "list", "--format=%H").split("\n").filter(Boolean);
    expect(list.sort(), project).toEqual([...commits].sort());
  }
  const arrived = readdirSync(at("pc"))
    .filter((name) => name.includes("-photon-mac-"))
    .map((name) => ({
      project: name.replace(/-photon-.*/, ""),
      head: git(at("pc", name), "rev-parse", "HEAD"),
      files: filesOf(at("pc", name)),
    }));
  const sorted = (all: Only["worktrees"]) => all.map((each) => JSON.stringify(each)).sort();
  expect(sorted(arrived)).toEqual(sorted(only.worktrees));
  expect(existsSync(at("hostile"))).toBe(false);
}, 300_000);
