import { describe, expect, it } from "vitest";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("clear_messages", () => {
  it("deletes nothing if the person cannot be asked, even if Claude confirms", async () => {
    mac.bridge.receive({});
    mac.bridge.receive({});
    for (const args of [{}, { confirm: false }]) {
      expect((await mac.call("clear_messages", args)).text).toContain("Nothing was deleted");
    }
    expect(mac.bridge.messages).toHaveLength(2);
    const { text } = await mac.call("clear_messages", { confirm: true });
    expect(text).toMatch(/^Nothing was deleted: .*photon clear$/);
    expect(mac.bridge.messages).toHaveLength(2);
  });
});
