import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BuiltCli, buildCli, runCli } from "./support/cli/built-cli.ts";
import { type BuiltHooks, buildHooks, runBuiltHook } from "./support/hooks/built-hooks.ts";
import { ServerProcess } from "./support/server-process.ts";

const isRoot = process.getuid?.() === 0;
/** A user who may read nothing of root's; only root can start a process as another user. */
const OTHER_USER = 54_321;

let cli: BuiltCli;
let hooks: BuiltHooks;
beforeAll(async () => {
  cli = await buildCli();
  chmodSync(join(cli.script, "..", ".."), 0o755);
  hooks = await buildHooks({ "session-start": "hooks/session-start.ts" });
});
afterAll(() => {
  cli.remove();
  hooks.remove();
});

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon settings "));
  file = join(home, "config.json");
});
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

const env = () => ({ PHOTON_HOME: home });
const run = (...args: string[]) => runCli(cli.script, args, { env: env() });

describe("a settings file that cannot be read", () => {
  const REASON = /config\.json cannot be read \(EISDIR\): it is a folder\./;
  beforeEach(() => mkdirSync(file));

  it.each([
    [["send", "pc", "hi"]],
    [["inbox"]],
    [["status"]],
    [["setup", "--url", "https://bridge.example", "--machine", "mac", "--no-check"]],
    [["join", "https://bridge.example/join#x"]],
    [["wake", "all"]],
  ])("is reported by `photon %j`, and not as a machine that is not set up", async (args) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(REASON);
    expect(stdout + stderr).not.toMatch(/not set up|does not know/i);
  });

  it("is reported by the doctor, which does not call the address and the key missing", async () => {
    const { code, stdout } = await run("doctor");
    expect(code).toBe(1);
    expect(stdout).toMatch(REASON);
    expect(stdout).toMatch(/^fail {2}address +not known, see below/m);
    const rest = { BRIDGE_WORKER_URL: "http://127.0.0.1:1", BRIDGE_API_KEY: "k", BRIDGE_MACHINE_ID: "mac" };
    const elsewhere = await runCli(cli.script, ["doctor"], { env: { ...env(), ...rest } });
    expect(elsewhere.stdout).toMatch(/^warn {2}settings file +.*EISDIR/m);
  });

  it("is reported at every start of a session", async () => {
    for (const session of ["s-1", "s-2"]) {
      const stdin = { hook_event_name: "SessionStart", session_id: session, cwd: home, source: "startup" };
      const { code, output } = await runBuiltHook(hooks.path("session-start"), {
        env: { ...env(), HOME: home },
        stdin,
      });
      expect(code).toBe(0);
      expect(output).toEqual({ systemMessage: expect.stringMatching(REASON) });
    }
  });

  it("is reported by the server's tools, and no message gets a wrong sender", async () => {
    const server = await ServerProcess.start(env());
    try {
      for (const [name, args] of [
        ["check_messages", {}],
        ["send_message", { content: "hi", to: "pc" }],
      ] as const) {
        const { text, isError } = await server.call(name, args);
        expect(isError).toBe(true);
        expect(text).toMatch(REASON);
        expect(text).not.toContain("Not set up");
      }
    } finally {
      await server.stop();
    }
  });
});

describe.skipIf(process.platform === "win32")("files of another user (Windows has no modes)", () => {
  const asOther = (...args: string[]) => runCli(cli.script, args, { env: env(), ...(isRoot && { uid: OTHER_USER }) });
  const hide = (name: string, content: string) => {
    writeFileSync(join(home, name), content);
    chmodSync(join(home, name), isRoot ? 0o600 : 0);
    chmodSync(home, 0o777);
  };

  it("are named by the command that needs them, with the reason", async () => {
    hide("config.json", JSON.stringify({ workerUrl: "http://127.0.0.1:1", apiKey: "k", machineId: "box" }));
    const { code, stderr } = await asOther("send", "pc", "hi");
    expect(code).toBe(1);
    expect(stderr).toMatch(/Nothing was sent: .*config\.json cannot be read \(EACCES\)/);
    if (isRoot) expect(stderr).toContain("it belongs to another user");
  });

  it("are named by the doctor, and are never replaced", async () => {
    hide("keys.json", "{}");
    hide("config.json", "{}");
    expect((await asOther("doctor")).stdout).toMatch(/^fail {2}files +cannot be read: .*keys\.json \(EACCES\)/m);
    await asOther("setup", "--url", "https://bridge.example", "--machine", "mac", "--no-check");
    chmodSync(file, 0o600);
    expect(readFileSync(file, "utf8")).toBe("{}");
  });
});
