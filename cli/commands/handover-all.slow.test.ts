import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const token = `${"gh"}p_${createHash("sha256").update("photon").digest("hex").slice(0, 36)}`;
let folder: string;
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example", ...args], { cwd: folder, stdio: "pipe" });
const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
const all = (...args: string[]) => mac.run(["handover", "--all", ...args], { cwd: folder });

/** A clone of which everything is pushed. */
beforeEach(() => {
  folder = join(mac.home, "a project");
  const bare = join(mac.home, "remote.git");
  for (const each of [folder, bare]) rmSync(each, { recursive: true, force: true });
  mkdirSync(folder);
  git("init", "-q", "-b", "main");
  write(".gitignore", "build/\n");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  git("clone", "-q", "--bare", folder, bare);
  git("remote", "add", "origin", bare);
  git("fetch", "-q", "origin");
  git("remote", "set-url", "origin", "https://git.example/remote.git"); // another machine can reach it
});
function makeWork(): void {
  git("checkout", "-q", "-b", "idea");
  git("commit", "-q", "--allow-empty", "-m", "an idea");
  git("checkout", "-q", "-b", "secret", "main");
  write("token.ts", `export const token = "${token}";\n`);
  git("add", "-A");
  git("commit", "-q", "-m", "oops");
  git("checkout", "-q", "main");
  mkdirSync(join(folder, "build"));
  write("build/x", "x");
  write("parser.ts", "export {};\n");
  write(".env", "A=1\n");
}

describe("photon handover --all", () => {
  it("says in one line that nothing would be lost, and sends nothing", async () => {
    const { stdout, code } = await all("--yes");
    expect({ stdout, code }).toEqual({
      code: 0,
      stdout:
        "Nothing would be lost: everything in 1 repository is committed and on a remote, as of the last fetch, and there are no stashes.\n",
    });
    expect(mac.bridge.messages).toEqual([]);
  });

  it("shows with --dry-run what would travel and what stays, and why, without a secret, and sends nothing", async () => {
    makeWork();
    const { stdout, code } = await all("--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/worktree [^\n]*a project, main: 2 uncommitted files\n/);
    expect(stdout).toContain("branch idea, 1 commit: an idea");
    expect(stdout).toMatch(/secret: They contain token\.ts: it may hold a secret: .*GitHub/);
    expect(stdout).toContain(".env: it is an environment file");
    expect(stdout).toContain("ignored by git: build/");
    expect(stdout).toMatch(/1 project, 1 worktree, 1 branch, \d KB\. Nothing was sent\./);
    expect(stdout).not.toContain(token);
    expect(mac.bridge.messages).toEqual([]);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("sends nothing if it cannot ask", async () => {
    makeWork();
    for (const args of [[], ["--json"]]) expect(await all(...args)).toMatchObject({ code: 2 });
    expect(mac.bridge.messages).toEqual([]);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("sends a handover for the branches and one for the worktree, each time under the same names, by address", async () => {
    makeWork();
    const { stdout, code } = await all("--yes", "--to", "pc");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("It is on the bridge.\n") });
    expect(mac.bridge.messages.map(({ kind, to, content }) => [kind, to, content.split("\n")[0]])).toEqual([
      ["handover", "pc", "# Handover: remote"], // the newest
      ["handover", "pc", "# Branches and stashes of remote"],
    ]);
    const sessions = mac.bridge.messages.map(({ session }) => session);
    expect((await all("--yes", "--to", "pc")).code).toBe(0);
    expect(mac.bridge.messages.slice(0, 2).map(({ session }) => session)).toEqual(sessions);
    expect((await all("--yes", "--to", "nas")).code).toBe(0);
    expect(new Set(mac.bridge.messages.map(({ session }) => session)).size).toBe(4);
  });

  it("fails loudly while something is only on this machine", async () => {
    makeWork();
    await mac.bridge.stop();
    const { stdout, stderr, code } = await all("--yes", "--to", "pc");
    await mac.bridge.restart();
    expect({ stdout: stdout.includes("Handed over"), code }).toEqual({ stdout: false, code: 1 });
    expect(stderr).toContain("Only 0 of 2 handovers are on the bridge; the others are still only on this machine.");
  });

  it.each([
    ["handover", "--all", "--send"],
    ["handover", "--all", "s-1"],
    ["handover", "--yes"],
    ["handover", "--dry-run"],
    ["resume", "--all", "--here"],
    ["resume", "--all", "3f2a9c1d"],
  ])("refuses wrong usage: photon %s %s %s", async (...args) => {
    expect((await mac.run(args)).code).toBe(2);
  });

  it.each(["handover", "resume"])("photon %s --all is for a person, not for Claude", async (command) => {
    const { code, stderr } = await mac.run([command, "--all", "--yes"], { env: { CLAUDECODE: "1" } });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("is for a person") });
  });
});

describe("photon resume --all", () => {
  it("says if no handover is open", async () => {
    const { stdout, code } = await mac.run(["resume", "--all"]);
    expect({ stdout, code }).toEqual({ stdout: "No handover with work is open for this machine.\n", code: 0 });
  });
});
