import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { macWithBridge, UNKNOWN_ID } from "../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("the tools that a client lists", () => {
  it("are the known ones with their known parameters, without the hidden one, within 1,500 tokens", async () => {
    const { tools } = await mac.server.client.listTools();
    const parameters = Object.fromEntries(
      tools.map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {})]),
    );
    expect(parameters).toEqual({
      check_messages: ["display"],
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

  it("have a schema that forbids unknown arguments, and refuse them by name", async () => {
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

  it("also work under their former name", async () => {
    expect(await mac.call("take_over")).toEqual(await mac.call("resume_handover"));
  });

  it("do not include an unknown one", async () => {
    expect(await mac.call("send_mail")).toEqual({ isError: true, text: 'Photon has no tool named "send_mail".' });
  });
});

describe("a bridge that cannot be reached", () => {
  it("gets queued messages when it is back, in order and under the same ids", async () => {
    await mac.bridge.stop();
    for (const [index, content] of ["one", "two", "three"].entries()) {
      const { text, isError } = await mac.call("send_message", { content, to: "pc" });
      expect(isError).toBe(false);
      expect(text).toMatch(
        new RegExp(`^Queued on this machine \\(${index + 1} waiting\\), not sent yet: .* Photon retries`),
      );
    }
    const queued = mac.outbox();
    expect((await mac.call("check_messages")).text).toContain("Outbox: 3 messages not sent yet");
    await mac.bridge.restart();
    await mac.call("check_messages");
    expect(mac.bridge.messages.map(({ content }) => content)).toEqual(["three", "two", "one"]);
    expect(mac.bridge.messages.map(({ id }) => id).reverse()).toEqual(queued.map((name) => name.slice(14, -5)));
    expect(mac.outbox()).toEqual([]);
  });

  it("is reported by every tool, with what to do, and does not end the server", async () => {
    await mac.bridge.stop();
    const { text, isError } = await mac.call("read_messages", {});
    expect(isError).toBe(true);
    expect(text).toMatch(/cannot be reached: .* at its port\. Try again later/);
    expect(await mac.call("mark_read", { message_id: UNKNOWN_ID })).toMatchObject({
      isError: false,
      text: expect.stringMatching(/^Marked read on mac: .* cannot be reached/),
    });
    expect(await mac.call("check_messages")).toMatchObject({
      isError: false,
      text: expect.stringMatching(/^The unread messages cannot be checked now: /),
    });
  });

  it("does not hide the last known counts, which are shown with their age", async () => {
    mac.bridge.receive({ kind: "task" });
    await mac.call("check_messages");
    await mac.bridge.stop();
    const { text } = await mac.call("check_messages");
    expect(text).toMatch(/cannot be checked now[\s\S]*Last known, just now:\nUnread for mac\/photon: 1\./);
  });
});

describe("a bridge that misbehaves", () => {
  it("delays only one call, for ten seconds, if it hangs", async () => {
    mac.bridge.behaviour = "hangs";
    const sent = mac.call("send_message", { content: "hi", to: "pc" });
    expect((await mac.call("clear_messages")).text).toContain("Nothing was deleted");
    expect(await sent).toMatchObject({
      isError: false,
      text: expect.stringContaining("Queued on this machine (1 waiting)"),
    });
    expect(mac.outbox()).toHaveLength(1);
  });

  it("leaves sent messages in the outbox and points to the setup if it refuses the key", async () => {
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

  it("is reported as something else than a bridge if it answers garbage, and the garbage is not shown", async () => {
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

  it("leaves sent messages in the outbox and says when to retry if its quota is used up", async () => {
    mac.bridge.behaviour = "has spent its quota";
    expect((await mac.call("send_message", { content: "hi", to: "pc" })).text).toContain("Queued on this machine");
    expect((await mac.call("read_messages")).text).toContain("Try again in 60 s.");
  });
});

it("a failing disk is reported as such, without the text that was to be written", async () => {
  writeFileSync(join(mac.home, "outbox"), "a file where the folder should be");
  expect((await mac.call("send_message", { content: "hi", to: "pc" })).text).toContain("Stored on the bridge");
  await mac.bridge.stop();
  expect(await mac.call("send_message", { content: "private words", to: "pc" })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^Not sent, .*could not be kept on this machine either/),
  });
  expect(readFileSync(join(mac.home, "outbox"), "utf8")).toBe("a file where the folder should be");
});
