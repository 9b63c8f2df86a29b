import { describe, expect, it } from "vitest";
import { macWithBridge, UNKNOWN_ID } from "../../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("send_message", () => {
  it("says that the bridge has stored the message, for whom and under which id", async () => {
    const { text, isError } = await mac.call("send_message", {
      content: "hi",
      to: "pc/photon",
      tags: ["ci"],
      kind: "task",
    });
    const [stored] = mac.bridge.messages;
    expect(isError).toBe(false);
    expect(text).toContain(`Stored on the bridge for pc/photon (id ${stored?.id}). pc: stored`);
    expect(stored).toMatchObject({
      content: "hi",
      from: "mac/photon",
      to: "pc/photon",
      project: "photon",
      tags: ["ci"],
      kind: "task",
      session: "session-1",
    });
  });

  it("sends to everyone in every project without an address, or with null as older clients send it", async () => {
    expect((await mac.call("send_message", { content: "a" })).text).toContain("for everyone");
    expect((await mac.call("send_message", { content: "b", to: null, tags: null })).text).toContain("for everyone");
    expect(mac.bridge.messages).toMatchObject([
      { to: null, project: null, tags: [], kind: "note" },
      { to: null, project: null },
    ]);
  });

  it("masks what looks like a secret, says so, and recognises a repeat", async () => {
    const token = `${"gh"}p_${"aB3dE6gH9j".repeat(4).slice(0, 36)}`;
    const message = { content: `a\nuse ${token}`, to: "pc", tags: ["ci", token] };
    const { text, isError } = await mac.call("send_message", message);
    expect(isError).toBe(false);
    expect(text).toMatch(/Left out before it was sent: a GitHub token \(line 2, [0-9a-f]{8}\), .* a person .* --allow/);
    expect(text).not.toContain(token);
    const masked = "[a GitHub token, left out by Photon]";
    expect(mac.bridge.messages).toMatchObject([{ content: `a\nuse ${masked}`, tags: ["ci", masked] }]);
    expect((await mac.call("send_message", message)).text).toMatch(/^Not sent again/);
    expect(mac.bridge.messages).toHaveLength(1);
  });

  it("offers an agent no way to send a secret", async () => {
    const { isError } = await mac.call("send_message", { content: "a", to: "pc", allow: ["00000000"] });
    expect({ isError, messages: mac.bridge.messages }).toEqual({ isError: true, messages: [] });
  });

  it("sends a reply if it answers a message, unless another kind is given", async () => {
    await mac.call("send_message", { content: "a", to: "pc", reply_to: UNKNOWN_ID });
    await mac.call("send_message", { content: "b", to: "pc", reply_to: UNKNOWN_ID, kind: "task" });
    expect(mac.bridge.messages).toMatchObject([
      { kind: "task", replyTo: UNKNOWN_ID },
      { kind: "reply", replyTo: UNKNOWN_ID },
    ]);
  });

  it("stores a message to the session's own address, and says that this session does not see it", async () => {
    const { text } = await mac.call("send_message", { content: "later", to: "MAC/photon" });
    expect(text).toMatch(/^Stored .*own address/);
  });

  it("sends the same message only once in ten minutes, because an agent that repeats itself is in a loop", async () => {
    const args = { content: "Are you done?", to: "pc", kind: "task" };
    await mac.call("send_message", args);
    const again = await mac.call("send_message", args);
    expect(again.text).toMatch(new RegExp(`^Not sent again: .* \\(id ${mac.bridge.messages[0]?.id}\\)`));
    expect(mac.bridge.messages).toHaveLength(1);
    for (const other of [{ content: "Are you done??" }, { to: "box" }, { kind: "note" }, { reply_to: UNKNOWN_ID }]) {
      expect((await mac.call("send_message", { ...args, ...other })).text).toMatch(/^Stored/);
    }
  });

  it("recognises a repeat while the message is queued", async () => {
    await mac.bridge.stop();
    expect((await mac.call("send_message", { content: "a", to: "pc" })).text).toMatch(/^Queued/);
    expect((await mac.call("send_message", { content: "a", to: "pc" })).text).toMatch(/^Not sent again/);
    expect(mac.outbox()).toHaveLength(1);
  });

  it("counts the messages of a thread since a person wrote, and says once that there are too many", async () => {
    const sent = () => mac.bridge.messages[0];
    await mac.call("send_message", { content: "first", to: "pc" });
    expect(sent()).not.toHaveProperty("hops");
    for (const [hops, expected] of [
      [undefined, undefined],
      [1, 2],
      [28, 29],
      [29, 30],
      [30, 31],
    ] as const) {
      const { id } = mac.bridge.receive({ content: "go on", from: "pc", ...(hops !== undefined && { hops }) });
      await mac.call("read_messages", { message_id: id });
      const { text } = await mac.call("send_message", { content: `answer ${hops}`, to: "pc", reply_to: id });
      expect(sent()?.hops).toBe(expected);
      expect(text.includes("30 messages between agents without a person")).toBe(expected === 30);
    }
  });

  it.each([
    ["a malformed address", { content: "hi", to: "my pc" }, "`to` must be an address"],
    ["an empty address", { content: "hi", to: "" }, "`to` must be an address"],
    ["no content", { to: "pc" }, "`content` is missing"],
    ["empty content", { content: "", to: "pc" }, "`content` must not be empty"],
    ["content that is too large", { content: "x".repeat(256 * 1024 + 1) }, "`content` is larger than 262144 bytes"],
    ["17 tags", { content: "hi", tags: Array.from({ length: 17 }, String) }, "`tags` must hold at most 16 tags"],
    ["a handover", { content: "hi", kind: "handover" }, "`kind` must be one of note, task, reply"],
    ["a reply to an invalid id", { content: "hi", reply_to: "that one" }, "`reply_to` must be a message id"],
  ])("refuses %s with a sentence, and keeps nothing", async (_, args, sentence) => {
    const { text, isError } = await mac.call("send_message", args);
    expect(isError).toBe(true);
    expect(text).toContain(sentence);
    // The session may fetch new mail at the same time, which is a GET.
    expect(mac.bridge.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    expect(mac.outbox()).toEqual([]);
  });

  it("says why the bridge refuses a message permanently", async () => {
    mac.bridge.behaviour = "refuses the message";
    expect(await mac.call("send_message", { content: "hi", to: "pc" })).toEqual({
      isError: true,
      text: expect.stringMatching(/^Not sent, and Photon will not retry: .* too large\.$/),
    });
    expect((await mac.call("check_messages")).text).toContain("1 message could not be delivered");
  });
});
