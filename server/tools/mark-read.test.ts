import { describe, expect, it } from "vitest";
import { macWithBridge, UNKNOWN_ID } from "../../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("mark_read", () => {
  it("finishes one message, or several, and says what the bridge does not have", async () => {
    const ids = ["a", "b", "c"].map((content) => mac.bridge.receive({ content }).id);
    expect((await mac.call("mark_read", { message_id: ids[0] })).text).toBe(`Marked read on mac: ${ids[0]}.`);
    expect((await mac.call("mark_read", { message_id: `${ids[1]}, ${ids[2]}\n${UNKNOWN_ID}` })).text).toBe(
      "Marked read on mac: 2 messages. The bridge does not have the other 1.",
    );
    expect((await mac.call("mark_read", { message_id: `${ids[0]},${UNKNOWN_ID}` })).text).toContain("mac: 1 message. ");
    expect(mac.bridge.messages.every(({ read }) => read)).toBe(true);
    expect(mac.bridge.requests.at(-1)?.body).toContain('"reader":"mac"');
  });

  it.each([
    ["a message the bridge does not have", UNKNOWN_ID, /^There is no message .* on the bridge/],
    ["what is no id", "the last one", /must be a message id/],
    ["nothing", "", /must name at least one message/],
    [
      "101 messages",
      Array.from({ length: 101 }, (_, index) => UNKNOWN_ID.slice(0, -3) + (100 + index)).join(),
      /at most 100 ids/,
    ],
  ])("refuses %s", async (_, message_id, sentence) => {
    expect(await mac.call("mark_read", { message_id })).toMatchObject({
      isError: true,
      text: expect.stringMatching(sentence),
    });
  });
});
