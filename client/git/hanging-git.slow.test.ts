import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isRunning } from "../disk/is-running.ts";
import { firstComplaint, GitTimeout, git, runGit } from "./git.ts";

let folder: string;
const plain = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@e", ...args], { cwd: folder, stdio: "pipe" });
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "photon git ")));
  vi.stubEnv("HOME", folder);
  vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
  plain("init", "-q", "-b", "main");
  writeFileSync(join(folder, ".gitattributes"), "f filter=own\n");
  writeFileSync(join(folder, "f"), "one\n");
  plain("add", ".");
  plain("commit", "-qm", "one");
  writeFileSync(join(folder, "f"), "two\n");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A filter of the person's that starts two more programs, and hangs as they do. */
function hangingFilter(): string {
  const script = join(folder, "hang");
  writeFileSync(
    script,
    '#!/bin/sh\n(sleep 600 & echo $! >> "$HOME/pids"; wait) &\necho $$ $! >> "$HOME/pids"\nwait\n',
    {
      mode: 0o755,
    },
  );
  plain("config", "--global", "filter.own.clean", `'${script}'`);
  return script;
}
const started = () => (readIfThere(join(folder, "pids")).match(/\d+/g) ?? []).map(Number);
const readIfThere = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
const STATUS = ["status", "--porcelain"];

describe.skipIf(process.platform === "win32")("a git that hangs", () => {
  it("is ended after its time with everything that it started", async () => {
    hangingFilter();
    await expect(runGit(folder, STATUS, { timeoutMs: 1_500 })).rejects.toThrow(GitTimeout);
    expect(started()).toHaveLength(3);
    await vi.waitFor(() => expect(started().filter(isRunning)).toEqual([]));
  });

  it("is ended so where a hook waits for it", async () => {
    hangingFilter();
    expect(git(folder, STATUS, 1_500)).toBeNull();
    expect(started()).toHaveLength(3);
    await vi.waitFor(() => expect(started().filter(isRunning)).toEqual([]));
  });

  it.each(["SIGINT", "SIGTERM"] as const)("is ended so if Photon gets %s", async (signal) => {
    hangingFilter();
    const code = `import { runGit } from ${JSON.stringify(new URL("git.ts", import.meta.url).href)};
      await runGit(${JSON.stringify(folder)}, ${JSON.stringify(STATUS)});`;
    const photon = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
    const ended = new Promise((resolve) => photon.on("exit", (_, by) => resolve(by)));
    await vi.waitFor(() => expect(started()).toHaveLength(3), 10_000);
    photon.kill(signal);
    expect(await ended).toBe(signal);
    await vi.waitFor(() => expect(started().filter(isRunning)).toEqual([]));
  });

  it("does not keep Photon waiting for a program that git left behind with its output open", async () => {
    const script = join(folder, "leave");
    writeFileSync(script, '#!/bin/sh\nsleep 600 < /dev/null > /dev/null & echo $! > "$HOME/pids"\ncat\n', {
      mode: 0o755,
    });
    plain("config", "--global", "filter.own.clean", `'${script}'`);
    expect((await runGit(folder, STATUS)).stdout.toString()).toContain(" M f\n");
    await vi.waitFor(() => expect(started().filter(isRunning)).toEqual([]));
  });
});

describe("git's complaint", () => {
  it.each([
    ["fatal: not a git repository\n", "not a git repository"],
    ["warning: x\nerror: one\nfatal: two\n", "one"],
    [
      "git-lfs filter-process: 1: git-lfs: not found\nfatal: the remote end hung up unexpectedly\n",
      "git-lfs filter-process: 1: git-lfs: not found (the remote end hung up unexpectedly)",
    ],
    [
      "vault: locked\nerror: external filter 'vault smudge' failed 1\nerror: external filter 'vault smudge' failed\n",
      "vault: locked (external filter 'vault smudge' failed 1)",
    ],
    [
      "git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure\n",
      "git@x: Permission denied (publickey). (Could not read from remote repository.)",
    ],
    [
      "error: packet write with format failed\nerror: Could not write client identification\nerror: initialization for subprocess 'lfs' failed\nsh: 1: lfs: not found\n",
      "sh: 1: lfs: not found (initialization for subprocess 'lfs' failed)",
    ],
    ["warning: x\nfatal: the remote end hung up unexpectedly\n", "the remote end hung up unexpectedly"],
    ["just words\nmore\n", "just words"],
    ["", "git did not say why."],
  ])("%j is %j", (stderr, complaint) => expect(firstComplaint(stderr)).toBe(complaint));
});
