import { createHash, randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ApiClient } from "../../client/bridge/api-client.ts";
import { type MessagePage, ROUTES, type Routes } from "../../contract/api.ts";
import { CAPSULE_AGE_SECONDS } from "../../contract/capsule.ts";
import { MAX_IDS_PER_REQUEST } from "../../contract/constants.ts";
import { MAX_CONTENT_BYTES, type MessageDraftInput } from "../../contract/message.ts";
import { version } from "../../package.json";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let api: ApiClient;
beforeAll(async () => {
  bridge = await RealBridge.start();
  api = bridge.api;
});
afterAll(() => bridge.stop());
beforeEach(async () => {
  await api.call("clearMessages", { query: { confirm: "true" } });
});

async function send(draft: Partial<MessageDraftInput> = {}): Promise<string> {
  return (await api.call("sendMessage", { body: { content: "hello", from: "mac/photon", ...draft } })).id;
}

const contents = ({ messages }: MessagePage) => messages.map(({ content }) => content);

/** A separate bridge: after a machine has joined, the shared key has fewer rights, and the other tests would fail. */
async function onABridgeOfItsOwn(test: (own: RealBridge, mac: TestMachine) => Promise<void>): Promise<void> {
  const own = await RealBridge.start();
  try {
    await test(own, await own.member("mac"));
  } finally {
    await own.stop();
  }
}

/** Every route once, through the client that the server and the CLI use, which checks each answer's shape. */
const CALLS: { readonly [Name in keyof Routes]: () => Promise<void> } = {
  async health() {
    const { status, version: told } = await api.call("health");
    expect({ status, told }).toEqual({ status: "ok", told: version });
  },
  async sendMessage() {
    const id = randomUUID();
    const body = { id, content: "hello", from: "mac" };
    const first = await api.call("sendMessage", { body });
    expect(first).toMatchObject({ id, status: "sent" });
    expect(await api.call("sendMessage", { body })).toEqual(first);
    expect((await api.call("listMessages")).count).toBe(1);
  },
  async listMessages() {
    await send({ content: "to pc", to: "pc" });
    await send({ content: "to everyone" });
    await send({ content: "to linux", to: "linux" });
    const page = await api.call("listMessages", { query: { reader: "pc/photon" } });
    expect(contents(page)).toEqual(["to everyone", "to pc"]);
    expect(page.count).toBe(2);
  },
  async clearMessages() {
    await send();
    await send();
    expect(await api.call("clearMessages", { query: { confirm: "true" } })).toMatchObject({ count: 2 });
    expect((await api.call("listMessages")).messages).toEqual([]);
  },
  async markShown() {
    const id = await send();
    const body = { reader: "pc/photon", ids: [id] };
    expect((await api.call("markShown", { body })).marked).toBe(1);
    const { read, receipts } = await api.call("getMessage", { id, query: { reader: "pc" } });
    expect({ read, receipts }).toEqual({ read: false, receipts: [{ machine: "pc", shownAt: expect.any(String) }] });
  },
  async markManyRead() {
    const ids = [await send(), await send(), randomUUID()];
    expect((await api.call("markManyRead", { body: { reader: "pc", ids } })).marked).toBe(2);
    expect((await api.call("listMessages", { query: { reader: "pc", unread: "true" } })).count).toBe(0);
    expect((await api.call("listMessages", { query: { reader: "linux", unread: "true" } })).count).toBe(2);
  },
  async getMessage() {
    const id = await send({ to: "pc/photon", project: "photon", tags: ["a", "b"], kind: "task", session: "s-1" });
    expect(await api.call("getMessage", { id })).toMatchObject({
      id,
      from: "mac/photon",
      to: "pc/photon",
      project: "photon",
      content: "hello",
      tags: ["a", "b"],
      kind: "task",
      session: "s-1",
      read: false,
    });
  },
  async markRead() {
    const id = await send();
    expect((await api.call("markRead", { id, query: { reader: "pc" } })).id).toBe(id);
    expect((await api.call("getMessage", { id, query: { reader: "pc" } })).read).toBe(true);
    expect((await api.call("getMessage", { id, query: { reader: "linux" } })).read).toBe(false);
  },
  async deleteMessage() {
    const id = await send();
    await api.call("deleteMessage", { id });
    await expect(api.call("getMessage", { id })).rejects.toMatchObject({ code: "not_found" });
    expect((await api.call("deleteMessage", { id })).id).toBe(id);
  },
  async machines() {
    const id = await send();
    await api.call("markShown", { body: { reader: "pc/photon", ids: [id] } });
    const { machines } = await api.call("machines");
    expect(machines.map(({ machine }) => machine).sort()).toEqual(["mac", "pc"]);
  },
  async markResumed() {
    const id = await send({ kind: "handover" });
    const body = { reader: "pc/photon", ids: [id] };
    expect((await api.call("markResumed", { body })).marked).toBe(1);
    expect((await api.call("markResumed", { body })).marked).toBe(1);
    const { read, receipts } = await api.call("getMessage", { id, query: { reader: "pc" } });
    expect({ read, receipts }).toEqual({
      read: true,
      receipts: [{ machine: "pc", readAt: expect.any(String), takenAt: expect.any(String) }],
    });
    const undone = { ...body, undone: true };
    expect((await api.call("markResumed", { body: undone })).marked).toBe(1);
    expect((await api.call("markResumed", { body: undone })).marked).toBe(1);
    const after = await api.call("getMessage", { id, query: { reader: "pc" } });
    expect({ read: after.read, receipts: after.receipts }).toEqual({ read: false, receipts: [{ machine: "pc" }] });
  },
  async live() {
    const query = { reader: "pc" };
    await expect(api.call("live", { query })).rejects.toMatchObject({ code: "invalid_request" }); // not a WebSocket request
  },
  async archive() {
    await send();
    expect(await api.call("archive")).toEqual({ pending: 1, since: expect.any(String) });
  },
  async putCapsule() {
    const body = randomBytes(2_000_000);
    const sha256 = createHash("sha256").update(body).digest("hex");
    const { bytes, expiresAt } = await api.call("putCapsule", { sha256, body });
    expect(bytes).toBe(body.length);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan((CAPSULE_AGE_SECONDS - 60) * 1000);
    await expect(api.call("putCapsule", { sha256: "0".repeat(64), body })).rejects.toMatchObject({
      code: "invalid_request",
    });
  },
  async getCapsule() {
    const body = Buffer.from("a capsule");
    const sha256 = createHash("sha256").update(body).digest("hex");
    await expect(api.call("getCapsule", { sha256 })).rejects.toMatchObject({ code: "not_found" });
    await api.call("putCapsule", { sha256, body });
    await api.call("putCapsule", { sha256, body });
    expect(Buffer.from(await api.call("getCapsule", { sha256 }))).toEqual(body);
  },
  async machineList() {
    expect(await api.call("machineList", { query: { after: "0" } })).toEqual({ entries: [], seen: [] });
  },
  async auditLog() {
    const { entries } = await api.call("auditLog", { query: { limit: "1" } });
    expect(entries).toMatchObject([{ what: "cleared", by: "shared key" }]);
  },
  extendMachineList: () =>
    onABridgeOfItsOwn(async (own, mac) => {
      await mac.mailbox.membership?.extend({ type: "lock" });
      expect((await own.client(mac.config.apiKey).call("machineList", { query: { after: "1" } })).entries).toHaveLength(
        1,
      );
    }),
  invitation: () =>
    onABridgeOfItsOwn(async (own) => {
      await expect(own.client(null).call("invitation", { invite: "0".repeat(32) })).rejects.toMatchObject({
        code: "forbidden",
      });
    }),
  join: () =>
    onABridgeOfItsOwn(async (own, mac) => {
      const pc = await own.member("pc", { by: mac });
      await expect(pc.mailbox.unread.fetch()).resolves.toMatchObject({ unread: 0 });
    }),
  async unread() {
    await send({ to: "pc", kind: "task" });
    const id = await send({ kind: "handover" });
    await send({ to: "linux" });
    expect(await api.call("unread", { query: { reader: "pc/photon" } })).toMatchObject({
      unread: 2,
      handovers: 1,
      latest: { id, from: "mac/photon", kind: "handover" },
      groups: [
        { from: "mac/photon", kind: "handover", unread: 1 },
        { from: "mac/photon", kind: "task", unread: 1 },
      ],
    });
  },
};

describe("every route of the contract, from the client to the Worker", () => {
  it.each(Object.entries(CALLS))("%s", async (_, call) => call());

  it("is in this list", () => {
    expect(Object.keys(CALLS).sort()).toEqual(Object.keys(ROUTES).sort());
  });
});

describe("listing", () => {
  it("goes through all pages, newest first, with each message once", async () => {
    for (const number of ["1", "2", "3", "4", "5"]) await send({ content: number });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await api.call("listMessages", { query: { limit: "2", ...(cursor ? { cursor } : {}) } });
      seen.push(...contents(page));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(["5", "4", "3", "2", "1"]);
  });

  it.each([
    ["its sender, in any project", { from: "mac" }, ["reply", "task"]],
    ["its address", { to: "pc" }, ["task"]],
    ["its project", { project: "lamp" }, ["task"]],
    ["a tag", { tag: "urgent" }, ["note"]],
    ["its kind", { kind: "reply" }, ["reply"]],
    ["a future time", { since: "2100-01-01" }, []],
  ] as const)("finds a message by %s, before `limit` counts", async (_, query, expected) => {
    await send({ content: "task", from: "mac/lamp", to: "pc", project: "lamp", kind: "task" });
    await send({ content: "reply", from: "mac", kind: "reply" });
    await send({ content: "note", from: "linux", tags: ["urgent"] });
    expect(contents(await api.call("listMessages", { query }))).toEqual(expected);
    const first = await api.call("listMessages", { query: { ...query, limit: "1" } });
    expect(contents(first)).toEqual(expected.slice(0, 1));
  });

  it("finds a thread by any message of it", async () => {
    const task = await send({ content: "task" });
    const reply = await send({ content: "reply", from: "pc", replyTo: task });
    await send({ content: "another" });
    for (const thread of [task, reply]) {
      expect(contents(await api.call("listMessages", { query: { thread } }))).toEqual(["reply", "task"]);
    }
  });
});

describe("a refusal by the bridge, as the client sees it", () => {
  it.each([
    ["an empty message", { content: "" }, "invalid_request"],
    ["an invalid sender", { from: "my mac" }, "invalid_request"],
    ["a message over the limit", { content: "x".repeat(MAX_CONTENT_BYTES + 1) }, "too_large"],
    ["one over the limit only in bytes", { content: "ä".repeat(MAX_CONTENT_BYTES / 2 + 1) }, "too_large"],
    ["one over every limit", { content: "x".repeat(8 * MAX_CONTENT_BYTES) }, "too_large"],
  ])("%s", async (_, draft, code) => {
    await expect(send(draft)).rejects.toMatchObject({ code });
    expect((await api.call("listMessages")).count).toBe(0);
  });

  it("does not affect a message of the maximum size, which comes back complete", async () => {
    const content = "ä".repeat(MAX_CONTENT_BYTES / 2);
    const id = await send({ content });
    expect((await api.call("getMessage", { id })).content === content).toBe(true);
  });

  it("applies to an unknown id", async () => {
    const id = randomUUID();
    for (const name of ["getMessage", "markRead"] as const) {
      await expect(api.call(name, { id })).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("applies to marking more ids than allowed", async () => {
    const ids = Array.from({ length: MAX_IDS_PER_REQUEST + 1 }, () => randomUUID());
    await expect(api.call("markManyRead", { body: { reader: "pc", ids } })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("applies to a wrong key on every route but health, soon as too many attempts; the right key still works", async () => {
    const stranger = bridge.client("not-the-key");
    const list = () => stranger.call("listMessages");
    await expect(list()).rejects.toMatchObject({ code: "unauthorized" });
    await expect(stranger.call("sendMessage", { body: { content: "x", from: "mac" } })).rejects.toMatchObject({
      code: "unauthorized",
    });
    // The limit counts per minute of the clock. A new minute starts at zero.
    const codes = [];
    for (let attempt = 0; attempt < 50; attempt++) codes.push(await list().catch(({ code }) => code));
    expect(codes[0]).toBe("unauthorized");
    expect(codes).toContain("rate_limited");
    expect((await stranger.call("health")).status).toBe("ok");
    expect((await api.call("listMessages")).count).toBe(0);
  });
});
