import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "./support/machine.ts";
import { lineAtStart } from "./support/session.ts";
import { makeWorld, type World } from "./support/world.ts";

/** An address without a bridge. */
const NOWHERE = "http://127.0.0.1:1";

let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.end());

/** The settings as seen by the hook and the server of one session, which read them in different ways. */
async function expectToWork(machine: Machine, name: string): Promise<void> {
  await world.bridge.post({ from: "other", to: name, content: "hello" });
  const session = await machine.say("what is new?");
  expect(session.requests[0]?.text).toContain("1 unread message for this machine: 1 note from other");
  const { result } = await machine.say("/photon-status");
  expect(result).toContain(`${name}/demo  (`);
  expect(result).toContain(`bridge   ${world.bridge.url} answers`);
}

async function setUp(machine: Machine, name: string, url: string, key: string): Promise<void> {
  const flags = ["--url", url, "--key-stdin", "--machine", name, "--no-check"];
  const { code, stderr } = await machine.photon(["setup", ...flags], key);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
}

describe("a machine is set up", () => {
  it("by the environment only", async () => {
    await expectToWork(await world.readyMachine("by-environment"), "by-environment");
  });

  it("by the file that `photon setup` writes only", async () => {
    const machine = await world.machine("two");
    await setUp(machine, "by-file", world.bridge.url, world.key);
    await expectToWork(machine, "by-file");
  });

  it("by the environment first, then by the file", async () => {
    const machine = await world.machine("three");
    await setUp(machine, "from-the-file", NOWHERE, "wrong-key");
    Object.assign(machine.env, {
      BRIDGE_WORKER_URL: world.bridge.url,
      BRIDGE_API_KEY: world.key,
      BRIDGE_MACHINE_ID: "environment-over-all",
    });
    await expectToWork(machine, "environment-over-all");
  });
});

describe("a machine with a wrong key", () => {
  it("is told so in one line at the start and by the tools, and no message is reported as sent", async () => {
    const machine = await world.readyMachine("wrong");
    machine.env.BRIDGE_API_KEY = "wrong-key-0123456789";
    const before = await world.bridge.messages();

    const session = await machine.say("hello");
    expect(session).toMatchObject({ code: 0, result: "Done." });
    expect(lineAtStart(session)).toMatch(/^Photon: .*key[^\n]*$/);
    expect(session.hooks.filter(({ outcome }) => outcome !== "success")).toEqual([]);

    const sent = await machine.say('/photon-send pc "hello"');
    expect(sent.result).toContain("key");
    expect(sent.result).not.toContain("Stored");
    expect(await world.bridge.messages()).toEqual(before);
  });
});
