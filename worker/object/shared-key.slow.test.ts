import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ROUTES, type UnreadSummary } from "../../contract/api.ts";
import { MAX_UNREAD_GROUPS } from "../../contract/constants.ts";
import { encryptedText } from "../../contract/encrypted.ts";
import type { Receipt } from "../../contract/message.ts";
import { call, requestTo, sent, stored } from "../../test/support/worker/bridge.ts";
import { callAs, extend, found, joined } from "../../test/support/worker/fleet.ts";
import type { JoiningMachine } from "../../test/support/worker/joining-machine.ts";
import { createApp } from "../app.ts";

// What whoever has the shared key can do once machines have joined. It reads what is not encrypted and writes under names
// that nobody joined with; everything else here is somebody else's.

let mac: JoiningMachine;
let pc: JoiningMachine;
beforeEach(async () => {
  await reset();
  mac = await found("mac");
  pc = await joined("pc", mac);
});

const ENCRYPTED = encryptedText("QUFBQQ==");

async function sentBy(machine: JoiningMachine, draft: object = {}): Promise<string> {
  const response = await callAs(machine, "POST", "/messages", { content: ENCRYPTED, from: machine.name, ...draft });
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json<{ id: string }>()).id;
}

const mark = (what: "shown" | "read" | "taken", reader: string, ids: readonly string[]) =>
  call("POST", `/messages/${what}`, { body: { reader, ids } });

async function receiptsOf(id: string): Promise<Receipt[] | undefined> {
  return ROUTES.getMessage.answer.parse(await (await callAs(mac, "GET", `/messages/${id}`)).json()).receipts;
}

async function unreadOf(machine: JoiningMachine): Promise<UnreadSummary> {
  const response = await callAs(machine, "GET", `/unread?reader=${machine.name}/photon`);
  return ROUTES.unread.answer.parse(await response.json());
}

const isThere = async (id: string) => (await callAs(mac, "GET", `/messages/${id}`)).status === 200;

describe("a name that a machine has, had, or had until it was revoked", () => {
  const ID = "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10";
  const acts: [string, (name: string) => readonly [method: string, path: string, body?: unknown]][] = [
    ["send", (name) => ["POST", "/messages", { content: "hi", from: name }]],
    ["send from a project", (name) => ["POST", "/messages", { content: "hi", from: `${name}/photon` }]],
    ["list", (name) => ["GET", `/messages?reader=${name}`]],
    ["get", (name) => ["GET", `/messages/${ID}?reader=${name}/photon`]],
    ["count", (name) => ["GET", `/unread?reader=${name}/x`]],
    ["mark one", (name) => ["POST", `/messages/${ID}/read?reader=${name}`]],
    ["mark shown", (name) => ["POST", "/messages/shown", { reader: name, ids: [ID] }]],
    ["mark read", (name) => ["POST", "/messages/read", { reader: `${name}/photon`, ids: [ID] }]],
    ["resume", (name) => ["POST", "/messages/taken", { reader: name, ids: [ID] }]],
  ];

  it.each(acts)("cannot be used to %s, in whatever case", async (_, act) => {
    await extend(pc, { type: "rename", name: "desk" });
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    const before = await stored();
    for (const name of ["mac", "MAC", "pc", "Pc", "desk", "DESK"]) {
      const [method, path, body] = act(name);
      expect([name, (await call(method, path, { body })).status]).toEqual([name, 403]);
    }
    expect(await stored()).toEqual(before);
  });

  it("opens no socket", async () => {
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    const app = createApp(Date.now);
    const parameter = Object.keys(ROUTES.live.query.shape)[0];
    const open = async (name: string) => {
      const request = requestTo("GET", `/live?${parameter}=${name}`, { headers: { upgrade: "websocket" } });
      const { status, webSocket } = await app.fetch(request, env);
      webSocket?.accept();
      return status;
    };
    expect([await open("mac"), await open("PC"), await open("lamp")]).toEqual([403, 403, 101]);
  });

  it("keeps what was sent to it: without a name it is not marked either", async () => {
    const { id } = await sent({ from: "lamp", to: "PC/photon" });
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    expect((await call("POST", `/messages/${id}/read`)).status).toBe(403);
  });
});

describe("a name that a machine with the shared key uses", () => {
  const rename = async (machine: JoiningMachine, name: string) => {
    const response = await extend(machine, { type: "rename", name });
    return { status: response.status, body: await response.json() };
  };
  const send = async (from: string) => (await call("POST", "/messages", { body: { content: "hi", from } })).status;

  it("is not a machine's that renames itself, in whatever case; nothing changes for either", async () => {
    await sent({ from: "ci/photon" });
    const before = await stored();
    for (const machine of [pc, mac]) {
      const refused = { status: 403, body: { code: "forbidden", error: expect.stringContaining("shared key") } };
      expect(await rename(machine, "CI")).toMatchObject(refused);
    }
    expect(await stored()).toEqual(before);
    expect(await send("ci")).toBe(201);
    expect((await rename(pc, "desk")).status, "a name that nobody uses").toBe(201);
  });

  it("stays so when invented names pushed it out of the machines that were seen", async () => {
    await sent({ from: "ci" });
    for (let i = 0; i < 200; i++) await sent({ from: `ghost${i}` });
    const { machines } = ROUTES.machines.answer.parse(await (await callAs(mac, "GET", "/machines")).json());
    expect(machines.map(({ machine }) => machine)).not.toContain("ci");
    expect((await rename(pc, "ci")).status).toBe(403);
  });

  it("is a machine's that joins under it, which can take it again after another name", async () => {
    await sent({ from: "ci" });
    const ci = await joined("ci", mac);
    for (const name of ["ci-2", "ci"]) expect((await rename(ci, name)).status).toBe(201);
    expect(await send("ci")).toBe(403);
  });
});

describe("receipts by the shared key", () => {
  it("of an encrypted message count for the reader they name, and nobody is told", async () => {
    const id = await sentBy(mac, { kind: "handover", to: "*/photon" });
    const before = (await callAs(pc, "GET", "/unread?reader=pc/photon")).headers.get("etag");
    for (const what of ["shown", "read", "taken"] as const) {
      expect(await (await mark(what, "ghost/photon", [id])).json()).toEqual({ marked: 1 });
    }
    expect(await (await call("GET", "/unread?reader=ghost/photon")).json()).toMatchObject({ unread: 0 });
    expect(await receiptsOf(id)).toEqual([]);
    expect((await unreadOf(pc)).groups[0]?.latest.takenBy).toBeUndefined();
    expect((await callAs(pc, "GET", "/unread?reader=pc/photon")).headers.get("etag")).toBe(before);
    await callAs(pc, "POST", "/messages/taken", { reader: "pc", ids: [id] });
    expect(await receiptsOf(id)).toMatchObject([{ machine: "pc", takenAt: expect.any(String) }]);
  });

  it("cannot take back that a machine resumed a handover; its own key can", async () => {
    const id = await sentBy(mac, { content: "for everyone", kind: "handover" });
    await callAs(pc, "POST", "/messages/taken", { reader: "pc", ids: [id] });
    await call("POST", "/messages/taken", { body: { reader: "pc", ids: [id], undone: true } });
    expect(await receiptsOf(id)).toMatchObject([{ machine: "pc", takenAt: expect.any(String) }]);
    expect(await unreadOf(pc)).toMatchObject({ handovers: 0 });
    await callAs(pc, "POST", "/messages/taken", { reader: "pc", ids: [id], undone: true });
    expect((await receiptsOf(id))?.[0]?.takenAt).toBeUndefined();
    expect(await unreadOf(pc)).toMatchObject({ handovers: 1 });
  });

  it("do not hide the receipts of machines that have joined, however many names they give", async () => {
    const id = await sentBy(mac, { content: "for everyone", kind: "handover" });
    for (let i = 0; i < 100; i++) await mark("taken", `a-ghost${i}`, [id]);
    await callAs(pc, "POST", "/messages/taken", { reader: "pc", ids: [id] });
    const receipts = await receiptsOf(id);
    expect(receipts?.[0]?.machine).toBe("pc");
    expect(receipts).toHaveLength(65);
    const box = await joined("box", mac);
    expect((await unreadOf(box)).groups[0]?.latest.takenBy).toBe("pc");
  });

  it("are taken only for what is for the name they give", async () => {
    const id = await sentBy(mac, { content: "for pc", to: "pc" });
    const before = await stored();
    expect(await (await mark("taken", "ghost", [id])).json()).toEqual({ marked: 0 });
    expect((await call("POST", `/messages/${id}/read?reader=ghost`)).status).toBe(404);
    expect(await stored()).toEqual(before);
  });

  it("that a name took over before it joined are forgotten when its machine marks the message itself", async () => {
    const { id } = await sent({ from: "lamp", content: "for everyone" });
    await mark("taken", "box", [id]);
    const box = await joined("box", mac);
    await callAs(box, "POST", "/messages/read", { reader: "box", ids: [id] });
    const [receipt] = (await receiptsOf(id)) ?? [];
    expect([receipt?.machine, receipt?.takenAt]).toEqual(["box", undefined]);
  });
});

describe("a replacement by the shared key", () => {
  it("deletes what the same name sent with the shared key, and nothing of a machine that has or had joined", async () => {
    const ofMac = await sentBy(mac);
    const ofPc = await sentBy(pc);
    const ofBox = (await sent({ from: "box", content: "before it joined" })).id;
    await joined("box", mac);
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    for (const replaces of [ofMac, ofPc, ofBox]) {
      await call("POST", "/messages", { body: { content: "x", from: "lamp", replaces } });
      for (const from of ["mac", "PC", "box"]) {
        expect((await call("POST", "/messages", { body: { content: "x", from, replaces } })).status).toBe(403);
      }
      expect(await isThere(replaces)).toBe(true);
    }
    const own = (await sent({ from: "lamp" })).id;
    await sent({ from: "LAMP/photon", replaces: own });
    expect(await isThere(own)).toBe(false);
  });
});

describe("names that the shared key invents", () => {
  it("push no machine that has joined out of the list of machines, and there are 200 at most", async () => {
    await sentBy(pc);
    for (let i = 0; i < 210; i++) await sent({ from: `ghost${i}` });
    const { machines } = ROUTES.machines.answer.parse(await (await callAs(mac, "GET", "/machines")).json());
    expect(machines.slice(0, 2).map(({ machine }) => machine)).toEqual(["pc", "mac"]);
    expect(machines).toHaveLength(202);
    expect(machines.map(({ machine }) => machine)).toContain("ghost209");
  });

  it("push no machine that has joined out of what a session is told of", async () => {
    await sentBy(pc, { kind: "task" });
    for (let i = 0; i < MAX_UNREAD_GROUPS + 5; i++) await sent({ from: `ghost${i}` });
    const { unread, groups } = await unreadOf(mac);
    expect(unread).toBe(MAX_UNREAD_GROUPS + 6);
    expect(groups).toHaveLength(MAX_UNREAD_GROUPS);
    expect([groups[0]?.from, groups.at(-1)]).toMatchObject([
      `ghost${MAX_UNREAD_GROUPS + 4}`,
      { from: "pc", kind: "task" },
    ]);
  });

  it("do not mix up what a reader has read when one is forgotten and comes again", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push((await sent({ from: "lamp" })).id);
    const idAt = (i: number) => ids[i % 6] ?? "";
    await mark("read", "ghost", [idAt(0)]);
    const etag = (await call("GET", "/unread?reader=ghost")).headers.get("etag") ?? "";
    for (let i = 0; i < 205; i++) await mark("read", `other${i}`, [idAt(i)]);
    await mark("read", "ghost", [idAt(1)]);
    const again = await call("GET", "/unread?reader=ghost", { headers: { "if-none-match": etag } });
    expect([again.status, await again.json()]).toMatchObject([200, { unread: 4 }]);
  });
});
