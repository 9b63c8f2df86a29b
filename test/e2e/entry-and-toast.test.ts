import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sessionIds } from "../../client/sessions/session-file.ts";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL, type Terminal } from "./support/terminal.ts";
import { makeWorld, type World } from "./support/world.ts";

let world: World;
let mac: Machine;
let pc: Machine;
let terminal: Terminal | undefined;

// Each test, and each retry, has its own machines.
beforeEach(async () => {
  world = await makeWorld();
  mac = await world.readyMachine("mac");
  pc = await world.readyMachine("pc");
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  await world.end();
});

const sends = async (...args: string[]) => expect((await mac.photon(["send", "pc", ...args])).code).toBe(0);

/** Reads all unread messages on pc. */
async function readsAll(): Promise<void> {
  for (const { id } of await world.bridge.messages()) expect((await pc.photon(["read", id])).code).toBe(0);
}

describe.skipIf(NO_TERMINAL)("the line under the prompt of an open session", () => {
  it("shows the unread count, and briefly a new message, without a request to the model", async () => {
    terminal = await pc.open(["Hello."]);
    await terminal.type("Good morning");
    await terminal.shows(/Hello\./);
    await eventually("the line to the bridge", () => (pc.liveState() === "live" ? true : null));
    expect(await terminal.screen()).not.toMatch(/photon: \d/);
    await sends("please run the tests", "--kind", "task");
    await terminal.shows(/Photon: new task from mac/);
    // Without the warning sign of `$.ui.status`, and without a monitor of the plugin.
    expect(await terminal.shows(/photon: 1\b/)).not.toMatch(/⚠|monitor/);
    await sends("for your information");
    await terminal.shows(/photon: 2\b/);
    expect(await terminal.screen()).not.toContain("please run the tests");
    const [{ id } = { id: "" }] = await world.bridge.messages();
    await pc.photon(["read", id]);
    await terminal.shows(/photon: 1\b/);
    expect(world.model.requests).toHaveLength(1);
  });

  it("shows the unread count from the start, as in the user's own status line, and nothing after they are read", async () => {
    await sends("for your information");
    terminal = await pc.open();
    await terminal.shows(/photon: 1\b/);
    const [session] = sessionIds({ sessions: join(pc.dataFolder, "sessions") });
    expect(statusLine(JSON.stringify({ session_id: session }))).toMatchObject({
      status: 0,
      stdout: "photon 1\n",
      stderr: "",
    });
    for (const input of ["", "{}", "no json", '{"session_id":"../../etc"}']) {
      expect(statusLine(input)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    }
    await readsAll();
    const screen = async () => (await terminal?.screen()) ?? "";
    await eventually("an empty line", async () => (/photon:/.test(await screen()) ? null : true));
    expect(world.model.requests).toHaveLength(0);
  });
});

/** Runs `photon statusline` as the client does. */
function statusLine(input: string) {
  const options = { input, env: { PATH: process.env.PATH ?? "", HOME: pc.home }, encoding: "utf8" } as const;
  return spawnSync("node", [join(pc.pluginFolder, "bin/photon"), "statusline"], options);
}
