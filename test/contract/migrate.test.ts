import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCli, buildCli, runCli } from "../../cli/testing/built-cli.ts";
import { RealBridge } from "../support/real-bridge.ts";

let bridge: RealBridge;
let cli: BuiltCli;
beforeAll(async () => {
  [bridge, cli] = await Promise.all([RealBridge.start(), buildCli()]);
});
afterAll(async () => {
  cli.remove();
  await bridge.stop();
});

const photon = (...args: string[]) => runCli(cli.script, args, { env: bridge.machine("mac").env });

describe("photon migrate", () => {
  it("says what to do where there is no Mailroom", async () => {
    const { code, stderr } = await photon("migrate");
    expect([code, stderr]).toEqual([1, expect.stringContaining("`npm run deploy -- --live` makes one")]);
  });

  it("moves everything once, says what it compared, and the machines go on as before", async () => {
    for (let i = 0; i < 120; i++) {
      await bridge.api.call("sendMessage", { body: { content: `before ${i}`, from: "mac", to: "pc" } });
    }
    const before = await bridge.machine("pc").mailbox.list({ limit: "100" });
    await bridge.kill();
    await bridge.restart(true);
    expect((await bridge.machine("pc").mailbox.list({})).messages).toEqual([]);
    const first = JSON.parse((await photon("migrate", "--json")).stdout);
    expect(first).toMatchObject({ count: 120, copied: 120, differing: [], sha256: expect.stringMatching(/^\w{64}$/) });
    expect((await bridge.machine("pc").mailbox.list({ limit: "100" })).messages).toEqual(before.messages);
    const { code, stdout } = await photon("migrate");
    expect(code).toBe(0);
    expect(stdout).toContain("120 messages are in the Mailroom, 0 of them copied now. Each was read back");
    expect(stdout).toContain(first.sha256);
    await bridge.kill();
    await bridge.restart(false);
    expect((await bridge.machine("pc").mailbox.list({ limit: "100" })).messages).toEqual(before.messages);
  });
});
