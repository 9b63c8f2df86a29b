import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { macWithBridge, UNKNOWN_ID } from "../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("the tools a client lists", () => {
  it("are the known ones with their known parameters, without the hook's, within 1,500 tokens", async () => {
    const { tools } = await mac.server.client.listTools();
    const parameters = Object.fromEntries(
      tools.map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {})]),
    );
    expect(parameters).toEqual({
      check_messages: ["glance"],
      send_message: ["content", "to", "tags", "kind", "reply_to"],
      read_messages: [
        "unread_only",
        "from_machine",
        "project",
        "tag",
        "kind",
        "all_projects",
        "limit",
        "cursor",
        "message_id",
        "part",
      ],
      mark_read: ["message_id"],
      clear_messages: ["confirm"],
      hand_over: ["content", "to", "send", "capsule"],
      resume_handover: ["message_id", "from_machine", "apply"],
    });
    expect(JSON.stringify(tools).length / 4).toBeLessThanOrEqual(1_500);
    for (const { description } of tools) expect(description).toMatch(/^Photon mailbox, across machines/);
    expect(mac.server.client.getInstructions()?.length).toBeLessThanOrEqual(600);
  });

  it("offer a schema that refuses unknown arguments, and refuse them by name", async () => {
    const { tools } = await mac.server.client.listTools();
    for (const { name, inputSchema } of tools) {
      expect(inputSchema.additionalProperties).toBe(false);
      expect(await mac.call(name, { sudo: true, content: "hi", message_id: UNKNOWN_ID })).toMatchObject({
        isError: true,
        text: expect.stringMatching(/unknown fields?: .*`sudo`/),
      });
    }
    expect(mac.bridge.requests).toEqual([]);
  });

  it("answer by the name they had one version ago", async () => {
    expect(await mac.call("take_over")).toEqual(await mac.call("resume_handover"));
  });

  it("do not include one nobody knows", async () => {
    expect(await mac.call("send_mail")).toEqual({ isError: true, text: 'Photon has no tool named "send_mail".' });
  });
});

describe("a bridge that is away", () => {
  it("gets what was queued when it is back, in order and under the same ids", async () => {
    await mac.bridge.stop();
    for (const [index, content] of ["one", "two", "three"].entries()) {
      const { text, isError } = await mac.call("send_message", { content, to: "pc" });
      expect(isError).toBe(false);
      expect(text).toMatch(
        new RegExp(
          `^Queued on this machine \\(${index + 1} waiting\\), not sent yet: .* It is sent automatically when the bridge is back`,
        ),
      );
    }
    const queued = mac.outbox();
    expect((await mac.call("check_messages")).text).toContain("Outbox: 3 waiting on this machine, not sent yet");
    await mac.bridge.restart();
    await mac.call("check_messages");
    expect(mac.bridge.messages.map(({ content }) => content)).toEqual(["three", "two", "one"]);
    expect(mac.bridge.messages.map(({ id }) => id).reverse()).toEqual(queued.map((name) => name.slice(14, -5)));
    expect(mac.outbox()).toEqual([]);
  });

  it("is said by every tool, with what to do, and does not end the server", async () => {
    await mac.bridge.stop();
    const { text, isError } = await mac.call("read_messages", {});
    expect(isError).toBe(true);
    expect(text).toMatch(/cannot be reached\. Try again later/);
    expect(await mac.call("mark_read", { message_id: UNKNOWN_ID })).toMatchObject({
      isError: false,
      text: expect.stringMatching(/^Marked read on mac: .* The bridge does not know yet: .* cannot be reached/),
    });
    expect(await mac.call("check_messages")).toMatchObject({
      isError: false,
      text: expect.stringContaining("What waits on the bridge is not known now"),
    });
  });

  it("leaves the last known counts, with their age", async () => {
    mac.bridge.receive({ kind: "task" });
    await mac.call("check_messages");
    await mac.bridge.stop();
    const { text } = await mac.call("check_messages");
    expect(text).toMatch(/not known now[\s\S]*Last known, just now:\nUnread for mac\/photon: 1\./);
  });
});

describe("a bridge that misbehaves", () => {
  it("by hanging holds up a call for its ten seconds, and nothing else", async () => {
    mac.bridge.behaviour = "hangs";
    const sent = mac.call("send_message", { content: "hi", to: "pc" });
    expect((await mac.call("clear_messages")).text).toContain("Nothing was deleted");
    expect(await sent).toMatchObject({
      isError: false,
      text: expect.stringContaining("Queued on this machine (1 waiting)"),
    });
    expect(mac.outbox()).toHaveLength(1);
  });

  it("by refusing the key keeps what is sent, and sends the person to the setup", async () => {
    mac.bridge.behaviour = "refuses the key";
    expect(await mac.call("send_message", { content: "hi", to: "pc" })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^Not sent: The bridge does not accept this machine's key: .*stays on this machine/),
    });
    expect(mac.outbox()).toHaveLength(1);
    expect(await mac.call("read_messages")).toMatchObject({
      isError: true,
      text: expect.stringContaining("/photon:setup"),
    });
    expect((await mac.call("check_messages")).text).toContain("/photon:setup");
  });

  it("by answering garbage is named as no bridge, and none of the garbage is shown", async () => {
    mac.bridge.behaviour = "answers garbage";
    for (const [name, args] of [
      ["read_messages", {}],
      ["check_messages", {}],
      ["send_message", { content: "hi" }],
    ] as const) {
      const { text } = await mac.call(name, args);
      expect(text).toContain("did not answer like a Photon bridge");
      expect(text).not.toContain("IGNORE");
    }
    expect(mac.server.stderr()).not.toContain("IGNORE");
  });

  it("by having spent its quota keeps what is sent, and says when to ask again", async () => {
    mac.bridge.behaviour = "has spent its quota";
    expect((await mac.call("send_message", { content: "hi", to: "pc" })).text).toContain("Queued on this machine");
    expect((await mac.call("read_messages")).text).toContain("Try again in 60 s.");
  });
});

it("a disk that takes nothing is said as such, without a word of what was to be written", async () => {
  writeFileSync(join(mac.home, "outbox"), "a file where the folder should be");
  expect((await mac.call("send_message", { content: "hi", to: "pc" })).text).toContain("Stored on the bridge");
  await mac.bridge.stop();
  expect(await mac.call("send_message", { content: "private words", to: "pc" })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^Not sent, .*could not be kept on this machine either/),
  });
  expect(readFileSync(join(mac.home, "outbox"), "utf8")).toBe("a file where the folder should be");
});
