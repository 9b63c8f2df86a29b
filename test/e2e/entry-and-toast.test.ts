import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sessionIds } from "../../client/sessions/session-file.ts";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL, type Terminal } from "./support/terminal.ts";
import { makeWorld, type World } from "./support/world.ts";

let world: World;
let mac: Machine;
let pc: Machine;
let terminal: Terminal | undefined;

beforeAll(async () => {
  world = await makeWorld();
  mac = await world.readyMachine("mac");
  pc = await world.readyMachine("pc");
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => world.end());

describe("under the prompt of an open session", () => {
  it.skipIf(NO_TERMINAL)(
    "stand how much waits, and for a moment what came, without a request to the model",
    async () => {
      terminal = await pc.open(["Hello."]);
      await terminal.type("Good morning");
      await terminal.shows(/Hello\./);
      await eventually("the line to the bridge", () => (pc.liveState() === "live" ? true : null));
      expect(await terminal.screen()).not.toMatch(/photon: \d/);
      expect((await mac.photon(["send", "pc", "please run the tests", "--kind", "task"])).code).toBe(0);
      await terminal.shows(/Photon: new task from mac/);
      await terminal.shows(/photon: 1\b/);
      expect((await mac.photon(["send", "pc", "for your information"])).code).toBe(0);
      await terminal.shows(/photon: 2\b/);
      expect(await terminal.screen()).not.toContain("please run the tests");
      const [{ id } = { id: "" }] = await world.bridge.messages();
      await pc.photon(["read", id]);
      await terminal.shows(/photon: 1\b/);
      expect(world.model.requests).toHaveLength(1);
    },
  );
});

describe("photon statusline", () => {
  it("says the same in a user's own status line, as the session's server noted it", () => {
    const [session] = sessionIds({ sessions: join(pc.dataFolder, "sessions") });
    const ask = (input: string) => {
      const options = { input, env: { PATH: process.env.PATH ?? "", HOME: pc.home }, encoding: "utf8" } as const;
      return spawnSync("node", [join(pc.pluginFolder, "bin/photon"), "statusline"], options);
    };
    expect(ask(JSON.stringify({ session_id: session }))).toMatchObject({
      status: 0,
      stdout: "photon 1\n",
      stderr: "",
    });
    for (const input of ["", "{}", "no json", '{"session_id":"../../etc"}']) {
      expect(ask(input)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    }
  });
});

describe("under the prompt of a session to which nothing waits any more", () => {
  it.skipIf(NO_TERMINAL)("stands nothing", async () => {
    terminal = await pc.open();
    await terminal.shows(/photon: 1\b/);
    const { stdout } = await pc.photon(["inbox", "--json"]);
    const [, id = ""] = /"id": "([^"]+)"/.exec(stdout) ?? [];
    expect((await pc.photon(["read", id])).code).toBe(0);
    const screen = async () => (await terminal?.screen()) ?? "";
    await eventually("an empty line", async () => (/photon:/.test(await screen()) ? null : true));
    expect(world.model.requests).toHaveLength(0);
  });
});
