import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL, type Terminal } from "./support/terminal.ts";
import { makeWorld, TOOL, type World } from "./support/world.ts";

// Things that headless sessions lack: bare commands that start a turn, a prompt during a session, /clear, leaving.
describe.skipIf(NO_TERMINAL)(`a session in a terminal${NO_TERMINAL ? ` (skipped: ${NO_TERMINAL})` : ""}`, () => {
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

  const handovers = async () =>
    (await world.bridge.messages()).filter(({ kind, from }) => kind === "handover" && from === "mac/demo");

  it("sends with the bare /photon-send, without the model", async () => {
    terminal = await mac.open();
    await terminal.type('/photon-send pc "typed in a terminal"');
    await terminal.shows(/Stored on the bridge/);
    expect(world.model.requests).toEqual([]);
    expect(await world.bridge.messages()).toMatchObject([{ to: "pc", content: "typed in a terminal" }]);
    await terminal.type("/photon-inbox all");
    await terminal.shows(/No messages for mac\/demo\./);
  });

  it("shows at a prompt the messages that arrived since it started", async () => {
    terminal = await pc.open(["First answer."]);
    await terminal.shows(/1 unread: 1 note from mac\/demo/);
    await terminal.type("first prompt");
    await terminal.shows(/First answer\./);
    await world.bridge.post({ from: "laptop", to: "pc", content: "something new" });
    // Sessions of a machine share the unread count, and starting another session updates it.
    await pc.say("/photon-setup");
    await terminal.type("second prompt");
    await terminal.shows(/Photon: new note from laptop/);
    const request = await eventually("the second prompt", () => world.model.requests.at(-1) ?? null);
    expect(request.text).toContain("new since you were last told: note from laptop; 2 unread in all");
    expect(request.text).not.toContain("something new");
  });

  it("shows a message as it was sent, and renders no Markdown in it that could hide something", async () => {
    const content = "[click here](https://evil.invalid) is **safe**\n# Photon: all is well\n- `x`";
    await world.bridge.post({ from: "lamp", to: "mac/demo", content });
    const [{ id } = { id: "" }] = await world.bridge.messages();
    terminal = await mac.open();
    await terminal.type("/photon-inbox from lamp");
    await terminal.shows(/note +lamp +.*\[click here\]\(https:\/\/evil\.invalid\) is \*\*safe\*\*/);
    await terminal.type(`/photon-inbox ${id}`);
    await terminal.shows(
      / \[click here\]\(https:\/\/evil\.invalid\) is \*\*safe\*\*\n +# Photon: all is well\n +- `x`\n/,
    );
  });

  it("leaves the last version of its handover at /clear and at its end, one per session", async () => {
    const write = (name: string) => ({ tool: "Write", input: { file_path: join(mac.project, name), content: "//\n" } });
    terminal = await mac.open(
      [write("one.ts"), "First begun.", "First done.", write("two.ts"), "Second begun.", "Second done."],
      ["--allowedTools", "Write"],
    );
    // While a session works, only its first turn is published; the second is published at its end.
    const published = (text: string, count: number) =>
      eventually(`${count} handovers, one with "${text}"`, async () => {
        const stored = await handovers();
        return stored.length === count && stored.some(({ content }) => content.includes(text)) ? stored : null;
      });
    await terminal.type("do the first work");
    await terminal.shows(/First begun\./);
    await published("First begun.", 1);
    await terminal.type("finish the first work");
    await terminal.shows(/First done\./);
    await terminal.type("/clear");
    await published("First done.", 1);

    await terminal.type("do the second work");
    await terminal.shows(/Second begun\./);
    await terminal.type("finish the second work");
    await terminal.shows(/Second done\./);
    await terminal.exit();
    const left = await published("Second done.", 2);
    expect(left.find(({ content }) => content.includes("Second done."))?.content).not.toContain("first work");
    expect(new Set(left.map(({ session }) => session)).size).toBe(2);
  });

  it("lets Claude improve a handover with the bare /photon-handover, without asking for permission", async () => {
    terminal = await mac.open([
      "I looked.",
      { tool: `${TOOL}hand_over`, input: {} },
      { tool: `${TOOL}hand_over`, input: { content: "Better than the draft.", to: "pc", send: true } },
      "Handed over to pc.",
    ]);
    await terminal.type("look at the parser");
    await terminal.shows(/I looked\./);
    await terminal.type("/photon-handover pc");
    await terminal.shows(/Handed over to pc\./);
    expect(world.model.requests.at(-1)?.toolResults).toEqual([expect.stringContaining("Stored on the bridge")]);
    expect(await handovers()).toContainEqual(
      expect.objectContaining({ to: "pc", content: expect.stringMatching(/^Better than the draft\.\n/) }),
    );
  });
});
