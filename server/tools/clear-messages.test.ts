import { describe, expect, it } from "vitest";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("clear_messages", () => {
  it("deletes nothing unless it is confirmed, and then says how many", async () => {
    mac.bridge.receive({});
    mac.bridge.receive({});
    for (const args of [{}, { confirm: false }]) {
      expect((await mac.call("clear_messages", args)).text).toContain("Nothing was deleted");
    }
    expect(mac.bridge.messages).toHaveLength(2);
    expect((await mac.call("clear_messages", { confirm: true })).text).toBe("Deleted for every machine: 2 messages.");
  });
});
