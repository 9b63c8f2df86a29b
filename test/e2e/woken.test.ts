import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL, type Terminal } from "./support/terminal.ts";
import { ALLOWED, makeWorld, TOOL, type World } from "./support/world.ts";

/** Longer than the disk is looked at for news, and than the client waits for more lines. */
const NOTHING_CAME_MS = 4_000;

let world: World;
let mac: Machine;
let pc: Machine;
let terminal: Terminal | undefined;
let machines = 0;

beforeAll(async () => {
  world = await makeWorld({ isLive: true });
  mac = await world.readyMachine("mac");
});
beforeEach(async () => {
  pc = await world.readyMachine(`pc${++machines}`); // wakes are counted by machine
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => world.end());

/** A session that has had its first prompt and waits for the next. */
async function idleSession(answers: Parameters<Machine["open"]>[0] = [], args: readonly string[] = ALLOWED) {
  terminal = await pc.open(["Hello.", ...answers], args);
  await terminal.type("Good morning");
  await terminal.shows(/Hello\./);
  await eventually("the line to the bridge", () => (pc.liveState() === "live" ? true : null));
  return terminal;
}

const send = async (text: string, kind = "note") =>
  expect((await mac.photon(["send", pc.name, text, "--kind", kind])).code).toBe(0);
const isKnown = () => eventually("the news on pc's disk", () => pc.knownUnread(`${pc.name}/demo`) || null);
const wakes = () => JSON.parse(readFileSync(join(pc.dataFolder, "wakes/wakes.json"), "utf8"));

describe.skipIf(NO_TERMINAL)("an idle session", () => {
  it("is woken by a message of another machine, where its person wants that, and reads it", async () => {
    pc.env.PHOTON_WAKE = "all";
    const session = await idleSession([
      { tool: `${TOOL}read_messages`, input: { unread_only: true } },
      "The build is red.",
    ]);
    await send("the build is red, please look");
    await session.shows(/The build is red\./);
    const [woken, read] = world.model.requests.slice(-2);
    expect(woken?.text).toContain(`new since you were last told: note from mac`);
    expect(woken?.text).toContain("read_messages (unread_only: true)");
    expect(woken?.text).not.toContain("please look");
    expect(read?.toolResults.at(-1)).toContain("please look");
    expect(wakes()).toMatchObject({ count: 1 });
  });

  it("is not woken where nobody switched it on, and told at the next prompt instead", async () => {
    const session = await idleSession(["Mail, I see."]);
    await send("the build is red");
    await isKnown();
    await sleep(NOTHING_CAME_MS);
    expect(world.model.requests).toHaveLength(1);
    await session.type("Anything new?");
    await session.shows(/Mail, I see\./);
    expect(world.model.requests.at(-1)?.text).toContain("note from mac");
  });

  it("is woken by tasks alone where its person wants that", async () => {
    pc.env.PHOTON_WAKE = "tasks";
    const session = await idleSession(["A task."]);
    await send("for your information");
    await isKnown();
    await sleep(NOTHING_CAME_MS);
    expect(world.model.requests).toHaveLength(1);
    await send("please run the tests", "task");
    await session.shows(/A task\./);
    expect(world.model.requests.at(-1)?.text).toContain("task from mac");
  });

  it("is not woken while nobody is asked before tools run", async () => {
    pc.env.PHOTON_WAKE = "all";
    await idleSession([], ["--permission-mode", "dontAsk"]);
    await send("the build is red");
    await isKnown();
    await sleep(NOTHING_CAME_MS);
    expect(world.model.requests).toHaveLength(1);
  });

  it("is woken once by a hundred messages in a short time", async () => {
    pc.env.PHOTON_WAKE = "all";
    await idleSession(Array.from({ length: 10 }, () => "I see."));
    const api = async (i: number) =>
      fetch(`${world.bridge.url}/messages`, {
        method: "POST",
        headers: { authorization: `Bearer ${world.key}`, "content-type": "application/json" },
        body: JSON.stringify({ content: `message ${i}`, from: "mac", to: pc.name }),
      });
    for (let i = 0; i < 100; i++) expect((await api(i)).status).toBe(201);
    await eventually("all of them on pc's disk", () => (pc.knownUnread(`${pc.name}/demo`) >= 100 ? true : null));
    await sleep(NOTHING_CAME_MS);
    expect(wakes()).toMatchObject({ count: 1 });
    expect(world.model.requests.length).toBe(2);
  });
});
