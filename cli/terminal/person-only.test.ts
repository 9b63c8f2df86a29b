import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { bareEnv } from "../../test/support/cli/built-cli.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";
import { hasTmux, Tmux } from "../../test/support/cli/tmux.ts";

const mac = photonOnMac();

/** No terminal, and no PHOTON_UNATTENDED=1. */
const NOBODY = { PHOTON_UNATTENDED: "" };
const COMMANDS: readonly (readonly string[])[] = [
  ["invite", "--owner"],
  ["lock", "--yes"],
  ["clear", "--yes"],
  ["machines", "trust", "pc", "work"],
  ["machines", "owner", "pc", "--yes"],
  ["machines", "revoke", "pc", "--yes"],
  ["machines", "rename", "mini"],
  ["send", "pc", "--allow", "0123abcd", "text"],
];

describe("a command that decides who may read", () => {
  it.each(COMMANDS)("does nothing without a terminal: photon %s %s", async (...args) => {
    const { code, stderr } = await mac.run(args, { env: NOBODY });
    expect(code).toBe(1);
    expect(stderr).toMatch(/is for a person at a terminal, and no terminal is attached|has not joined/);
    if (args[0] !== "machines") expect(stderr).toContain("PHOTON_UNATTENDED=1");
  });

  it("does nothing in a session of Claude Code, even with PHOTON_UNATTENDED=1", async () => {
    for (const mark of ["CLAUDECODE", "CLAUDE_CODE_SESSION_ID"]) {
      const { code, stderr } = await mac.run(["clear", "--yes"], { env: { PHOTON_UNATTENDED: "1", [mark]: "1" } });
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("session of Claude Code") });
    }
  });

  it("works in a script with PHOTON_UNATTENDED=1", async () => {
    expect((await mac.run(["clear", "--yes"])).stdout).toContain("Deleted for every machine");
  });

  it("sets a machine up from a pipe once, and overwrites no existing settings", async () => {
    const flags = ["setup", "--no-check", "--key-stdin", "--machine", "mac"];
    const config = join(mac.home, "config.json");
    const env = { ...NOBODY, BRIDGE_WORKER_URL: "", BRIDGE_API_KEY: "", BRIDGE_MACHINE_ID: "" };
    const run = (url: string) => mac.run([...flags, "--url", url], { env, stdin: "a-key-0123456789" });
    expect(await run(mac.bridge.url)).toMatchObject({ code: 0 });
    const before = readFileSync(config, "utf8");
    expect(await run("https://other.example")).toMatchObject({ code: 1 });
    const join2 = await mac.run(["join"], {
      env,
      stdin: `https://other.example/join#${"0".repeat(32)}.${"A".repeat(22)}`,
    });
    expect(join2).toMatchObject({ code: 1, stderr: expect.stringContaining("at a terminal") });
    expect(readFileSync(config, "utf8")).toBe(before);
  });
});

describe.skipIf(!hasTmux)("at a terminal (skipped where tmux is not installed)", () => {
  let terminal: Tmux | null = null;
  afterEach(() => {
    terminal?.close();
    terminal = null;
  });

  it("asks, and does it if the person says yes", async () => {
    const settings = { workerUrl: mac.bridge.url, apiKey: "typed-key-0123456789", machineId: "mac" };
    writeFileSync(join(mac.home, "config.json"), JSON.stringify(settings));
    const env = { ...bareEnv({ PHOTON_HOME: mac.home }), PHOTON_HOME: mac.home, ...NOBODY };
    terminal = new Tmux([process.execPath, mac.script, "clear"], env);
    await terminal.shows("Delete every message");
    terminal.type("y", "Enter");
    expect(await terminal.exitCode()).toBe(0);
    await terminal.shows("Deleted for every machine");
  });
});
