import { randomUUID } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepCapsule } from "../../client/bridge/kept-capsule.ts";
import { readPrivateJson, recordOf, writePrivateJson } from "../../client/disk/private-file.ts";
import { setUnencrypted } from "../../client/encryption/unencrypted.ts";
import { readMachineList, saveMachineList } from "../../client/machines/machine-list-file.ts";
import { destinationOf } from "../../client/mail/destination.ts";
import { Mailbox } from "../../client/mail/mailbox.ts";
import { enqueue } from "../../client/mail/outbox-folder.ts";
import { sentStatus } from "../../client/mail/sent-status.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { encryptedPart } from "../../contract/encrypted.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
/** Uses the shared key and has not joined. */
let box: TestMachine;
let mac: TestMachine;
let pc: TestMachine;

beforeAll(async () => {
  bridge = await RealBridge.start();
  box = bridge.machine("box");
  await box.mailbox.unread.fetch();
  await box.mailbox.outbox.send({ to: "mac", content: "from before" });
  mac = await bridge.member("mac");
  pc = await bridge.member("pc", { by: mac });
}, 60_000);
afterAll(() => bridge.stop());

/** The texts on the bridge, readable with the shared key. */
async function readable(): Promise<string[]> {
  const { messages } = await bridge.api.call("listMessages", { query: { limit: "100" } });
  return messages.map(({ content }) => content).filter((content) => encryptedPart(content) === null);
}

const outbox = () => readdirSync(mac.paths.outbox).filter((name) => !name.includes("receipt"));

describe("a machine that has joined", () => {
  it("encrypts the first message to a machine that has just joined", async () => {
    await mac.mailbox.membership?.machineList(0);
    const lamp = await bridge.member("lamp", { by: pc }); // mac's cached list is fresh and does not have it
    const [toOne, toAll] = [
      await mac.mailbox.outbox.send({ to: "lamp/photon", content: "the launch code is tulip" }),
      await mac.mailbox.outbox.send({ to: null, content: "everybody: tulip" }),
    ];
    expect(toOne).toMatchObject({ state: "stored", encryptedFor: ["mac", "lamp"] });
    expect(toAll).toMatchObject({ state: "stored", encryptedFor: ["mac", "pc", "lamp"] });
    expect((await lamp.mailbox.inbox.list({})).messages.map(({ content }) => content)).toContain("everybody: tulip");
    expect((await readable()).join()).not.toContain("tulip");
  });

  it.each([
    ["a name with a typo", "pcc", /^No machine named pcc uses this bridge\. Did you mean pc\?/],
    ["a name with swapped letters", "CP/photon", /Did you mean pc\?/],
    ["a name similar to that of a machine with the shared key", "boxx", /Did you mean box\?/],
    ["a name like its own", "mc", /^No machine named mc uses this bridge\.(?! Did you mean mac)/],
    ["an unknown name", "workstation", /^No machine named workstation uses this bridge\. `photon machines`/],
    ["a machine that has not joined", "box", /^box has not joined .*`photon machines unencrypted box allow`/],
  ])("refuses %s before anything is saved", async (_, to, sentence) => {
    const send = mac.mailbox.outbox.send({ to, content: "not for anybody" });
    await expect(send).rejects.toMatchObject({ code: "invalid_request", message: expect.stringMatching(sentence) });
    await expect(mac.mailbox.outbox.requireRecipient(to), "a handover").rejects.toThrow(sentence);
    expect(outbox()).toEqual([]);
    expect((await readable()).join()).not.toContain("not for anybody");
  });

  it("queues a message to a name that it cannot check, and refuses it when it is sent", async () => {
    await bridge.kill();
    const { id, state } = await mac.mailbox.outbox.send({ to: "pcc", content: "written offline" });
    await mac.mailbox.outbox.send({ to: "pc", content: "also written offline" });
    expect(state).toBe("queued");
    await bridge.restart();
    expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("Did you mean pc?"),
    });
    await mac.mailbox.outbox.flush();
    expect(outbox()).toEqual([expect.stringContaining(`${id}.refused.json`)]);
    expect((await readable()).join()).not.toContain("offline");
  }, 60_000);

  it("sends unencrypted to a machine that the person allowed, only on this bridge, until it joins", async () => {
    setUnencrypted(mac.paths, "https://another.example", { name: "box", isAllowed: true });
    await expect(mac.mailbox.outbox.send({ to: "box", content: "no" })).rejects.toThrow("box has not joined");
    setUnencrypted(mac.paths, bridge.url, { name: "BOX", isAllowed: true });
    expect(await mac.mailbox.outbox.send({ to: "box", content: "allowed" })).toMatchObject({
      state: "stored",
      encryptedFor: [],
    });
    expect(await readable()).toContain("allowed");
    setUnencrypted(mac.paths, bridge.url, { name: "box", isAllowed: false });
    await expect(mac.mailbox.outbox.send({ to: "box", content: "no" })).rejects.toThrow("box has not joined");
  });

  it("sets aside only a message with an unexpected failure, and continues to send and read", async () => {
    const machines = readMachineList(mac.paths, bridge.url).machineList.machines.map((machine) =>
      machine.name === "lamp" ? { ...machine, sealKey: `age1${"q".repeat(58)}` } : machine,
    );
    const { machineList, seen } = readMachineList(mac.paths, bridge.url);
    saveMachineList(mac.paths, bridge.url, { machineList: { ...machineList, machines }, checkedAt: Date.now(), seen });
    const other = new Mailbox(mac.config, mac.paths);
    expect(await other.outbox.send({ to: null, content: "for all" })).toMatchObject({
      state: "stored",
      encryptedFor: ["mac", "pc"],
      leftOut: ["lamp"],
    });
    expect(await other.outbox.send({ to: "lamp", content: "for lamp" })).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("encrypted for lamp"),
    });
    expect(await other.outbox.send({ to: "pc", content: "for pc" })).toMatchObject({
      state: "stored",
      encryptedFor: ["mac", "pc"],
    });
    await expect(other.inbox.list({})).resolves.toMatchObject({ count: expect.any(Number) });
    expect((await readable()).join()).not.toContain("for lamp");
    await other.close();
  });
});

/** Queues a handover with a capsule, as `handover/publish` does. */
function handOver(
  { config, paths }: TestMachine,
  capsuleText = "secret uncommitted work",
): { id: string; sha256: string } {
  const capsule = keepCapsule(paths, Buffer.from(capsuleText));
  const id = randomUUID();
  const about = { id, from: "mac/photon", to: "*/photon", project: "photon", kind: "handover" } as const;
  const work = { branch: "main", files: 1, capsule };
  enqueue(paths, { ...about, content: "secret handover", work }, destinationOf(config, paths));
  return { id, sha256: capsule.sha256 };
}

it("an unexpected error fails only one message and does not prevent reading", async () => {
  const files = readPrivateJson(pc.paths.keys);
  const [own] = Object.values(recordOf(recordOf(files)?.keys) ?? {});
  writePrivateJson(pc.paths.keys, { v: 1, keys: { [bridge.url]: { ...recordOf(own), privateKey: "broken" } } });
  const broken = new Mailbox(pc.config, pc.paths);
  expect(await broken.outbox.send({ to: "mac", content: "cannot be signed" })).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("could not prepare this message"),
  });
  expect(await broken.inbox.list({})).toMatchObject({ count: expect.any(Number) });
  expect(broken.outbox.waiting).toBe(0);
  await broken.close();
  writePrivateJson(pc.paths.keys, files);
});

describe("the only joined machine", () => {
  let own: RealBridge;
  let alone: TestMachine;
  let lost: TestMachine;
  beforeAll(async () => {
    own = await RealBridge.start();
    alone = await own.member("mac");
    lost = await own.member("pc", { by: alone });
    await alone.mailbox.membership?.machineList(0);
  }, 60_000);
  afterAll(() => own.stop());

  /** Everything about mac's messages that is visible with the shared key. */
  async function sendsEverything(): Promise<void> {
    for (const to of [null, "*/photon"]) {
      expect(await alone.mailbox.outbox.send({ to, content: "secret plan" })).toMatchObject({
        state: "stored",
        encryptedFor: ["mac"],
      });
    }
    const { id, sha256 } = handOver(alone);
    expect(await alone.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored", encryptedFor: ["mac"] });
    const api = own.client(alone.config.apiKey);
    const { messages } = await api.call("listMessages", { query: { limit: "100" } });
    expect(messages.map(({ content }) => content).join()).not.toContain("secret");
    await expect(api.call("getCapsule", { sha256 })).rejects.toMatchObject({ code: "not_found" });
    const [handover] = (await alone.mailbox.inbox.list({ kind: "handover" })).messages;
    expect(handover && (await alone.mailbox.inbox.capsule(handover))?.toString()).toBe("secret uncommitted work");
  }

  it("encrypts for itself messages to a project and to everyone, and refuses the name of the removed machine", async () => {
    setUnencrypted(alone.paths, own.url, { name: "pc", isAllowed: true }); // from before it joined
    await alone.mailbox.membership?.extend({
      type: "revoke",
      machine: lost.mailbox.membership?.keys.fingerprint ?? "",
    });
    await sendsEverything();
    await expect(alone.mailbox.outbox.send({ to: "pc/photon", content: "secret" })).rejects.toThrow("pc was removed");
  });

  it("does not announce a capsule that this disk lost before it was encrypted", async () => {
    const { id, sha256 } = handOver(alone, "work that the bridge does not have either");
    rmSync(join(alone.paths.outbox, `${sha256}.capsule`));
    expect(await alone.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored", encryptedFor: ["mac"] });
    expect((await own.client(alone.config.apiKey).call("getMessage", { id })).work).toEqual({
      branch: "main",
      files: 1,
    });
    expect((await alone.mailbox.inbox.get(id)).content).toContain("The capsule was not sent");
  });

  it("does so after it was renamed, and after the shared key was disabled", async () => {
    await alone.mailbox.membership?.extend({ type: "rename", name: "mini" });
    await alone.mailbox.membership?.extend({ type: "lock" });
    const { machineList } = readMachineList(alone.paths, own.url);
    expect(machineList).toMatchObject({ isLocked: true, machines: [{ name: "mini" }, { name: "pc" }] });
    setUnencrypted(alone.paths, own.url, { name: "box", isAllowed: true });
    await expect(alone.mailbox.outbox.send({ to: "box", content: "secret" })).rejects.toThrow("No machine named box");
    await expect(
      alone.mailbox.outbox.send({ to: "mac", content: "a note to itself, by its old name" }),
    ).resolves.toMatchObject({
      state: "stored",
      encryptedFor: ["mini"],
    });
  });

  it("that was removed keeps its messages, and is told that its key is not accepted", async () => {
    expect(await lost.mailbox.outbox.send({ to: "mac", content: "let me in" })).toMatchObject({
      state: "queued",
      code: "unauthorized",
      waiting: 1,
    });
  });
});

describe("a message in the outbox", () => {
  it.each(["mac", "another-name"])(
    "is not sent with the shared key, even if overriding settings contain that key and name this machine %s",
    async (name) => {
      const env = { ...mac.env, BRIDGE_API_KEY: bridge.key, BRIDGE_MACHINE_ID: name };
      const mailbox = new Mailbox(loadConfig({ env, paths: mac.paths, folder: mac.paths.outbox }), mac.paths);
      const sent = await mailbox.outbox.send({ to: "pc", content: "the launch code is tulip" });
      expect(sent).toMatchObject({ state: "queued", code: "forbidden" });
      await mailbox.outbox.flush();
      await mailbox.close();
      const onBridge = async () => (await bridge.api.call("listMessages", { query: {} })).messages;
      expect((await onBridge()).map(({ id }) => id)).not.toContain(sent.id);
      expect(await mac.mailbox.outbox.deliver(sent.id)).toMatchObject({ state: "stored", encryptedFor: ["mac", "pc"] });
      expect(JSON.stringify(await onBridge())).not.toContain("tulip");
    },
  );

  it("is not sent to another bridge, nor as an unjoined machine; other messages are", async () => {
    await bridge.kill();
    const before = await mac.mailbox.outbox.send({ to: "pc", content: "the launch code is tulip" });
    expect(before.state).toBe("queued");
    await bridge.restart();
    const other = await RealBridge.start();
    try {
      for (const elsewhere of [
        bridge.machine("mac", { url: other.url, key: other.key }), // another bridge's address and key
        bridge.machine("mac"), // the same bridge, with the shared key
      ]) {
        const { stored, held, waiting } = await elsewhere.mailbox.outbox.flush();
        expect({ stored: stored.size, waiting, held }).toEqual({
          stored: 0,
          waiting: 0,
          held: [
            expect.stringMatching(
              /^1 message is held here: it (?:was written for another bridge, http|must be encrypted)/,
            ),
          ],
        });
      }
      const there = bridge.machine("mac", { url: other.url, key: other.key });
      expect(await there.mailbox.outbox.send({ to: "lamp", content: "hi" })).toMatchObject({ state: "stored" });
      there.mailbox.receipts.noteShown([randomUUID()]);
      mac.mailbox.receipts.noteShown([randomUUID()]);
      await there.mailbox.receipts.flush();
      expect([there.mailbox.receipts.oldestMs, mac.mailbox.receipts.oldestMs]).toEqual([null, expect.any(Number)]);
      const { messages } = await other.api.call("listMessages", { query: {} });
      expect(messages.map(({ content }) => content)).toEqual(["hi"]);
      expect(await mac.mailbox.outbox.deliver(before.id)).toMatchObject({
        state: "stored",
        encryptedFor: ["mac", "pc"],
      });
      expect((await readable()).join()).not.toContain("tulip");
    } finally {
      await other.stop();
    }
  }, 60_000);
});

describe("a machine that joins", () => {
  it("has no broadcasts from before it joined, which it could never open, nor do they wait for it", async () => {
    const early = await mac.mailbox.outbox.send({ to: null, content: "before the lantern" });
    const lantern = await bridge.member("lantern", { by: mac });
    expect(await lantern.mailbox.unread.fetch()).toMatchObject({ unread: 0 });
    expect((await lantern.mailbox.inbox.list({})).messages.filter(({ id }) => id === early.id)).toEqual([]);
    const late = await mac.mailbox.outbox.send({ to: null, content: "with the lantern" });
    await mac.mailbox.bridge.machines(0); // a list of some seconds ago would do for a person
    const lines = new Map((await sentStatus(mac.mailbox, mac.paths, 10, Date.now())).map(({ id, line }) => [id, line]));
    expect(lines.get(early.id)).toContain("pc: stored");
    expect(lines.get(early.id)).not.toContain("lantern");
    expect(lines.get(late.id)).toContain("lantern: stored");
  });
});
