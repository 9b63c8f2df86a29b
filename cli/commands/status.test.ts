import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();

describe("photon status", () => {
  it("shows this machine's name, the unread messages by sender, and an empty outbox", async () => {
    mac.bridge.receive({ kind: "task" });
    mac.bridge.receive({ from: "mini" });
    mac.bridge.receive({ from: "mini" });
    for (let count = 0; count < 3; count++) mac.bridge.receive({ kind: "reply" });
    mkdirSync(join(mac.home, "sessions"));
    writeFileSync(join(mac.home, "sessions", "s-1.json"), '{"draft":{"machine":"mac","text":"Go on.","savedAt":1}}');
    writeFileSync(join(mac.home, "sessions", "s-2.json"), '{"unread":6}');
    const { code, stdout, stderr } = await mac.run(["status"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("mac/photon  (named by the environment; project photon; handover auto)");
    expect(stdout).toContain(`${mac.bridge.url} answers`);
    expect(stdout).toMatch(
      /unread {3}6\n +3 replies from pc\/photon, newest .*\n +2 notes from mini, newest .* ago\n +1 task from pc\/photon/,
    );
    expect(stdout).toMatch(/^outbox +empty/m);
    expect(stdout).toMatch(/^work +uncommitted and unpushed changes go along only when you hand over: /m);
    expect(stdout).toMatch(/drafts +1 draft of handovers/);
  });

  it("shows this machine's own state if the bridge is away, and fails", async () => {
    await mac.bridge.stop();
    await mac.run(["send", "pc", "hi"]);
    const { code, stdout, stderr } = await mac.run(["status"]);
    expect(code).toBe(1);
    expect(stdout).toContain("1 message not sent yet. Photon retries");
    expect(stderr).toContain("cannot be reached");
    const json = JSON.parse((await mac.run(["status", "--json"])).stdout);
    expect(json).toMatchObject({ address: "mac/photon", unread: null, outbox: 1, code: "offline", drafts: 0 });
    expect(Date.parse(json.oldestQueuedAt)).toBeGreaterThan(0);
  });

  it("shows which messages the bridge refused, and why", async () => {
    mac.bridge.behaviour = "refuses the message";
    await mac.run(["send", "pc", "hi"]);
    mac.bridge.behaviour = "normal";
    expect((await mac.run(["status"])).stdout).toMatch(
      /failed {3}to pc: The bridge refused it because it is too large\./,
    );
  });

  it("says what to do on a machine that is not set up", async () => {
    const { code, stdout, stderr } = await mac.run(["status"], { env: { BRIDGE_API_KEY: "" } });
    expect(code).toBe(1);
    expect(stdout).toContain("mac/photon");
    expect(stderr).toMatch(/^photon: .*BRIDGE_API_KEY.*`photon setup`\.\n$/);
  });
});
