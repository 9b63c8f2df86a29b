import { reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { call, problemOf, sent, stored } from "../../test/support/worker/bridge.ts";
import { callAs, extend, found, joined } from "../../test/support/worker/fleet.ts";
import type { JoiningMachine } from "../../test/support/worker/joining-machine.ts";

let mac: JoiningMachine;
let pc: JoiningMachine;
beforeEach(async () => {
  await reset();
  mac = await found("mac");
  pc = await joined("pc", mac);
});

const ID = "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10";
/** Every way to name somebody, as `name`. */
const namings: [string, (name: string) => readonly [method: string, path: string, body?: unknown]][] = [
  ["sends", (name) => ["POST", "/messages", { content: "hi", from: `${name}/photon` }]],
  ["asks for the unread count", (name) => ["GET", `/unread?reader=${name}/photon`]],
  ["lists", (name) => ["GET", `/messages?reader=${name}`]],
  ["marks shown", (name) => ["POST", "/messages/shown", { reader: name, ids: [ID] }]],
  ["marks read", (name) => ["POST", "/messages/read", { reader: name, ids: [ID] }]],
  ["resumes", (name) => ["POST", "/messages/taken", { reader: name, ids: [ID] }]],
];

describe.each(namings)("whoever %s", (_, request) => {
  it("does it as itself alone, whatever the case", async () => {
    const [method, path, body] = request("PC");
    expect((await callAs(pc, method, path, body)).status).toBeLessThan(300);
    const [, asMac, asMacBody] = request("mac");
    const before = await stored();
    expect(await problemOf(await callAs(pc, method, asMac, asMacBody))).toMatchObject({
      status: 403,
      code: "forbidden",
    });
    expect(await stored()).toEqual(before);
  });

  it("has not joined, does it as itself, and not as one that has", async () => {
    const [method, path, body] = request("lamp");
    expect((await call(method, path, { body })).status).toBeLessThan(300);
    const before = await stored();
    const [, asMac, asMacBody] = request("Mac");
    const refused = await problemOf(await call(method, asMac, { body: asMacBody }));
    expect(refused).toMatchObject({ status: 403, error: expect.stringContaining("own key") });
    expect(await stored()).toEqual(before);
  });
});

describe("a mark without a name", () => {
  it("of a machine is its own", async () => {
    const { id } = await sent({ from: "lamp", content: "hi" });
    expect((await callAs(pc, "POST", `/messages/${id}/read`)).status).toBe(200);
    const { receipts } = await (await callAs(pc, "GET", `/messages/${id}`)).json<{ receipts: unknown[] }>();
    expect(receipts).toMatchObject([{ machine: "pc" }]);
  });

  it("with the shared key is refused for what is a joined machine's, and taken for the rest", async () => {
    const [toMac, toAll] = [await sent({ from: "lamp", to: "mac" }), await sent({ from: "lamp" })];
    expect((await call("POST", `/messages/${toMac.id}/read`)).status).toBe(403);
    expect((await call("POST", `/messages/${toAll.id}/read`)).status).toBe(200);
  });
});

describe("deleting", () => {
  it("is for the sender of a message, and for an owner", async () => {
    const ofPc = await (await callAs(pc, "POST", "/messages", { content: "hi", from: "pc" })).json<{ id: string }>();
    const ofMac = await (await callAs(mac, "POST", "/messages", { content: "hi", from: "mac" })).json<{ id: string }>();
    const box = await joined("box", mac);
    for (const { id } of [ofPc, ofMac]) {
      expect((await callAs(box, "DELETE", `/messages/${id}`)).status).toBe(403);
      expect((await call("DELETE", `/messages/${id}`)).status).toBe(403);
    }
    expect((await callAs(pc, "DELETE", `/messages/${ofMac.id}`)).status).toBe(403);
    expect((await callAs(pc, "DELETE", `/messages/${ofPc.id}`)).status).toBe(200);
    expect((await callAs(mac, "DELETE", `/messages/${ofMac.id}`)).status).toBe(200);
  });

  it("of what is not there is no success for whoever may delete its own alone", async () => {
    expect((await callAs(pc, "DELETE", `/messages/${ID}`)).status).toBe(404);
    expect((await callAs(mac, "DELETE", `/messages/${ID}`)).status).toBe(200);
  });

  it("of everything is an owner's", async () => {
    await callAs(pc, "POST", "/messages", { content: "hi", from: "pc" });
    const clear = ["DELETE", "/messages?confirm=true"] as const;
    expect([(await callAs(pc, ...clear)).status, (await call(...clear)).status]).toEqual([403, 403]);
    expect(await (await callAs(mac, ...clear)).json()).toMatchObject({ status: "cleared", count: 1 });
  });
});

describe("the shared key", () => {
  it("is everything before anybody has joined", async () => {
    await reset();
    const { id } = await sent({ from: "mac" });
    expect((await call("DELETE", `/messages/${id}`)).status).toBe(200);
    expect((await call("DELETE", "/messages?confirm=true")).status).toBe(200);
    expect((await call("GET", "/log")).status).toBe(200);
  });

  it("does not speak for a name that a machine had before", async () => {
    expect((await extend(pc, { type: "rename", name: "desk" })).status).toBe(201);
    for (const from of ["pc", "desk"]) {
      expect((await call("POST", "/messages", { body: { content: "hi", from } })).status).toBe(403);
      expect((await callAs(pc, "POST", "/messages", { content: "hi", from })).status).toBe(201);
    }
  });

  // The last one: the Worker believes for half a minute that the shared key is off.
  it("is taken no more once an owner has locked it, and nothing it sends is stored", async () => {
    expect((await extend(mac, { type: "lock" })).status).toBe(201);
    const before = await stored();
    const refused = await problemOf(await call("POST", "/messages", { body: { content: "hi", from: "lamp" } }));
    expect(refused).toMatchObject({ status: 401, code: "unauthorized", error: expect.stringContaining("photon join") });
    expect(await stored()).toEqual(before);
    expect((await callAs(pc, "GET", "/unread?reader=pc")).status).toBe(200);
  });
});
