import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setUnencrypted } from "../../client/encryption/unencrypted.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { MessagePage } from "../../contract/api.ts";
import { encryptedPart } from "../../contract/encrypted.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

/** A client of the predecessor: seven routes, the shared key, no reader, no own message ids. */
class LegacyClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(bridge: RealBridge) {
    this.#url = bridge.url;
    this.#headers = { authorization: `Bearer ${bridge.key}`, "content-type": "application/json" };
  }

  async send(from: string, to: string | null, content: string): Promise<number> {
    const body = JSON.stringify({ content, from, project: null, to, tags: [] });
    return (await this.#call("POST", "/messages", body)).status;
  }

  async list(): Promise<MessagePage["messages"]> {
    return MessagePage.parse(await (await this.#call("GET", "/messages?limit=100")).json()).messages;
  }

  async statusOf(method: string, path: string): Promise<number> {
    return (await this.#call(method, path)).status;
  }

  #call(method: string, path: string, body?: string): Promise<Response> {
    return fetch(`${this.#url}${path}`, { method, headers: this.#headers, ...(body !== undefined && { body }) });
  }
}

describe("a fleet of old and new clients", () => {
  let bridge: RealBridge;
  let legacy: LegacyClient;
  /** Uses the shared key and has not joined. */
  let box: TestMachine;
  /** Joined: an owner and a machine that it invited. */
  let mac: TestMachine;
  let pc: TestMachine;

  beforeAll(async () => {
    bridge = await RealBridge.start();
    legacy = new LegacyClient(bridge);
    box = bridge.machine("box");
    await legacy.send("lamp", null, "from before, by the old client");
    await box.mailbox.outbox.send({ to: "mac", content: "from before, by a machine" });
    mac = await bridge.member("mac");
    pc = await bridge.member("pc", { by: mac });
  }, 60_000);
  afterAll(() => bridge.stop());

  const received = async ({ mailbox }: TestMachine, content: string): Promise<ReceivedMessage | undefined> =>
    (await mailbox.inbox.list({ limit: "100" })).messages.find((message) => message.content === content);
  const sent = async ({ mailbox }: TestMachine, to: string | null, content: string) => {
    const delivery = await mailbox.outbox.send({ to, content, tags: ["tagged"] });
    if (delivery.state !== "stored") throw new Error(`Not stored: ${JSON.stringify(delivery)}`);
    return delivery;
  };

  it("still shows messages from before any machine joined, as unverified", async () => {
    for (const content of ["from before, by the old client", "from before, by a machine"]) {
      expect((await received(mac, content))?.origin).toMatchObject({ state: "unverified", grade: "ask", remarks: [] });
    }
    expect((await legacy.list()).map(({ content }) => content)).toContain("from before, by the old client");
  });

  it("joined to joined: encrypted, verified, and invisible to others", async () => {
    const { id, encryptedFor } = await sent(pc, "mac", "between us");
    expect(encryptedFor?.toSorted()).toEqual(["mac", "pc"]);
    const message = await received(mac, "between us");
    expect(message).toMatchObject({ id, from: "pc/photon", tags: ["tagged"] });
    expect(message?.origin).toMatchObject({ state: "verified", isEncrypted: true, author: "agent", remarks: [] });
    for (const seen of [...(await legacy.list()), ...(await box.mailbox.inbox.list({})).messages]) {
      expect(JSON.stringify(seen)).not.toContain("between us");
    }
    const raw = (await legacy.list()).find((each) => each.id === id);
    expect(encryptedPart(raw?.content ?? "")).not.toBeNull();
    expect(raw).toMatchObject({ tags: [] });
    expect((await pc.mailbox.inbox.get(id)).content, "its sender can read it, too").toBe("between us");
  });

  it("joined to everyone: encrypted for joined machines; the others are told how to join", async () => {
    const { id } = await sent(mac, null, "to all of us");
    expect((await received(pc, "to all of us"))?.origin.state).toBe("verified");
    const forBox = (await box.mailbox.inbox.list({})).messages.find((message) => message.id === id);
    expect(forBox?.origin.state).toBe("unreadable");
    expect(forBox?.content).toContain("photon join");
    expect((await legacy.list()).find((message) => message.id === id)?.content).toContain("photon join");
  });

  it("joined to a machine that has not joined: only if the person allowed it, and the sender is told so", async () => {
    const refused = mac.mailbox.outbox.send({ to: "box", content: "not in the clear" });
    await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/^box has not joined/) });
    setUnencrypted(mac.paths, bridge.url, { name: "box", isAllowed: true });
    const { encryptedFor } = await sent(mac, "box", "in the clear");
    expect(encryptedFor).toEqual([]);
    expect((await received(box, "in the clear"))?.origin).toMatchObject({ state: "unverified", isEncrypted: false });
    expect((await legacy.list()).map(({ content }) => content)).toContain("in the clear");
  });

  it.each([
    ["a machine with the shared key", () => box.mailbox.outbox.send({ to: "mac", content: "from box" }), "from box"],
    ["the old client", () => legacy.send("lamp", "mac", "from lamp"), "from lamp"],
  ])("%s to joined: arrives as unverified", async (_, send, content) => {
    await send();
    expect((await received(mac, content))?.origin).toMatchObject({ state: "unverified", author: null, grade: "ask" });
  });

  it.each([
    ["the old client", async () => legacy.send("MAC/photon", "pc", "I am mac"), 403],
    ["a reader with the shared key", async () => legacy.statusOf("GET", "/unread?reader=mac/photon"), 403],
    ["clearing with the shared key", async () => legacy.statusOf("DELETE", "/messages?confirm=true"), 403],
    ["reading the log with the shared key", async () => legacy.statusOf("GET", "/log"), 403],
  ])("%s is refused: it needs the key of a joined machine", async (_, call, status) => {
    const before = (await legacy.list()).length;
    expect(await call()).toBe(status);
    expect(await legacy.list()).toHaveLength(before);
  });

  it("lets each machine delete its own messages and an owner all of them", async () => {
    const { id: ofPc } = await sent(pc, "mac", "pc's own");
    const { id: ofMac } = await sent(mac, "pc", "mac's own");
    expect(await legacy.statusOf("DELETE", `/messages/${ofPc}`)).toBe(403);
    const key = (machine: TestMachine) => bridge.client(machine.config.apiKey);
    await expect(key(pc).call("deleteMessage", { id: ofMac })).rejects.toMatchObject({ code: "forbidden" });
    await key(pc).call("deleteMessage", { id: ofPc });
    await key(mac).call("deleteMessage", { id: ofMac });
    await expect(pc.mailbox.clear()).rejects.toMatchObject({ code: "forbidden" });
  });

  it("filters by tags that are encrypted on the bridge", async () => {
    await sent(pc, "mac", "find me");
    const found = (await mac.mailbox.inbox.list({ tag: "tagged" })).messages.map(({ content }) => content);
    expect(found).toContain("find me");
    expect((await mac.mailbox.inbox.list({ tag: "other" })).messages).toEqual([]);
  });

  it("still stores receipts", async () => {
    const { id } = await sent(pc, "mac", "read me");
    await mac.mailbox.receipts.markRead([id]);
    expect((await pc.mailbox.inbox.get(id)).receipts).toMatchObject([{ machine: "mac", readAt: expect.any(String) }]);
  });

  it("a machine that joins later can read messages from then on", async () => {
    const { id } = await sent(mac, null, "too early for it");
    const late = await bridge.member("late", { by: pc });
    expect((await late.mailbox.inbox.list({ limit: "100" })).messages.map((message) => message.id)).not.toContain(id);
    const early = await late.mailbox.inbox.get(id);
    expect(early.origin.state).toBe("unreadable");
    expect(early.content).toContain("joined later");
    await mac.mailbox.membership?.machineList(0); // it would ask by itself a minute later
    await sent(mac, null, "for it too");
    expect((await received(late, "for it too"))?.origin.state).toBe("verified");
  });

  it("a machine without its encryption keys sends nothing unencrypted, and shows an explanation in place of messages", async () => {
    const { id } = await sent(mac, "pc", "for the whole pc");
    const half = bridge.machine("half", { key: pc.config.apiKey });
    Object.assign(half.config, { machine: "pc" });
    const delivery = await half.mailbox.outbox.send({ to: "mac", content: "in the clear?" });
    expect(delivery).toMatchObject({ state: "queued", reason: expect.stringContaining("photon join") });
    const seen = await legacy.list();
    expect(seen.map(({ content }) => content)).not.toContain("in the clear?");
    const message = (await half.mailbox.inbox.list({ limit: "100" })).messages.find((each) => each.id === id);
    expect(message?.origin.state).toBe("unreadable");
  });

  it("lock disables the shared key, and joined machines continue", async () => {
    await mac.mailbox.membership?.extend({ type: "lock" });
    expect(await legacy.send("lamp", null, "still here?")).toBe(401);
    await expect(box.mailbox.inbox.list({})).rejects.toMatchObject({ code: "unauthorized" });
    await sent(pc, "mac", "only us now");
    expect((await received(mac, "only us now"))?.origin.state).toBe("verified");
    await mac.mailbox.clear();
    expect((await mac.mailbox.inbox.list({})).messages).toEqual([]);
  });
});
