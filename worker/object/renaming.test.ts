import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ROUTES } from "../../contract/api.ts";
import { Changed } from "../../contract/live.ts";
import { bridgeObject, call, requestTo, sent } from "../../test/support/worker/bridge.ts";
import { callAs, extend, found, joined } from "../../test/support/worker/fleet.ts";
import type { JoiningMachine } from "../../test/support/worker/joining-machine.ts";
import { createApp } from "../app.ts";

let mac: JoiningMachine;
let pc: JoiningMachine;

beforeEach(async () => {
  await reset();
  mac = await found();
  pc = await joined("pc", mac);
});

/** Renames pc. */
async function rename(name: string): Promise<void> {
  const response = await extend(pc, { type: "rename", name });
  expect([name, response.status]).toEqual([name, 201]);
}

async function toPc(to: string | null): Promise<string> {
  const response = await callAs(mac, "POST", "/messages", { content: "hi", from: "mac", to });
  return ROUTES.sendMessage.answer.parse(await response.json()).id;
}

async function unreadAs(reader: string): Promise<{ unread: number; etag: string }> {
  const response = await callAs(pc, "GET", `/unread?reader=${reader}`);
  const { unread } = ROUTES.unread.answer.parse(await response.json());
  return { unread, etag: response.headers.get("etag") ?? "" };
}

async function listed(query: string) {
  const response = await callAs(pc, "GET", `/messages?${query}`);
  return ROUTES.listMessages.answer.parse(await response.json()).messages;
}

async function got(id: string, reader: string) {
  return ROUTES.getMessage.answer.parse(await (await callAs(pc, "GET", `/messages/${id}?reader=${reader}`)).json());
}

const mark = (what: string, reader: string, ids: readonly string[]) =>
  callAs(pc, "POST", `/messages/${what}`, { reader, ids });

const machines = async () =>
  ROUTES.machines.answer.parse(await (await callAs(mac, "GET", "/machines")).json()).machines;

describe("a renamed machine", () => {
  it("has the mail of all its names, each message once, and what it has read stays read", async () => {
    const read: string[] = [];
    const unread: string[] = [];
    const isRight = async (reader: string) => {
      const newestFirst = unread.toReversed();
      expect((await unreadAs(reader)).unread).toBe(unread.length);
      expect((await listed(`reader=${reader}&unread=true&limit=100`)).map(({ id }) => id)).toEqual(newestFirst);
      const all = await listed(`reader=${reader}&limit=100`);
      expect(all.filter((message) => !message.read).map(({ id }) => id)).toEqual(newestFirst);
      expect(all).toHaveLength(unread.length + read.length);
      for (const id of [...unread.slice(-2), ...read.slice(-2)])
        expect([id, (await got(id, reader)).read]).toEqual([id, read.includes(id)]);
    };
    const early = await toPc("office");
    let before: string | null = null;
    // A second rename, and a rename back to the name for which a floor was kept at first.
    for (const name of ["pc", "desk", "office", "pc"]) {
      if (before !== null) await rename(name);
      if (name === "office") unread.unshift(early);
      await isRight(name);
      for (const to of [name, `${name}/photon`, before ?? null, null]) {
        // More than the floor is moved over.
        for (let i = 0; i < 5; i++) unread.push(await toPc(to));
      }
      read.push(...unread.splice(0, 10));
      expect((await mark("read", `${name}/photon`, read.slice(-10))).status).toBe(200);
      await isRight(name);
      before = name;
    }
    expect((await listed("reader=desk&limit=1"))[0]).toMatchObject({ to: null });
    expect(await listed("reader=desk&to=office&limit=100")).toHaveLength(16); // as their sender addressed and signed them
  });

  it("misses no older mail, although a client with the shared key has read under the new name", async () => {
    for (let i = 0; i < 10; i++) for (const to of ["pc", "desk"]) await toPc(to);
    for (let times = 0; times < 2; times++) await call("GET", "/unread?reader=desk"); // moves the floor of `desk`
    await rename("desk");
    expect(await unreadAs("desk")).toMatchObject({ unread: 20 });
  });

  it("does not get mail to a name that another machine or nobody has", async () => {
    const box = await joined("box", mac);
    await rename("desk");
    await toPc("box");
    expect(await unreadAs("desk")).toMatchObject({ unread: 0 });
    expect((await callAs(pc, "GET", "/unread?reader=box")).status).toBe(403);
    expect((await extend(box, { type: "rename", name: "pc" })).status).toBe(409);
  });

  it("is never answered that nothing changed for a tag from before the rename", async () => {
    await toPc("pc");
    const tags: string[] = [(await unreadAs("pc")).etag];
    for (const name of ["desk", "pc", "desk"]) {
      await rename(name);
      for (const tag of tags) {
        for (const reader of ["pc", "desk"]) {
          const headers = { authorization: `Bearer ${pc.machineKey}`, "if-none-match": tag };
          expect((await call("GET", `/unread?reader=${reader}`, { headers })).status).toBe(200);
        }
      }
      tags.push((await unreadAs("pc")).etag, (await unreadAs("desk")).etag);
    }
    const headers = { authorization: `Bearer ${pc.machineKey}`, "if-none-match": tags.at(-1) ?? "" };
    expect((await call("GET", "/unread?reader=desk", { headers })).status).toBe(304);
    await mark("read", "pc", [(await listed("reader=desk"))[0]?.id ?? ""]);
    expect((await call("GET", "/unread?reader=desk", { headers })).status).toBe(200);
  });

  it("has one receipt for a message, whichever of its names it marked it with", async () => {
    const id = await toPc("pc");
    await mark("shown", "pc", [id]);
    await rename("desk");
    await mark("read", "desk", [id]);
    const { receipts } = await got(id, "desk");
    expect(receipts).toMatchObject([{ machine: "pc", shownAt: expect.any(String), readAt: expect.any(String) }]);
    await mark("read", "desk", [id]);
    await mark("read", "pc", [id]);
    expect((await got(id, "desk")).receipts).toEqual(receipts);
    const later = await toPc("pc");
    await mark("read", "pc", [later]); // a session that began before the rename
    expect((await got(later, "desk")).receipts).toMatchObject([{ machine: "desk" }]);
    expect(await unreadAs("desk")).toMatchObject({ unread: 0 });
  });

  it("replaces what it sent under a former name, and repeats it without sending it twice", async () => {
    const draft = { content: "work", to: null, kind: "handover" };
    const id = "10000000-0000-4000-8000-000000000001";
    await callAs(pc, "POST", "/messages", { ...draft, from: "pc", id });
    await rename("desk");
    expect((await callAs(pc, "POST", "/messages", { ...draft, from: "desk", id })).status).toBe(200);
    await callAs(pc, "POST", "/messages", { ...draft, from: "desk/photon", replaces: id });
    expect((await listed("reader=desk")).map(({ from }) => from)).toEqual(["desk/photon"]);
  });

  it("hears of mail to each of its names over the sockets of each, with the same counts", async () => {
    await rename("desk");
    const app = createApp(Date.now);
    const counts: Record<string, number[]> = { pc: [], desk: [] };
    for (const [reader, heard] of Object.entries(counts)) {
      const headers = { authorization: `Bearer ${pc.machineKey}`, upgrade: "websocket" };
      const { webSocket } = await app.fetch(requestTo("GET", `/live?reader=${reader}`, { headers }), env);
      webSocket?.accept();
      webSocket?.addEventListener("message", ({ data }) => {
        const { cursor, unread } = Changed.parse(JSON.parse(String(data)));
        heard.push(unread?.unread ?? -1);
        webSocket.send(JSON.stringify({ type: "heard", cursor }));
      });
    }
    await vi.waitFor(() => expect(counts).toEqual({ pc: [0], desk: [0] }));
    const first = await toPc("pc");
    await vi.waitFor(() => expect(counts).toEqual({ pc: [0, 1], desk: [0, 1] }));
    await toPc("desk");
    await vi.waitFor(() => expect(counts).toEqual({ pc: [0, 1, 2], desk: [0, 1, 2] }));
    await mark("read", "desk", [first]);
    await vi.waitFor(() => expect(counts).toEqual({ pc: [0, 1, 2, 1], desk: [0, 1, 2, 1] }));
  });
});

describe("the list of machines", () => {
  it("has a machine from the moment that it joins", async () => {
    expect(await machines()).toMatchObject([{ machine: "pc" }, { machine: "mac" }]);
    const seenAt = (await machines()).find(({ machine }) => machine === "pc")?.seenAt ?? "";
    expect(Math.abs(Date.parse(seenAt) - Date.now())).toBeLessThan(60_000);
  });

  it("says when a machine was last seen, by its key or its mail, under any of its names", async () => {
    const seen = async () => (await machines()).find(({ machine }) => machine === "desk")?.seenAt;
    await callAs(pc, "POST", "/messages", { content: "hi", from: "pc" });
    await rename("desk");
    const set = (statement: string) =>
      runInDurableObject(bridgeObject(), (_, { storage }) => void storage.sql.exec(statement));
    await set(`UPDATE credentials SET seen_at = ${Date.UTC(2026, 0, 1)} WHERE fingerprint = '${pc.fingerprint}'`);
    await set(`UPDATE last_seen SET seen = ${Date.UTC(2026, 0, 2)} WHERE machine = 'desk'`);
    expect(await seen()).toBe("2026-01-02T00:00:00.000Z");
    // A bridge that renamed the machine before it moved this row.
    await set("UPDATE last_seen SET machine = 'pc', name = 'pc' WHERE machine = 'desk'");
    expect(await seen()).toBe("2026-01-02T00:00:00.000Z");
    await set(`UPDATE credentials SET seen_at = ${Date.UTC(2026, 0, 3)} WHERE fingerprint = '${pc.fingerprint}'`);
    expect(await seen()).toBe("2026-01-03T00:00:00.000Z");
    await set("UPDATE credentials SET seen_at = NULL");
    await set("DELETE FROM last_seen");
    expect(Date.parse((await seen()) ?? "")).toBeGreaterThan(Date.UTC(2026, 6, 1)); // when it joined
  });

  it("names a renamed machine once, and no removed one; names of the shared key follow", async () => {
    const box = await joined("box", mac);
    await sent({ from: "ci" });
    for (const machine of [pc, box]) await callAs(machine, "POST", "/messages", { content: "hi", from: machine.name });
    await rename("desk");
    await callAs(pc, "POST", "/messages", { content: "hi", from: "pc" }); // a session that began before
    await rename("Office");
    await rename("desk");
    await extend(mac, { type: "revoke", machine: box.fingerprint });
    const all = (await machines()).map(({ machine, formerNames }) => ({ machine, formerNames }));
    expect(all).toHaveLength(3);
    expect(all.slice(0, 2)).toEqual(
      expect.arrayContaining([
        { machine: "desk", formerNames: ["pc", "Office"] },
        { machine: "mac", formerNames: undefined },
      ]),
    );
    expect(all[2]).toEqual({ machine: "ci", formerNames: undefined });
  });
});
