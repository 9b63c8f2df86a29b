import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { ALLOWED, makeWorld, TOOL, type World } from "./support/world.ts";

let world: World;
let mac: Machine;
let pc: Machine;

beforeAll(async () => {
  world = await makeWorld();
  mac = await world.readyMachine("mac");
  pc = await world.readyMachine("pc");
});
afterAll(() => world.end());

describe("a message from one machine to another", () => {
  it("is sent by Claude's tool call and stored on the bridge", async () => {
    const session = await mac.say("tell pc to run the tests", {
      args: ALLOWED,
      model: [
        { tool: `${TOOL}send_message`, input: { content: "Run the tests on Linux", to: "pc", kind: "task" } },
        "Sent.",
      ],
    });
    expect(session).toMatchObject({ code: 0, result: "Sent." });
    expect(session.requests[1]?.toolResults).toEqual([expect.stringContaining("Stored on the bridge")]);
    expect(await world.bridge.messages()).toMatchObject([
      { from: "mac/demo", to: "pc", kind: "task", content: "Run the tests on Linux", read: false },
    ]);
  });

  it("is announced without its text to the other machine's next session, and read there", async () => {
    const session = await pc.say("what is new?", {
      args: ALLOWED,
      model: [{ tool: `${TOOL}read_messages`, input: { unread_only: true } }, "A task from mac."],
    });
    const [first, second] = session.requests;
    expect(first?.text).toContain("1 task from mac/demo");
    expect(first?.text).not.toContain("Run the tests on Linux");
    expect(second?.toolResults).toEqual([expect.stringContaining("Run the tests on Linux")]);
    expect(session.hooks).toContainEqual(expect.objectContaining({ event: "SessionStart", outcome: "success" }));
    // The receipts are sent after the session has ended.
    const receipts = await eventually("a receipt", async () => (await world.bridge.messages())[0]?.receipts ?? null);
    expect(receipts).toEqual([{ machine: "pc", shownAt: expect.any(String) }]);
  });

  it("stays unread when it is shown, and is marked read by mark_read", async () => {
    const [message] = await world.bridge.messages();
    expect(message).toMatchObject({ read: false });
    const session = await pc.say("that is done", {
      args: ALLOWED,
      model: [{ tool: `${TOOL}mark_read`, input: { message_id: message?.id } }, "Marked."],
    });
    expect(session.result).toBe("Marked.");
    expect(await world.bridge.messages()).toMatchObject([{ id: message?.id, read: true }]);
    const next = await pc.say("and now?");
    expect(next.requests[0]?.text).not.toContain("1 task from mac/demo");
  });

  it("shows its sender when it was shown and read", async () => {
    const { result, requests } = await mac.say("/photon-status");
    expect(result).toMatch(/to pc, .*"Run the tests on Linux"\n +pc: shown \d\d:\d\d, read \d\d:\d\d/);
    expect(requests).toEqual([]);
  });

  it("costs a session nothing if nothing is unread", async () => {
    const session = await mac.say("hello");
    expect(session.requests[0]?.text).not.toMatch(/Photon mailbox: \d|hook success/);
    const outputs = session.hooks.map(({ event, stdout }) => `${event} ${stdout.trim()}`);
    expect(outputs).toContain("UserPromptSubmit {}");
  });
});

describe("the slash commands of a headless session", () => {
  it("/photon:send lets Claude send without asking for permission", async () => {
    const session = await mac.say('/photon:send pc "from the command" --kind task', {
      model: [
        (request) => {
          expect(request.text).toContain('pc "from the command" --kind task');
          return { tool: `${TOOL}send_message`, input: { content: "from the command", to: "pc", kind: "task" } };
        },
        "Stored.",
      ],
    });
    expect(session.requests[1]?.toolResults).toEqual([expect.stringContaining("Stored on the bridge")]);
    expect(await world.bridge.messages()).toContainEqual(expect.objectContaining({ content: "from the command" }));
  });

  it("/photon-send sends without calling the model", async () => {
    const session = await mac.say('/photon-send pc "from the mod" --kind task --tag ci');
    expect(session).toMatchObject({ code: 0, result: expect.stringContaining("Stored on the bridge") });
    expect(session.requests).toEqual([]);
    expect(await world.bridge.messages()).toContainEqual(
      expect.objectContaining({ from: "mac/demo", to: "pc", content: "from the mod", kind: "task", tags: ["ci"] }),
    );
  });

  it("/photon-send without a text sends nothing and shows its usage", async () => {
    const before = await world.bridge.messages();
    const session = await mac.say("/photon-send pc");
    expect(session.result).toContain("Usage: /photon-send");
    expect(session.requests).toEqual([]);
    expect(await world.bridge.messages()).toEqual(before);
  });

  it("/photon-inbox and /photon-status show unread messages without calling the model", async () => {
    const inbox = await pc.say("/photon-inbox");
    expect(inbox.result).toMatch(
      /2 unread messages for pc\/demo:\n\n {4}[0-9a-f]{8} {2}task {2}mac\/demo .*from the mod #ci\n/,
    );
    expect(inbox.result).toContain("/photon-inbox done all");
    const status = await pc.say("/photon-status");
    expect(status.result).toMatch(/\n\n {4}bridge .*^ {4}unread {3}2\n {15}2 tasks from mac\/demo/ms);
    expect([...inbox.requests, ...status.requests]).toEqual([]);
    expect(`${inbox.result}${status.result}`).not.toMatch(/<<|read_messages|mark_read|send_message/);
  });

  it("/photon-inbox reads a message by the beginning of its id, and finishes the others", async () => {
    const [{ id } = { id: "" }] = await world.bridge.messages();
    const session = await pc.say(`/photon-inbox ${id.slice(0, 8)}`);
    expect(session.result).toContain(`answer: /photon-send mac/demo "…" --reply-to ${id.slice(0, 8)}\n\n`);
    expect((await pc.say("/photon-inbox done all")).result).toContain("1 message marked read: 1 task.");
    expect((await pc.say("/photon-inbox")).result).toContain("No unread messages for pc/demo.");
    expect(session.requests).toEqual([]);
  });

  it("/photon-setup explains the setup, and never asks for the key in the conversation", async () => {
    const session = await mac.say("/photon-setup");
    expect(session.result).toContain(`stands for:\n  node "${mac.pluginFolder}/bin/photon"`);
    expect(session.result?.replace(/\s+/g, " ")).toContain("uses the shared key");
    expect(session.requests).toEqual([]);
  });

  it("/photon:setup lets Claude show the same", async () => {
    const session = await mac.say("/photon:setup", {
      model: [{ tool: `${TOOL}check_messages`, input: { display: "setup" } }, "Shown."],
    });
    const plain = (text: string | null | undefined) =>
      text
        ?.replace(/\s+/g, " ")
        .replace(/^photon: /, "")
        .trim();
    const bare = await mac.say("/photon-setup");
    expect(session.requests[1]?.toolResults.map(plain)).toEqual([plain(bare.result)]);
  });
});
