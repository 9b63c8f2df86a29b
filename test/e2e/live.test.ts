import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL, type Terminal } from "./support/terminal.ts";
import { makeWorld, TOOL, type World } from "./support/world.ts";

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

describe("an open session, with a live bridge", () => {
  it.skipIf(NO_TERMINAL)("is told once, at its next prompt, of a message that has just arrived", async () => {
    terminal = await pc.open(["Hello.", "Mail, I see.", "Nothing new."]);
    await terminal.type("Good morning");
    await terminal.shows(/Hello\./);
    await eventually("the line to the bridge", () => (pc.liveState() === "live" ? true : null));
    expect((await mac.photon(["send", "pc", "the build is red", "--kind", "task"])).code).toBe(0);
    await eventually("the news on pc's disk", () => pc.knownUnread("pc/demo") || null, 3_000);
    await terminal.type("Anything new?");
    await terminal.shows(/Mail, I see\./);
    await terminal.type("And now?");
    await terminal.shows(/Nothing new\./);
    const counts = world.model.requests.map(
      ({ text }) => text.split("new since you were last told: task from mac").length - 1,
    );
    expect(counts.at(-2)).toBe(1);
    expect(counts.at(-1)).toBe(1);
    expect(JSON.stringify(world.model.requests)).not.toContain("the build is red");
  });

  it("reads the message, and its sender sees that", async () => {
    const session = await pc.say("What is there?", {
      args: ["--allowedTools", "mcp__plugin_photon_photon"],
      model: [{ tool: `${TOOL}read_messages`, input: { unread_only: true } }, "A red build."],
    });
    expect(session.requests.at(-1)?.toolResults.at(-1)).toContain("the build is red");
    await eventually("the receipt", async () => {
      const { stdout } = await mac.photon(["status"]);
      return /pc: shown/.test(stdout) || null;
    });
  });
});
