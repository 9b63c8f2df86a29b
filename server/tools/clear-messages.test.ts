import { describe, expect, it } from "vitest";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("clear_messages", () => {
  it("deletes nothing unless the person is asked, whatever Claude says of it", async () => {
    mac.bridge.receive({});
    mac.bridge.receive({});
    for (const args of [{}, { confirm: false }]) {
      expect((await mac.call("clear_messages", args)).text).toContain("Nothing was deleted");
    }
    expect(mac.bridge.messages).toHaveLength(2);
    const { text } = await mac.call("clear_messages", { confirm: true });
    expect(text).toBe(
      "Nothing was deleted: nobody could be asked here. The person can do it in a terminal: photon clear",
    );
    expect(mac.bridge.messages).toHaveLength(2);
  });
});
