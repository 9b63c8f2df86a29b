import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fetchUnread } from "../../client/bridge/fetch-unread.ts";
import { readOutbox } from "../../client/mail/outbox-folder.ts";
import type { Message } from "../../contract/message.ts";
import { FaultyNetwork, isSend } from "../support/faulty-network.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let mac: TestMachine;
let pc: TestMachine;
beforeAll(async () => {
  bridge = await RealBridge.start();
  mac = bridge.machine("mac");
  pc = bridge.machine("pc");
});
afterAll(() => bridge.stop());
beforeEach(async () => {
  await bridge.api.call("clearMessages", { query: { confirm: "true" } });
});

/** All messages on the bridge, oldest first. */
async function stored(): Promise<Message[]> {
  return (await bridge.api.call("listMessages")).messages.reverse();
}

const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);

describe("a message from one machine to another", () => {
  it("is stored, counted, read and marked read there, and its sender sees by whom", async () => {
    const { state, id } = await mac.mailbox.outbox.send({ to: "pc", content: "run the tests", kind: "task" });
    expect(state).toBe("stored");
    expect((await pc.mailbox.unread.fetch()).groups).toMatchObject([{ from: "mac/photon", kind: "task", unread: 1 }]);

    const [task] = (await pc.mailbox.inbox.list({ unread: "true" })).messages;
    expect(task).toMatchObject({ id, content: "run the tests", from: "mac/photon", to: "pc", read: false });
    expect((await pc.mailbox.unread.fetch()).unread).toBe(1);

    await pc.mailbox.receipts.markRead([id]);
    expect((await pc.mailbox.unread.fetch()).unread).toBe(0);
    expect((await mac.mailbox.inbox.get(id)).receipts).toEqual([{ machine: "pc", readAt: expect.any(String) }]);
  });

  it("to everyone is read on each machine separately, and is not unread on the machine that sent it", async () => {
    const linux = bridge.machine("linux");
    const { id } = await mac.mailbox.outbox.send({ content: "release on Friday", session: "s-1" });
    await pc.mailbox.receipts.markRead([id]);
    expect((await pc.mailbox.unread.fetch()).unread).toBe(0);
    expect((await linux.mailbox.unread.fetch()).unread).toBe(1);
    await linux.mailbox.receipts.markRead([id]);
    const { receipts } = await mac.mailbox.inbox.get(id);
    expect(receipts?.map(({ machine }) => machine).sort()).toEqual(["linux", "pc"]);
    expect(receipts?.every(({ readAt }) => readAt !== undefined)).toBe(true);
    expect(await mac.mailbox.unread.fetch()).toMatchObject({ unread: 0, groups: [] });
    expect((await mac.mailbox.inbox.list({ unread: "true" })).messages).toEqual([]);
  });

  it("to another project is not delivered, and one to its project on every machine is", async () => {
    const lamp = bridge.machine("pc-lamp", { project: "lamp" });
    await mac.mailbox.outbox.send({ to: "*/photon", content: "for photon" });
    await mac.mailbox.outbox.send({ to: "*/LAMP", content: "for lamp" });
    expect((await pc.mailbox.inbox.list({})).messages.map(({ content }) => content)).toEqual(["for photon"]);
    expect((await lamp.mailbox.inbox.list({})).messages.map(({ content }) => content)).toEqual(["for lamp"]);
  });

  it("is gone for everyone after clear, but later messages are not", async () => {
    await mac.mailbox.outbox.send({ content: "old" });
    expect(await pc.mailbox.clear()).toBe(1);
    await mac.mailbox.outbox.send({ content: "new" });
    expect((await pc.mailbox.inbox.list({})).messages.map(({ content }) => content)).toEqual(["new"]);
    expect((await pc.mailbox.unread.fetch()).unread).toBe(1);
  });
});

describe("a bridge that was killed", () => {
  it("gets the queued messages when it is back: in order, with the same ids, each once", async () => {
    const before = await mac.mailbox.outbox.send({ content: "before" });
    await bridge.kill();
    const ids = [before.id];
    for (const content of ["first", "second", "third"]) {
      const delivery = await mac.mailbox.outbox.send({ content });
      expect(delivery).toMatchObject({
        state: "queued",
        waiting: ids.length,
        reason: expect.stringMatching(/reached/),
      });
      ids.push(delivery.id);
    }

    await bridge.restart();
    // Another process, for example a later session, finds them on disk. Any call delivers them.
    const later = bridge.machine("mac");
    await later.mailbox.unread.fetch();
    expect((await later.mailbox.inbox.list({})).messages.map(({ content }) => content)).toEqual([
      "third",
      "second",
      "first",
      "before",
    ]);
    expect(idsOf(await stored())).toEqual(ids);
    expect(later.mailbox.outbox.waiting).toBe(0);
  });

  it("has every acknowledged message", async () => {
    const { id } = await mac.mailbox.outbox.send({ to: "pc", content: "x".repeat(3_000) });
    await pc.mailbox.receipts.markRead([id]);
    await bridge.kill();
    await bridge.restart();
    expect(await pc.mailbox.inbox.get(id)).toMatchObject({ id, read: true });
  });
});

describe("an answer that is lost after the bridge has stored the message", () => {
  let network: FaultyNetwork;
  /** How many of the next answers to sends are lost. */
  let answersToLose = 0;
  beforeEach(async () => {
    network = await FaultyNetwork.start(bridge.url);
    network.treat = (request) => (isSend(request) && answersToLose-- > 0 ? { answer: "cut" } : undefined);
    return () => network.stop();
  });

  it("is requested again at once, and nothing is stored twice", async () => {
    const sender = bridge.machine("losing", { url: network.url });
    answersToLose = 1;
    const { state, id } = await sender.mailbox.outbox.send({ content: "once" });
    expect({ state, lost: network.disturbed }).toEqual({ state: "stored", lost: 1 });
    expect(idsOf(await stored())).toEqual([id]);
    expect((await pc.mailbox.unread.fetch()).unread).toBe(1);
  });

  it("keeps the message in the outbox if it is lost every time, and the next call stores nothing twice", async () => {
    const sender = bridge.machine("losing-more", { url: network.url });
    answersToLose = Number.POSITIVE_INFINITY;
    const { state, id } = await sender.mailbox.outbox.send({ content: "once" });
    expect(state).toBe("queued");
    expect(network.disturbed).toBeGreaterThan(1);
    expect(readOutbox(sender.paths)).toHaveLength(1);
    const [{ timestamp } = { timestamp: "" }] = await stored();

    answersToLose = 0;
    expect((await sender.mailbox.outbox.flush()).stored.get(id)).toMatchObject({ timestamp, encryptedFor: null });
    expect(idsOf(await stored())).toEqual([id]);
    expect(readOutbox(sender.paths)).toEqual([]);
  });
});

describe("a key that the bridge rejects", () => {
  it("is reported by every call, and messages stay queued until the key is right", async () => {
    const wrong = bridge.machine("forgetful", { key: "not-the-key" });
    const { state, id } = await wrong.mailbox.outbox.send({ content: "keep me" });
    expect(state).toBe("queued");
    await expect(wrong.mailbox.inbox.list({})).rejects.toMatchObject({ code: "unauthorized" });
    await expect(fetchUnread(wrong.config, new Set(), 5_000)).rejects.toMatchObject({ code: "unauthorized" });
    expect(await stored()).toEqual([]);

    const right = bridge.machine("forgetful");
    expect((await right.mailbox.outbox.flush()).stored.has(id)).toBe(true);
    expect(idsOf(await stored())).toEqual([id]);
  });
});
