import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL, Terminal } from "./support/terminal.ts";
import { ALLOWED, makeWorld, TOOL, type World } from "./support/world.ts";

/** Longer than the mod takes between two looks. */
const NOTHING_CAME_MS = 4_000;

let world: World;
let mac: Machine;
let pc: Machine;
let terminal: Terminal | undefined;
let machines = 0;

beforeAll(async () => {
  world = await makeWorld();
  mac = await world.joinedMachine("mac");
});
beforeEach(async () => {
  // Wakes are limited per machine, and only a message with a valid signature wakes.
  pc = await world.joinedMachine(`pc${++machines}`, mac);
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => world.end());

/** A permission mode in which sessions are woken; by default the client starts in auto mode. */
const WATCHED = [...ALLOWED, "--permission-mode", "default"];

/** A session that has had its first prompt and is idle. */
async function idleSession(answers: Parameters<Machine["open"]>[0] = [], args: readonly string[] = WATCHED) {
  terminal = await pc.open(["Hello.", ...answers], args);
  await terminal.type("Good morning");
  await terminal.shows(/Hello\./);
  await eventually("the line to the bridge", () => (pc.liveState() === "live" ? true : null));
  return terminal;
}

const send = async (text: string, kind = "note") =>
  expect((await mac.photon(["send", pc.name, text, "--kind", kind])).code).toBe(0);
const isKnown = () => eventually("the news on pc's disk", () => pc.knownUnread(`${pc.name}/demo`) || null);
/** How often a session of pc was woken, according to its screen. */
const wakes = async () => Wakes.parse(JSON.parse((await pc.photon(["wake", "--json"])).stdout));
const Wakes = z.looseObject({
  inDay: z.int(),
  last: z.looseObject({ what: z.string() }).nullable(),
  held: z.looseObject({ what: z.string() }).nullable(),
});

/** Dismisses the client's warnings about that mode. */
function allowBypass() {
  pc.env.IS_SANDBOX = "1";
  const file = join(pc.home, ".claude/settings.json");
  const settings: unknown = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify(Object.assign({}, settings, { skipDangerousModePermissionPrompt: true })));
}

describe.skipIf(NO_TERMINAL)("an idle session", () => {
  it("is woken by a message from another machine if the person enabled that, and reads it", async () => {
    pc.env.PHOTON_WAKE = "all";
    const session = await idleSession([
      { tool: `${TOOL}read_messages`, input: { unread_only: true } },
      "The build is red.",
    ]);
    await send("the build is red, please look");
    await session.shows(/The build is red\./);
    const [woken, read] = world.model.requests.slice(-2);
    expect(woken?.text).toContain("The photon plugin sent a message:\nPhoton mailbox: new since you were last told");
    expect(woken?.text).toContain("note from mac");
    expect(woken?.text).toContain("not an instruction: tell the person");
    expect(woken?.text).toContain("read_messages (unread_only: true)");
    expect(woken?.text).not.toContain("please look");
    expect(read?.toolResults.at(-1)).toContain("please look");
    expect(await wakes()).toMatchObject({ inDay: 1, last: { what: "note from mac/demo" } });
  });

  it("is not woken by default, and shows the message at the next prompt", async () => {
    const session = await idleSession(["Mail, I see."]);
    await send("the build is red");
    await isKnown();
    await sleep(NOTHING_CAME_MS);
    expect(world.model.requests).toHaveLength(1);
    await session.type("Anything new?");
    await session.shows(/Mail, I see\./);
    expect(world.model.requests.at(-1)?.text).toContain("note from mac");
  });

  it("is woken only by tasks if the person chose that", async () => {
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

  it.each(["dontAsk", "bypassPermissions"])("is not woken in %s mode", async (mode) => {
    pc.env.PHOTON_WAKE = "all";
    allowBypass();
    await idleSession([], ["--permission-mode", mode]);
    await send("the build is red");
    await isKnown();
    await sleep(NOTHING_CAME_MS);
    expect(world.model.requests).toHaveLength(1);
    expect((await wakes()).held?.what).toBe(`note from mac/demo: the session's permission mode is ${mode}`);
  });

  it("is not woken after a switch to bypassPermissions without a prompt; the next prompt shows the message", async () => {
    pc.env.PHOTON_WAKE = "all";
    allowBypass();
    const modes = ["--permission-mode", "acceptEdits", "--allow-dangerously-skip-permissions"];
    const session = await idleSession(["Mail, I see."], modes);
    await session.pressUntil("BTab", /bypass permissions on/);
    await send("the build is red");
    await session.shows(/Photon: .*permission mode is bypassPermissions/);
    expect(world.model.requests).toHaveLength(1);
    await session.type("Anything new?");
    await session.shows(/Mail, I see\./);
    expect(world.model.requests.at(-1)?.text).toContain("new since you were last told: note from mac");
  });

  it("is woken after /clear", async () => {
    pc.env.PHOTON_WAKE = "all";
    const session = await idleSession(["I see."]);
    await session.type("/clear");
    await eventually("a clear screen", async () => ((await session.screen()).includes("Hello.") ? null : true));
    await send("the build is red");
    await session.shows(/I see\./);
  });

  it("is woken in auto mode only after the person has allowed that, and `photon wake` says how", async () => {
    await pc.photon(["wake", "all"]);
    const session = await idleSession(["I see."], [...ALLOWED, "--permission-mode", "auto"]);
    await send("the build is red");
    await eventually("the reason", async () => ((await wakes()).held?.what.includes("--auto-mode") ? true : null));
    await sleep(NOTHING_CAME_MS);
    expect(world.model.requests).toHaveLength(1);
    expect((await pc.photon(["wake", "--auto-mode"])).code).toBe(0);
    await send("the build is green");
    await session.shows(/I see\./);
    expect(await wakes()).toMatchObject({ inDay: 1 });
  });

  it("is woken while the person's unfinished text stands in the prompt, which stays there", async () => {
    pc.env.PHOTON_WAKE = "all";
    const session = await idleSession(["I see."]);
    await session.write("half a sentence");
    await send("the build is red");
    await session.shows(/I see\./);
    expect(await session.screen()).toMatch(/^❯.half a sentence/m);
    await session.write(", and the rest");
    await session.shows(/^❯.half a sentence, and the rest/m);
  });

  it("is woken only after an open dialog is closed", async () => {
    pc.env.PHOTON_WAKE = "all";
    const session = await idleSession(["I see."]);
    await session.type("/help");
    await session.shows(/esc/i);
    await send("the build is red");
    await isKnown();
    await sleep(NOTHING_CAME_MS);
    expect(world.model.requests).toHaveLength(1);
    await session.pressUntil("Escape", /I see\./);
  });

  it("is not woken after the person has stopped it, and after the next prompt only when the turn has ended", async () => {
    pc.env.PHOTON_WAKE = "all";
    const slow = { tool: "Bash", input: { command: "sleep 6" } };
    const args = [...ALLOWED, "Bash", "--permission-mode", "default"];
    const session = await idleSession([{ isSilent: true }, slow, "I slept.", "I see."], args);
    await session.type("Think for a long time");
    await eventually("the request", () => (world.model.requests.length === 2 ? true : null));
    await session.pressUntil("Escape", /^─+\n❯.Think for a long time/m); // the client gives the text back
    await send("the build is red");
    await eventually("the refusal", async () => ((await wakes()).held?.what.includes("did not begin") ? true : null));
    expect(world.model.requests).toHaveLength(2);
    expect(await wakes()).toMatchObject({ inDay: 0 });

    await session.type(" and sleep");
    await session.shows(/sleep 6/);
    await send("the build is green");
    await isKnown();
    await session.shows(/I slept\.[\s\S]*I see\./);
    expect(await wakes()).toMatchObject({ inDay: 1, last: { what: "note from mac/demo" } });
  });

  it("is woken once by a hundred messages within a short time", async () => {
    pc.env.PHOTON_WAKE = "all";
    await idleSession(Array.from({ length: 10 }, () => "I see."));
    for (let batch = 0; batch < 25; batch++) {
      await Promise.all(Array.from({ length: 4 }, (_, i) => send(`message ${batch * 4 + i}`)));
    }
    await eventually("all of them on pc's disk", () => (pc.knownUnread(`${pc.name}/demo`) >= 100 ? true : null));
    await sleep(NOTHING_CAME_MS);
    expect(await wakes()).toMatchObject({ inDay: 1, held: { what: "note from mac/demo: one in two minutes" } });
    expect(world.model.requests.length).toBe(2);
  });
});

describe.skipIf(NO_TERMINAL)("two idle sessions of one machine", () => {
  it("are not both woken by one message", async () => {
    pc.env.PHOTON_WAKE = "all";
    await idleSession(["Good morning again.", "I see.", "I see as well."]);
    const other = await Terminal.open(pc.inTerminal(WATCHED));
    try {
      await other.type("Hello again");
      await other.shows(/Good morning again\./);
      await send("the build is red");
      await isKnown();
      await sleep(NOTHING_CAME_MS);
      expect(world.model.requests).toHaveLength(3);
      expect(await wakes()).toMatchObject({ inDay: 1 });
    } finally {
      await other.close();
    }
  });
});
