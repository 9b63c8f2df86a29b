import { describe, expect, it } from "vitest";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";

const mac = macWithBridge();

describe("check_messages", () => {
  it("counts by sender and kind, leaves out what this session sent, and names this machine", async () => {
    mac.bridge.receive({ from: "linux", kind: "note" });
    mac.bridge.receive({ from: "linux", kind: "note" });
    mac.bridge.receive({ kind: "handover" });
    mac.bridge.receive({ from: "mac/photon", session: "session-1" });
    mac.bridge.receive({ to: "pc" });
    const { text } = await mac.call("check_messages");
    expect(text).toContain("Unread for mac/photon: 3.");
    expect(text).toContain("- 2 note from linux");
    expect(text).toContain("- 1 handover from pc/photon");
    expect(text).toContain("/photon:resume");
    expect(text).toContain(`Bridge: ${mac.bridge.url} answered`);
    expect(text).toContain("Outbox: empty");
    expect(text).toContain("This is machine mac, project photon; handover policy auto.");
  });

  it("shows the receipts of the last three messages from here, queued ones first", async () => {
    for (const content of ["one", "two", "three"]) await mac.call("send_message", { content, to: "pc" });
    const sent = () =>
      mac.call("check_messages").then(({ text }) => text.split("\n").filter((line) => line.startsWith("- to ")));
    expect(await sent()).toEqual(
      ["three", "two", "one"].map((content) => expect.stringMatching(`^- to pc, just now, "${content}": pc: stored`)),
    );
    await mac.bridge.stop();
    await mac.call("send_message", { content: "four" });
    expect(await sent()).toEqual([expect.stringMatching('^- to everyone, just now, "four": queued')]);
  });

  it("says so if nothing is unread", async () => {
    expect((await mac.call("check_messages")).text).toContain("Nothing unread for mac/photon.");
  });
});
