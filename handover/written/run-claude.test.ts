import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isRunning } from "../../client/disk/is-running.ts";
import { type FakeClaude, fakeClaude } from "../../test/support/fake-claude.ts";
import { askClaude } from "./run-claude.ts";

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon asks "));
  folder = join(home, "empty");
  mkdirSync(folder);
  vi.stubEnv("HOME", home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const ask = (env: NodeJS.ProcessEnv, timeoutMs?: number) =>
  askClaude({ instructions: "Write.", prompt: "the texts\n", folder, env, timeoutMs });
const claude = (behaviour: string): FakeClaude => fakeClaude(home, behaviour);

describe.skipIf(process.platform === "win32")("Claude's answer", () => {
  it("is asked for with the prompt on stdin, without tools, servers, hooks, projects' settings or a transcript", async () => {
    const { env, calls } = claude('answer("## Goal");');
    expect(await ask(env)).toEqual({ text: "## Goal" });
    const [call] = calls();
    expect(call?.stdin).toBe("the texts\n");
    expect([call?.folder.endsWith("/empty"), call?.files]).toEqual([true, []]);
    const line = call?.args.join(" ") ?? "";
    for (const option of [
      ...["--print", "--model haiku", "--tools  ", "--max-turns 1", "--max-budget-usd 0.10", "--strict-mcp-config"],
      ...["--setting-sources user", '--settings {"disableAllHooks":true}', "--no-session-persistence"],
    ]) {
      expect(line).toContain(option);
    }
    expect(line).not.toContain("the texts");
  });

  it("comes from a client that knows nothing of the session that has ended, and keeps the person's account", async () => {
    const { env, calls } = claude('answer("x");');
    const ofSession = {
      CLAUDECODE: "1",
      CLAUDE_PID: "1",
      CLAUDE_PROJECT_DIR: home,
      CLAUDE_PLUGIN_ROOT: home,
      CLAUDE_CODE_ENTRYPOINT: "cli",
      CLAUDE_CODE_SESSION_ID: "s",
      CLAUDE_CODE_CHILD_SESSION: "1",
      CLAUDE_CODE_MESSAGING_TOKEN: "t",
      AI_AGENT: "x",
    };
    const account = { CLAUDE_CONFIG_DIR: home, CLAUDE_CODE_OAUTH_TOKEN: "o", CLAUDE_CODE_USE_BEDROCK: "1" };
    await ask({ ...env, ...ofSession, ...account });
    const given = calls()[0]?.env ?? {};
    expect(Object.keys(ofSession).filter((name) => name in given)).toEqual([]);
    expect(given).toMatchObject({ ...account, CLAUDE_CODE_SAFE_MODE: "1", PHOTON_HANDOVER: "off" });
  });

  it.each([
    ["is empty", 'answer("  ");', "its answer was empty or could not be read"],
    ["is garbage", 'console.log("\\u0000\\u001b[31m{not json");', "its answer was empty or could not be read"],
    ["is another JSON", 'console.log("[1]");', "its answer was empty or could not be read"],
    [
      "is over the budget",
      'answer(undefined, { subtype: "error_max_budget_usd", is_error: true }); process.exit(1);',
      "the budget of $0.10 was used up",
    ],
    [
      "is a failure in the client's words",
      'answer("Not logged in · Please run /login", { is_error: true }); process.exitCode = 1;',
      "`claude` failed: `Not logged in · Please run /login`",
    ],
    [
      "is a list of failures",
      'answer(undefined, { is_error: true, errors: ["Reached maximum number of turns (1)"] });',
      "`claude` failed: `Reached maximum number of turns (1)`",
    ],
    [
      "is refused by an older client",
      "console.error(\"error: unknown option '--tools'\\nusage\"); process.exitCode = 1;",
      "`claude` failed: `error: unknown option '--tools'`",
    ],
    ["is an exit without a word", "process.exitCode = 1;", "`claude` failed"],
  ])("that %s is none, and why is said", async (_, behaviour, why) => {
    expect(await ask(claude(behaviour).env)).toEqual({ text: null, why });
  });

  it("is none without a client", async () => {
    const why = "`claude` is not on the PATH of this machine";
    expect(await ask({ PATH: join(home, "nowhere") })).toEqual({ text: null, why });
    // A program in the current folder, such as the project's, is not the person's client.
    expect(await ask({ PATH: "." })).toEqual({ text: null, why });
  });

  it("is not waited for longer than its time, and nothing that the client started goes on", async () => {
    const pids = join(home, "pids");
    const { env } = claude(`
      const { spawn } = require("node:child_process");
      const child = spawn("/bin/sh", ["-c", "sleep 600 & echo $! >> '${pids}'; wait"], { stdio: "inherit" });
      fs.appendFileSync(${JSON.stringify(pids)}, child.pid + "\\n" + process.pid + "\\n");
      setInterval(() => {}, 1000);`);
    const asked = ask({ ...env, PATH: `${env.PATH}:${process.env.PATH}` }, 1_500);
    expect(await asked).toEqual({ text: null, why: "Claude did not answer within 2 s" });
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    expect(started).toHaveLength(3);
    await vi.waitFor(() => expect(started.filter(isRunning)).toEqual([]));
  });

  it("ends with what the client left behind", async () => {
    const pids = join(home, "pids");
    const { env } = claude(`
      const { spawn } = require("node:child_process");
      fs.writeFileSync(${JSON.stringify(pids)}, String(spawn("/bin/sleep", ["600"], { stdio: "ignore" }).pid));
      answer("## Goal"); process.exit(0);`);
    expect(await ask(env)).toEqual({ text: "## Goal" });
    const left = Number(readFileSync(pids, "utf8"));
    await vi.waitFor(() => expect(isRunning(left)).toBe(false));
  });

  it("is cut off if the client prints without end", async () => {
    const { env } = claude(
      'const more = () => { while (process.stdout.write("x".repeat(65536))); process.stdout.once("drain", more); }; more();',
    );
    expect(await ask(env)).toEqual({ text: null, why: "`claude` printed too much" });
  });
});
