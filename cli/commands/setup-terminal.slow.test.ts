import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { bareEnv } from "../../test/support/cli/built-cli.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";
import { hasTmux, Tmux } from "../../test/support/cli/tmux.ts";

const mac = photonOnMac();
const KEY = "typed-key-0123456789";

let terminal: Tmux | null = null;
afterEach(() => {
  terminal?.close();
  terminal = null;
});

const configFile = () => join(mac.home, "config.json");
const written = () => JSON.parse(readFileSync(configFile(), "utf8"));

function setup(...flags: string[]): Tmux {
  const env = { ...bareEnv({ PHOTON_HOME: mac.home }), PHOTON_HOME: mac.home };
  terminal = new Tmux([process.execPath, mac.script, "setup", ...flags], env);
  return terminal;
}

describe.skipIf(!hasTmux)("photon setup at a terminal (skipped where tmux is not installed)", () => {
  it("asks for address, key and name, and never shows the key", async () => {
    const at = setup();
    await at.shows("Address of the bridge");
    at.type(mac.bridge.url);
    await at.shows("Key");
    at.type(KEY);
    await at.shows("Name of this machine");
    expect(at.screen()).not.toContain("typed");
    at.type("-2");
    await at.shows("Add `photon` to the PATH");
    at.type("n");
    expect(await at.exitCode()).toBe(0);
    await at.shows("accepts the key");
    await at.shows("export PATH="); // the line, after the no
    expect(at.screen()).not.toContain("typed");
    expect(written()).toMatchObject({ workerUrl: mac.bridge.url, apiKey: KEY });
    expect(written().machineId).toMatch(/.-2$/); // the host's name was proposed
  });

  it("says what is wrong with an answer, and asks again", async () => {
    const at = setup("--machine", "mac");
    await at.shows("Address of the bridge");
    at.type("bridge.example");
    await at.shows("must be a web address");
    at.type("", "C-c");
    expect(await at.exitCode()).toBe(1);
    await at.shows("nothing was written");
    expect(existsSync(configFile())).toBe(false);
  });

  it("keeps the present key if none is typed, but not for another bridge", async () => {
    writeFileSync(configFile(), JSON.stringify({ workerUrl: mac.bridge.url, apiKey: KEY, machineId: "mac" }));
    const same = setup("--machine", "mini");
    await same.shows("Address of the bridge");
    same.type(""); // the present one is proposed
    await same.shows("leave empty to keep");
    same.type("");
    await same.shows("to the PATH");
    same.type("n");
    expect(await same.exitCode()).toBe(0);
    expect(written()).toEqual({ workerUrl: mac.bridge.url, apiKey: KEY, machineId: "mini" });
    same.close();

    const other = setup("--machine", "mini", "--url", "https://other.example");
    await other.shows("Key");
    other.type("");
    await other.shows("The key");
    other.type("", "C-c");
    expect(await other.exitCode()).toBe(1);
    expect(written().workerUrl).toBe(mac.bridge.url);
  });
});
