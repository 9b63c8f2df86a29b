import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { bareEnv, runCli } from "../test/support/cli/built-cli.ts";
import { photonOnMac } from "../test/support/cli/photon-on-mac.ts";
import { nodeVersions } from "../test/support/hooks/built-hooks.ts";

const mac = photonOnMac();
const COMMANDS = ["setup", "send", "inbox", "read", "watch", "wait", "status", "flush", "doctor"];

describe("photon", () => {
  it.each(nodeVersions())("runs under Node $version, also through a link to it", async ({ node }) => {
    const link = join(mac.home, "photon");
    symlinkSync(mac.script, link);
    expect(await runCli(link, ["--version"], { env: mac.env, node })).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: "",
    });
    expect((await runCli(link, ["send", "pc", "hi"], { env: mac.env, node })).stdout).toMatch(/^Stored/);
  });

  it("lists its commands, each with a summary and its own examples", async () => {
    const { code, stdout } = await mac.run(["--help"]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} .*\\w{3}`, "m"));
    const helps = await Promise.all(COMMANDS.map((command) => mac.run([command, "--help"])));
    for (const [index, help] of helps.entries()) {
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toMatch(new RegExp(`Examples:\\n  photon ${COMMANDS[index]}`));
      expect(help.stdout).toContain("--json");
    }
  });

  it("fits every help into the terminal, without breaking an example or a word", async () => {
    const { stdout } = await mac.run(["--help"]);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) .*\w/gm)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "photon");
    const texts = [
      stdout,
      ...(await Promise.all(commands.map(async (name) => (await mac.run([name, "--help"])).stdout))),
    ];
    for (const text of texts) {
      const long = text.split("\n").filter((line) => line.length > 80);
      expect(long.filter((line) => /\s/.test(line.trim()))).toEqual([]); // only a word of its own may be longer
    }
    expect(stdout.replace(/\s+/g, " ")).toContain("130 stopped with Ctrl-C.");
    expect(stdout).toMatch(/^ {2}statusline /m);
  });

  it("explains `photon statusline`, which Claude Code runs", async () => {
    const { code, stdout } = await mac.run(["statusline", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain('"statusLine": {"type": "command", "command": "photon statusline"}');
  });

  it("explains in the help of setup why there is no flag for the key", async () => {
    expect((await mac.run(["setup", "--help"])).stdout).toContain("list of processes");
  });

  it.each([
    ["an unknown command", ["sned", "pc"], "unknown command 'sned' (Did you mean send?) (photon --help)"],
    ["a part of a command", ["rename", "mini"], "unknown command 'rename' (photon machines rename --help)"],
    ["an unknown flag", ["inbox", "--unread"], "unknown option '--unread' (photon inbox --help)"],
    ["too many arguments", ["status", "now"], "too many arguments"],
  ])("refuses %s in one line", async (_, args, sentence) => {
    const { code, stdout, stderr } = await mac.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^photon: [^\n]+\n$/);
    expect(stderr).toContain(sentence);
    const json = await mac.run([...args, "--json"]);
    expect(json).toMatchObject({ code: 2, stderr: "" });
    expect(JSON.parse(json.stdout)).toEqual({ error: expect.any(String), code: "usage" });
  });

  it("shows the help without a command, as wrong usage", async () => {
    const { code, stdout, stderr } = await mac.run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: photon");
  });

  it("uses no colours without a terminal", async () => {
    mac.bridge.receive({ read: true });
    for (const args of [["inbox", "--all"], ["doctor"], ["--help"]]) {
      expect((await mac.run(args)).stdout).not.toContain("\u001b");
    }
  });

  it("shows the stack of an error only with PHOTON_DEBUG=1", async () => {
    await mac.bridge.stop();
    expect((await mac.run(["inbox"])).stderr).not.toContain("    at ");
    const { stderr } = await mac.run(["inbox"], { env: { PHOTON_DEBUG: "1" } });
    expect(stderr).toMatch(/^photon: .*\n.*PhotonError.*\n {4}at /);
    expect(stderr).toContain("caused by ");
    expect(stderr).not.toContain("test-key");
  });

  it("reports a failing disk in one line, without a stack", async () => {
    const file = join(mac.home, "a file");
    writeFileSync(file, "");
    const { code, stdout, stderr } = await mac.run(["setup", "--no-check", "--url", mac.bridge.url], {
      env: { PHOTON_HOME: join(file, "photon") },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^photon: Something unexpected failed: .*a file.*\n$/);
  });

  it("ends quietly when the reader of its output closes the pipe", async () => {
    for (let count = 0; count < 100; count++) mac.bridge.receive({ content: "x".repeat(10_000) });
    const child = spawn(process.execPath, [mac.script, "inbox", "--limit", "100", "--json"], {
      env: { ...bareEnv(mac.env), ...mac.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const [code] = await once(child, "close");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("gives up on a bridge that accepts the request and never answers", async () => {
    mac.bridge.behaviour = "hangs";
    expect(await mac.run(["inbox"])).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be reached") });
  });
});
