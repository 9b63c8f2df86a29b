import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bridgeObject, call, sent } from "../../test/support/worker/bridge.ts";
import { countRows, type Rows } from "../../test/support/worker/counted-rows.ts";
import { callAs, extend, found, invite, join, joined, machineListFor } from "../../test/support/worker/fleet.ts";
import { fillLog } from "../../test/support/worker/full-audit-log.ts";
import { JoiningMachine } from "../../test/support/worker/joining-machine.ts";

beforeEach(() => reset());
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined); // the texts of the old messages are not in KV
});
afterEach(() => vi.restoreAllMocks());

/** Messages from `mac` to `pc`, a second apart, all read by `pc` and copied to KV long ago. */
const store = (count: number) =>
  runInDurableObject(bridgeObject(), (_, { storage }) => {
    const now = Date.now();
    storage.sql.exec(
      `INSERT INTO messages (place, id, sender, receiver, thread, head, bytes, tags, content)
       WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
       SELECT ? + i * 1000000, 'old ' || i, 'mac', 'pc', 'old ' || i, '{"from":"mac","to":"pc","kind":"note"}', 2, '[]', NULL FROM n`,
      ...[count, (now - (count + 60) * 1000) * 1000],
    );
    storage.sql.exec(
      "INSERT INTO receipts SELECT place, 'pc', 'pc', place / 1000, place / 1000, NULL, 1 FROM messages",
    );
    for (const name of ["copied", "copying", "emptied"]) {
      storage.sql.exec("INSERT INTO state SELECT ?, max(place) FROM messages", name);
    }
    storage.sql.exec("INSERT INTO accounts VALUES ('old', ?, '{}')", count);
  });

describe.each([10, 100_000])("with %i messages stored and a full audit log", (count) => {
  it("every route reads and writes a known number of rows", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    await store(count);
    await fillLog();
    const id = "10000000-0000-4000-8000-000000000001";
    const draft = { content: "hi", from: "mac", to: "pc" };
    const others: string[] = [];
    for (let i = 0; i < 3; i++) {
      const response = await callAs(mac, "POST", "/messages", draft);
      others.push((await response.json<{ id: string }>()).id);
    }
    await callAs(pc, "GET", "/unread?reader=pc"); // moves the floor, where there is something to move it over
    const spent = await countRows();
    const rows: Record<string, Rows> = {};
    const measure = async (name: string, ask: () => Promise<Response>, status = 200) => {
      await spent();
      const response = await ask();
      expect([name, response.status]).toEqual([name, status]);
      rows[name] = await spent();
      return response;
    };

    await measure("send", () => callAs(mac, "POST", "/messages", { ...draft, id }), 201);
    await measure("repeated send", () => callAs(mac, "POST", "/messages", { ...draft, id }));
    await measure(
      "reply",
      () => callAs(pc, "POST", "/messages", { content: "yes", from: "pc", to: "mac", replyTo: id }),
      201,
    );
    const unread = await measure("unread", () => callAs(pc, "GET", "/unread?reader=pc"));
    await measure("machines", () => callAs(pc, "GET", "/machines"));
    await measure("list of 50", () => callAs(pc, "GET", "/messages?reader=pc&limit=50"));
    await measure("list from pc", () => callAs(pc, "GET", "/messages?from=pc"));
    await measure("unread list", () => callAs(pc, "GET", "/messages?reader=pc&unread=true"));
    await measure("thread", () => callAs(pc, "GET", `/messages?reader=pc&thread=${id}`));
    await measure("get", () => callAs(pc, "GET", `/messages/${id}?reader=pc`));
    await measure("shown", () => callAs(pc, "POST", "/messages/shown", { reader: "pc", ids: [others[0]] }));
    await measure("shown and read", () =>
      callAs(pc, "POST", "/messages/read", { reader: "pc", ids: [id], shown: [id] }),
    );
    await measure("read one", () => callAs(pc, "POST", `/messages/${others[1]}/read`));
    const etag = (await callAs(pc, "GET", "/unread?reader=pc")).headers.get("etag") ?? "";
    expect(etag).not.toBe(unread.headers.get("etag"));
    await measure("delete", () => callAs(mac, "DELETE", `/messages/${others[2]}`));
    await measure("machine list", () => callAs(mac, "GET", "/roster?after=3"));
    await measure("log of 50", () => callAs(mac, "GET", "/log?limit=50"));
    await measure("archive", () => callAs(mac, "GET", "/archive"));
    const machineList = await machineListFor(mac);
    await measure("rename", () => extend(pc, { type: "rename", name: "desk" }), 201);
    await measure("check after the rename", () => callAs(pc, "GET", "/unread?reader=desk"));
    await measure("check under two names", () => callAs(pc, "GET", "/unread?reader=desk"));
    const invitation = await invite(mac);
    const box = await JoiningMachine.make("box");
    const current = await machineListFor(mac);
    await measure("join", () => join(box, invitation, current), 201);
    expect(machineList.hashes.length).toBe(3);
    await measure("clear", () => callAs(mac, "DELETE", "/messages?confirm=true"));

    // The same over 10 messages and over 100,000, except where a page or a floor holds more.
    const isSmall = count === 10;
    expect(rows).toEqual({
      send: { read: 5, written: 4 },
      "repeated send": { read: 2, written: 0 },
      reply: { read: 5, written: 6 },
      unread: { read: isSmall ? 46 : 21, written: 0 },
      machines: { read: 5, written: 0 },
      "list of 50": { read: isSmall ? 147 : 743, written: 0 },
      "list from pc": { read: 11, written: 0 },
      "unread list": { read: isSmall ? 82 : 57, written: 0 },
      thread: { read: 18, written: 0 },
      get: { read: 9, written: 0 },
      shown: { read: 5, written: 2 },
      "shown and read": { read: 5, written: 2 },
      "read one": { read: 5, written: 2 },
      delete: { read: 11, written: 3 },
      "machine list": { read: 4, written: 0 },
      "log of 50": { read: 52, written: 0 },
      archive: { read: 7, written: 0 },
      // With the list of machines that goes before it.
      rename: { read: isSmall ? 21 : 22, written: isSmall ? 8 : 9 },
      // Only once: this check sets the floor again.
      "check after the rename": { read: isSmall ? 55 : 200_037, written: isSmall ? 0 : 1 },
      "check under two names": { read: isSmall ? 55 : 16, written: 0 },
      // One of each notes from when on it gets encrypted broadcasts.
      join: { read: 10, written: 5 },
      clear: { read: 17, written: 5 },
    });
  });

  it("an unchanged check, a wrong key and a guessed invitation cost a handful", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    await store(count);
    await fillLog();
    const etag = (await callAs(pc, "GET", "/unread?reader=pc")).headers.get("etag") ?? "";
    expect((await callAs(pc, "GET", "/unread?reader=pc")).headers.get("etag")).toBe(etag);
    const spent = await countRows();
    const headers = { authorization: `Bearer ${pc.machineKey}`, "if-none-match": etag };
    expect((await call("GET", "/unread?reader=pc", { headers })).status).toBe(304);
    expect(await spent()).toEqual({ read: 2, written: 0 }); // and a row for its marks and one for deletions, where there are any
    const wrong = { authorization: `Bearer photon_${"x".repeat(43)}` };
    for (let times = 0; times < 30; times++) {
      await call("GET", "/unread?reader=pc", { headers: wrong });
      const { read, written } = await spent();
      expect([read <= 15, written <= 8]).toEqual([true, true]);
    }
    for (let times = 0; times < 2; times++) {
      await call("GET", `/invites/${"2".repeat(32)}`, { headers: { authorization: "" } });
      expect(await spent()).toEqual({ read: 0, written: 0 });
    }
  });

  it("an alarm does not look again at messages cleared long ago", async () => {
    await store(count);
    await runInDurableObject(bridgeObject(), (_, { storage }) => {
      storage.sql.exec("UPDATE messages SET gone = 1");
      for (const name of ["cleared", "swept"]) {
        storage.sql.exec("INSERT INTO state SELECT ?, max(place) FROM messages", name);
      }
    });
    await sent({ from: "mac", to: "pc" });
    const spent = await countRows();
    await runDurableObjectAlarm(bridgeObject());
    expect((await spent()).read).toBeLessThan(40);
  });

  it("an alarm reads and writes only the rows of its batch", async () => {
    await store(count);
    const spent = await countRows();
    for (let i = 0; i < 5; i++) await sent({ from: "mac", to: "pc" });
    await spent();
    await runDurableObjectAlarm(bridgeObject());
    const copying = await spent();
    await runInDurableObject(bridgeObject(), (_, { storage }) => storage.sql.exec("UPDATE copies SET copied_at = 1"));
    await spent();
    await runDurableObjectAlarm(bridgeObject());
    expect({ copying, emptying: await spent() }).toEqual({
      copying: { read: 42, written: 5 },
      emptying: { read: 26, written: 7 },
    });
  });
});
