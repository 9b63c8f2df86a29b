import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Mailbox } from "../../client/mailbox.ts";
import { readRoster, saveRoster } from "../../client/roster/roster-file.ts";
import { setUnencrypted } from "../../client/trust/unencrypted.ts";
import { sealedPart } from "../../contract/sealed.ts";
import type { HandoverDraft } from "../../handover/draft/draft-store.ts";
import { publishDraft } from "../../handover/publish/publish.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
/** With the shared key; never joined. */
let box: TestMachine;
let mac: TestMachine;
let pc: TestMachine;

beforeAll(async () => {
  bridge = await RealBridge.start();
  box = bridge.machine("box");
  await box.mailbox.unread();
  await box.mailbox.send({ to: "mac", content: "from before" });
  mac = await bridge.member("mac");
  pc = await bridge.member("pc", { by: mac });
}, 60_000);
afterAll(() => bridge.stop());

/** The texts on the bridge that whoever has the shared key can read. */
async function readable(): Promise<string[]> {
  const { messages } = await bridge.api.call("listMessages", { query: { limit: "100" } });
  return messages.map(({ content }) => content).filter((content) => sealedPart(content) === null);
}

const outbox = () => readdirSync(mac.paths.outbox).filter((name) => !name.includes("receipt"));

describe("a machine that has joined", () => {
  it("encrypts the first message to a machine that joined a moment ago", async () => {
    await mac.mailbox.membership?.roster(0);
    const lamp = await bridge.member("lamp", { by: pc }); // mac's list does not have it, and is fresh
    const [toOne, toAll] = [
      await mac.mailbox.send({ to: "lamp/photon", content: "the launch code is tulip" }),
      await mac.mailbox.send({ to: null, content: "everybody: tulip" }),
    ];
    expect(toOne).toMatchObject({ state: "stored", sealedFor: ["mac", "lamp"] });
    expect(toAll).toMatchObject({ state: "stored", sealedFor: ["mac", "pc", "lamp"] });
    expect((await lamp.mailbox.list({})).messages.map(({ content }) => content)).toContain("everybody: tulip");
    expect((await readable()).join()).not.toContain("tulip");
  });

  it.each([
    ["a name that is nearly right", "pcc", /^No machine named pcc uses this bridge\. Did you mean pc\?/],
    ["letters that are swapped", "MCA/photon", /Did you mean mac\?/],
    ["a name like that of a machine with the shared key", "boxx", /Did you mean box\?/],
    ["a name like no other", "workstation", /^No machine named workstation uses this bridge\. `photon machines`/],
    ["a machine that has not joined", "box", /^box has not joined .*`photon machines unencrypted box allow`/],
  ])("refuses %s before anything is kept", async (_, to, sentence) => {
    const send = mac.mailbox.send({ to, content: "not for anybody" });
    await expect(send).rejects.toMatchObject({ code: "invalid_request", message: expect.stringMatching(sentence) });
    await expect(mac.mailbox.requireRecipient(to), "a handover").rejects.toThrow(sentence);
    expect(outbox()).toEqual([]);
    expect((await readable()).join()).not.toContain("not for anybody");
  });

  it("keeps a name it cannot ask about, and refuses it when it leaves", async () => {
    await bridge.kill();
    const { id, state } = await mac.mailbox.send({ to: "pcc", content: "written offline" });
    await mac.mailbox.send({ to: "pc", content: "also written offline" });
    expect(state).toBe("queued");
    await bridge.restart();
    expect(await mac.mailbox.deliver(id)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("Did you mean pc?"),
    });
    await mac.mailbox.flush();
    expect(outbox()).toEqual([expect.stringContaining(`${id}.refused.json`)]);
    expect((await readable()).join()).not.toContain("offline");
  }, 60_000);

  it("sends unencrypted to a machine that the person allowed, on this bridge alone, until it joins", async () => {
    setUnencrypted(mac.paths, "https://another.example", { name: "box", isAllowed: true });
    await expect(mac.mailbox.send({ to: "box", content: "no" })).rejects.toThrow("box has not joined");
    setUnencrypted(mac.paths, bridge.url, { name: "BOX", isAllowed: true });
    expect(await mac.mailbox.send({ to: "box", content: "allowed" })).toMatchObject({ state: "stored", sealedFor: [] });
    expect(await readable()).toContain("allowed");
    setUnencrypted(mac.paths, bridge.url, { name: "box", isAllowed: false });
    await expect(mac.mailbox.send({ to: "box", content: "no" })).rejects.toThrow("box has not joined");
  });

  it("sets aside, alone, a message that nothing was prepared for, and goes on sending and reading", async () => {
    const machines = readRoster(mac.paths, bridge.url).roster.machines.map((machine) =>
      machine.name === "lamp" ? { ...machine, sealKey: `age1${"q".repeat(58)}` } : machine,
    );
    const { roster, seen } = readRoster(mac.paths, bridge.url);
    saveRoster(mac.paths, bridge.url, { roster: { ...roster, machines }, checkedAt: Date.now(), seen });
    const other = new Mailbox(mac.config, mac.paths);
    expect(await other.send({ to: null, content: "for all" })).toMatchObject({
      ...{ state: "stored", sealedFor: ["mac", "pc"], leftOut: ["lamp"] },
    });
    expect(await other.send({ to: "lamp", content: "for lamp" })).toMatchObject({
      ...{ state: "failed", reason: expect.stringContaining("encrypted for lamp") },
    });
    expect(await other.send({ to: "pc", content: "for pc" })).toMatchObject({ state: "stored", sealedFor: ["mac", "pc"] });
    await expect(other.list({})).resolves.toMatchObject({ count: expect.any(Number) });
    expect((await readable()).join()).not.toContain("for lamp");
    await other.close();
  });
});

const draftIn = (folder: string): HandoverDraft => ({
  ...{ session: "s-1", project: "photon", branch: "main", files: 1, folder, prompts: 1, edits: 1, savedAt: Date.now() },
  ...{ policy: "auto", text: "secret handover" },
});
