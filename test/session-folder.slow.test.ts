import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { readDraft } from "../handover/draft/draft-store.ts";
import { noteOpen, readOpen } from "../handover/draft/open-sessions.ts";
import { type BuiltCli, buildCli, runCli } from "./support/cli/built-cli.ts";
import { type BuiltHooks, buildHooks, runBuiltHook } from "./support/hooks/built-hooks.ts";
import { ServerProcess } from "./support/server-process.ts";

const RECORDED = join(import.meta.dirname, "fixtures/transcripts/interactive-tasks-edits.jsonl");
const isPosixRoot = process.getuid?.() === 0;
const OTHER_USER = 54_321;

let hooks: BuiltHooks;
let cli: BuiltCli;
beforeAll(async () => {
  hooks = await buildHooks({
    "session-start": "hooks/session-start.ts",
    stop: "hooks/stop.ts",
    "session-end": "hooks/session-end.ts",
  });
  cli = await buildCli();
});
afterAll(() => {
  hooks.remove();
  cli.remove();
});

let world: string;
let home: string;
let main: string;
let transcript: string;
let paths: Paths;
beforeEach(() => {
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon folder ")));
  home = join(world, "home");
  main = join(world, "checkout");
  mkdirSync(main);
  git(main, "init", "-q", "-b", "main");
  git(main, "remote", "add", "origin", "https://example.invalid/team/demo.git");
  writeFileSync(join(main, "f"), "base\n");
  git(main, "add", "-A");
  git(main, "commit", "-q", "-m", "base");
  transcript = join(world, "session.jsonl");
  cpSync(RECORDED, transcript);
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(world, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

function git(cwd: string, ...args: string[]): void {
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd, stdio: "pipe" });
}

/** As the client's EnterWorktree does it. */
function enteredWorktree(): string {
  const worktree = join(main, ".claude", "worktrees", "fox");
  git(main, "worktree", "add", "-q", worktree, "-b", "worktree-fox");
  appendFileSync(join(worktree, "f"), "work\n");
  writeFileSync(join(worktree, "new"), "");
  return worktree;
}

const SETTINGS = { BRIDGE_WORKER_URL: "http://127.0.0.1:1", BRIDGE_API_KEY: "k", BRIDGE_MACHINE_ID: "mac" };

/** Runs a hook. The client's project folder stays the main checkout, whatever the session's working directory. */
async function hook(name: string, cwd: string, env: Record<string, string> = {}) {
  const stdin = { hook_event_name: name, session_id: "s-1", cwd, transcript_path: transcript, source: "startup" };
  const all = { HOME: world, PHOTON_HOME: home, CLAUDE_PROJECT_DIR: main, ...SETTINGS, ...env };
  const run = await runBuiltHook(hooks.path(name), { env: all, stdin });
  expect(run.code).toBe(0);
  return run;
}
const draft = () => readDraft(paths, "s-1");
const photon = (args: string[], cwd: string, env: Record<string, string> = {}) =>
  runCli(cli.script, args, { cwd, env: { PHOTON_HOME: home, ...SETTINGS, ...env } });

describe("a session that enters a worktree", () => {
  it("hands over the worktree's branch and changes, under the project of the main checkout", async () => {
    await hook("stop", main);
    expect(draft()).toMatchObject({ branch: "main", folder: main, project: "demo" });
    const worktree = enteredWorktree();
    await hook("stop", worktree);
    expect(draft()).toMatchObject({ branch: "worktree-fox", folder: worktree, project: "demo" });
    expect(draft()?.text).toContain("Uncommitted: `f`");
    expect(readOpen(paths, "s-1")?.folder).toBe(worktree);
  });

  it("hands over the main checkout again after the worktree was removed", async () => {
    const worktree = enteredWorktree();
    await hook("stop", worktree);
    git(main, "worktree", "remove", "--force", worktree);
    await hook("stop", worktree);
    expect(draft()).toMatchObject({ branch: "main", folder: main, project: "demo" });
  });

  it("is known to the server and to the command in the same turn", async () => {
    await hook("stop", main);
    const worktree = enteredWorktree();
    const line = { type: "user", isSidechain: false, cwd: worktree, message: { role: "user", content: "go on" } };
    appendFileSync(transcript, `${JSON.stringify(line)}\n`);
    const env = { PHOTON_HOME: home, ...SETTINGS, CLAUDE_PROJECT_DIR: main, CLAUDE_CODE_SESSION_ID: "s-1" };
    const server = await ServerProcess.start(env);
    try {
      expect((await server.call("hand_over")).text).toContain("Branch `worktree-fox`");
    } finally {
      await server.stop();
    }
    expect(draft()).toMatchObject({ branch: "worktree-fox", folder: worktree });
    git(main, "worktree", "remove", "--force", worktree);
    const { stdout } = await photon(["handover"], main, { CLAUDE_CODE_SESSION_ID: "s-1" });
    expect(stdout).toContain("Branch `main`");
  });
});

describe("a folder that was deleted", () => {
  it("keeps its project and what was known of a killed session's work", async () => {
    const worktree = join(world, "fox");
    git(main, "worktree", "add", "-q", worktree, "-b", "worktree-fox");
    await hook("stop", worktree, { CLAUDE_PROJECT_DIR: worktree });
    rmSync(worktree, { recursive: true });
    await hook("session-end", worktree, { CLAUDE_PROJECT_DIR: worktree });
    expect(draft()).toMatchObject({ project: "demo", branch: "worktree-fox", folder: worktree });
    expect(draft()?.text).toContain("Not known: This folder does not exist any more.");
    const killed = { session: "s-1", pid: 0, transcriptPath: transcript, folder: worktree, seenAt: 1, isDue: false };
    noteOpen(paths, { ...killed, seenAt: Date.now(), hasEnded: false });
    await photon(["flush"], main);
    expect(draft()).toMatchObject({ project: "demo", branch: "worktree-fox" });
  });

  it.skipIf(process.platform === "win32")("crashes no command and no hook (Windows does not delete it)", async () => {
    const inDeleted = (command: string) =>
      execFileSync("sh", ["-c", `mkdir gone && cd gone && rmdir ../gone && ${command} 2>&1 || true`], {
        cwd: world,
        encoding: "utf8",
        input: JSON.stringify({ hook_event_name: "Stop", session_id: "s-1" }),
        env: { PATH: process.env.PATH ?? "", HOME: world, PHOTON_HOME: home, ...SETTINGS },
      });
    const node = JSON.stringify(process.execPath);
    for (const command of ["status", "doctor", "handover", "drafts", "inbox", "send pc hi"]) {
      expect(inDeleted(`${node} ${JSON.stringify(cli.script)} ${command}`)).not.toMatch(/uv_cwd|unexpected|at .*\.mjs/);
    }
    for (const name of ["session-start", "stop", "session-end"])
      expect(inDeleted(`${node} ${JSON.stringify(hooks.path(name))}`)).not.toMatch(/uv_cwd|at .*\.cjs/);
  });
});

describe("git that does not help", () => {
  /** A folder with this script in place of git, for PATH. */
  const pathWith = (script: string | null) => {
    const bin = join(world, "bin");
    mkdirSync(bin);
    if (script !== null) writeFileSync(join(bin, "git"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: bin };
  };

  it.skipIf(process.platform === "win32").each([
    ["is not installed", null, "git is not installed"],
    ["takes too long", "exec /bin/sleep 5", "Git did not answer in time"],
    ["refuses", 'echo "fatal: detected dubious ownership in repository" >&2; exit 128', "belongs to another user"],
    ["fails", "exit 1", "Git cannot read this repository"],
  ])("changes no project and is named if it %s (the scripts need a shell)", async (_, script, words) => {
    const env = pathWith(script);
    await hook("stop", main, env);
    expect(draft()).toMatchObject({ project: "demo", folder: main });
    expect(draft()?.text).toMatch(/## Git\n\nNot known: /);
    expect(draft()?.text).toContain(words);
    const { stdout } = await photon(["status"], main, env);
    expect(stdout).toContain("project demo");
    expect(stdout).toContain(words);
    const report = (await photon(["doctor"], main, env)).stdout;
    expect(report).toMatch(/^ok {4}project +demo, /m);
    expect(report).toMatch(/^warn {2}git +/m);
    if (script !== null) return; // the start of a session waits for git only briefly
    expect((await hook("session-start", main, env)).output).toEqual({ systemMessage: expect.stringContaining(words) });
  });

  it("is not misled by the environment", async () => {
    const other = join(world, "other");
    mkdirSync(other);
    git(other, "init", "-q", "-b", "elsewhere");
    for (const env of [
      { GIT_DIR: join(other, ".git"), GIT_WORK_TREE: other },
      { GIT_DIR: ".git", GIT_COMMON_DIR: join(other, ".git") },
      { GIT_CEILING_DIRECTORIES: main },
      { GIT_INDEX_FILE: join(world, "index"), GIT_NAMESPACE: "x", GIT_OBJECT_DIRECTORY: other },
    ]) {
      const below = join(main, "below");
      mkdirSync(below, { recursive: true });
      await hook("stop", below, { ...env, CLAUDE_PROJECT_DIR: below });
      expect(draft()).toMatchObject({ project: "demo", branch: "main" });
    }
  });

  it.skipIf(!isPosixRoot)("does not hide the project of another user's folder (only root can make one)", async () => {
    chownSync(main, OTHER_USER, OTHER_USER);
    const env = { GIT_CONFIG_GLOBAL: join(world, "gitconfig") };
    chmodSync(world, 0o755);
    await hook("stop", main, env);
    expect(draft()).toMatchObject({ project: "demo" });
    expect((await photon(["doctor"], main, env)).stdout).toMatch(/^warn {2}git .*safe\.directory/m);
  });
});

describe("a relative PHOTON_HOME", () => {
  const RELATIVE = { PHOTON_HOME: "photon-files" };
  const SENTENCE = "PHOTON_HOME must be an absolute path or begin with ~/";

  it("is refused in one sentence by every entry, and creates nothing in the repository", async () => {
    const before = readdirSync(main);
    for (const args of [["status"], ["inbox"], ["send", "pc", "hi"], ["setup", "--no-check"], ["doctor"]]) {
      const { code, stdout, stderr } = await photon(args, main, RELATIVE);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain(SENTENCE);
    }
    const { output } = await hook("session-start", main, RELATIVE);
    expect(output).toEqual({ systemMessage: expect.stringContaining(SENTENCE) });
    await hook("stop", main, RELATIVE);
    await hook("session-end", main, RELATIVE);
    const server = await ServerProcess.start({ ...SETTINGS, ...RELATIVE, CLAUDE_PROJECT_DIR: main });
    try {
      for (const name of ["check_messages", "hand_over"]) expect((await server.call(name)).text).toContain(SENTENCE);
      expect((await server.call("send_message", { content: "hi", to: "pc" })).text).toContain(SENTENCE);
    } finally {
      await server.stop();
    }
    expect(readdirSync(main)).toEqual(before);
  });

  it("is the home folder's with ~, the same for all", async () => {
    await hook("stop", main, { PHOTON_HOME: "~/mine" });
    expect(existsSync(join(world, "mine", "sessions"))).toBe(true);
    expect(readdirSync(main).sort()).toEqual([".git", "f"]);
  });
});
