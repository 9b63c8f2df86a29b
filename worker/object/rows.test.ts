import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_AGE_SECONDS, MessageDraft } from "../../../contract/message.ts";
import { call, problemOf, sent, storedKeys } from "../../testing/bridge.ts";
import { type ManualAmbient, manualAmbient } from "../../testing/manual-ambient.ts";
import { MailroomStore } from "./mailroom-store.ts";
import type { Sql } from "./tables.ts";

beforeEach(() => reset());

const mailroom = () => env.MAILROOM.getByName("mailroom");
const PC = { machine: "pc", project: "photon" };

describe("a bridge with the Mailroom", () => {
  it("keeps no message in KV", async () => {
    const { id } = await sent({ to: "pc" });
    expect(await (await call("GET", `/messages/${id}`)).json()).toMatchObject({ id, content: "hi" });
    expect(await storedKeys()).toEqual([]);
  });

  it("refuses as a bridge with KV does", async () => {
    const { id } = await sent({ from: "mac" });
    expect(await problemOf(await call("POST", "/messages", { body: { id, content: "x", from: "pc" } }))).toMatchObject({
      status: 400,
      error: expect.stringContaining("is taken"),
    });
    expect(await problemOf(await call("GET", "/messages?cursor=x"))).toMatchObject({ status: 400 });
    expect((await call("GET", "/messages/10000000-0000-4000-8000-000000000000")).status).toBe(404);
  });

  it("answers 503 when the object cannot be reached, and stores nothing", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    await runInDurableObject(mailroom(), (_, { storage }) => storage.sql.exec("DROP TABLE messages"));
    const response = await call("POST", "/messages", { body: { content: "hi", from: "mac" } });
    expect(await problemOf(response)).toMatchObject({ status: 503, code: "store_unavailable" });
    expect(response.headers.get("retry-after")).toBe("60");
    log.mockRestore();
  });

  it("answers 304 to a machine that knows what it is told, and the new count right after its own mark", async () => {
    const { id } = await sent({ to: "pc" });
    const first = await call("GET", "/unread?reader=pc");
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    expect((await call("GET", "/unread?reader=pc", { headers })).status).toBe(304);
    await call("POST", "/messages/read", { body: { reader: "pc", ids: [id] } });
    expect(await (await call("GET", "/unread?reader=pc", { headers })).json()).toMatchObject({ unread: 0 });
  });
});

describe("a clock that jumps", () => {
  it("moves no message before one that was told earlier, and loses none", async () => {
    const ambient = manualAmbient();
    await runInDurableObject(mailroom(), async (_, { storage }) => {
      const store = new MailroomStore(storage.sql, ambient);
      const times: string[] = [];
      for (const jumpMs of [0, 24 * 3_600_000, -48 * 3_600_000, 1, -1, 3_600_000]) {
        ambient.time += jumpMs;
        times.push((await store.send(draft({ content: String(jumpMs), to: "pc" }))).timestamp);
      }
      expect(times).toEqual(times.toSorted());
      expect(new Set(times).size).toBe(times.length);
      const answer = await store.unread(PC);
      expect(answer).toMatchObject({ summary: { unread: 6, latest: { timestamp: times.at(-1) } } });
    });
  });
});

describe("retention", () => {
  it("comes by alarm when the first message ends, and keeps its id alone", async () => {
    const { id } = await sent({ expiresInSeconds: 60 });
    await sent({ content: "stays" });
    await runInDurableObject(mailroom(), async (_, { storage }) => {
      const at = (await storage.getAlarm()) ?? 0;
      expect(at - Date.now()).toBeGreaterThan(50_000);
      expect(at - Date.now()).toBeLessThanOrEqual(60_000);
      storage.sql.exec("UPDATE messages SET expires_at = 1 WHERE id = ?", id);
    });
    expect(await runDurableObjectAlarm(mailroom())).toBe(true);
    await runInDurableObject(mailroom(), async (_, { storage }) => {
      const rows = storage.sql.exec("SELECT id, gone, content FROM messages ORDER BY place").toArray();
      expect(rows).toMatchObject([
        { id, gone: 1, content: '""' },
        { gone: 0, content: '"stays"' },
      ]);
      const days = ((await storage.getAlarm()) ?? 0) / 1000 - Date.now() / 1000;
      expect(days).toBeGreaterThan(MAX_AGE_SECONDS - 60);
    });
  });

  it("takes away the texts of what was cleared", async () => {
    await sent({ content: "secret" });
    await call("DELETE", "/messages?confirm=true");
    expect(await runDurableObjectAlarm(mailroom())).toBe(true);
    await runInDurableObject(mailroom(), (_, { storage }) => {
      expect(storage.sql.exec("SELECT content FROM messages").toArray()).toEqual([{ content: '""' }]);
    });
  });

  it("takes away everything of thirty days ago, its receipts too", async () => {
    const ambient = manualAmbient();
    await runInDurableObject(mailroom(), async (_, { storage }) => {
      const store = new MailroomStore(storage.sql, ambient);
      const { id } = await store.send(draft({}));
      await store.record(PC, "read", [id]);
      ambient.time += MAX_AGE_SECONDS * 1000 + 1;
      await store.send(draft({ content: "new" }));
      store.retain();
      expect(storage.sql.exec("SELECT content FROM messages").toArray()).toEqual([{ content: '"new"' }]);
      expect(storage.sql.exec("SELECT * FROM receipts").toArray()).toEqual([]);
    });
  });
});

describe("rows", () => {
  /** Counts what the object's storage is asked to read and write. */
  class CountingSql implements Sql {
    readonly #sql: SqlStorage;
    readonly #cursors: { readonly rowsRead: number; readonly rowsWritten: number }[] = [];

    constructor(sql: SqlStorage) {
      this.#sql = sql;
    }

    exec<Row extends Record<string, SqlStorageValue>>(query: string, ...values: unknown[]) {
      const cursor = this.#sql.exec<Row>(query, ...values);
      this.#cursors.push(cursor);
      return cursor;
    }

    /** Since it was asked last. */
    spent(): { read: number; written: number } {
      const cursors = this.#cursors.splice(0);
      const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
      return {
        read: sum(cursors.map(({ rowsRead }) => rowsRead)),
        written: sum(cursors.map(({ rowsWritten }) => rowsWritten)),
      };
    }
  }

  /** Runs against a store with so many messages that `pc` has read, and some that it has not. */
  const withStored = (
    count: number,
    run: (store: MailroomStore, sql: CountingSql, ambient: ManualAmbient) => unknown,
  ) =>
    runInDurableObject(mailroom(), async (_, { storage }) => {
      const ambient = manualAmbient();
      const from = (ambient.time - count * 1000) * 1000;
      storage.sql.exec(
        `INSERT INTO messages (place, id, sender, receiver, thread, head, bytes, tags, content)
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
         SELECT ? + i * 1000000, 'old ' || i, 'mac', 'pc', 'old ' || i, '{"from":"mac","to":"pc","kind":"note"}', 2, '[]', '""' FROM n`,
        count,
        from,
      );
      storage.sql.exec("INSERT INTO receipts SELECT place, 'pc', 'pc', place / 1000, place / 1000, NULL FROM messages");
      const sql = new CountingSql(storage.sql);
      const store = new MailroomStore(sql, ambient);
      for (let i = 0; i < 3; i++) await store.send(draft({ content: `unread ${i}`, to: "pc" }));
      await store.unread(PC); // moves the floor, where there is something to move it over
      sql.spent();
      await run(store, sql, ambient);
    });

  it.each([10, 100_000])("that a check reads are a handful with %i messages stored", async (count) => {
    await withStored(count, async (store, sql) => {
      const first = await store.unread(PC);
      if (first === "not-modified") throw new Error("Nobody said what is known.");
      expect(first.summary.unread).toBe(3);
      const changed = sql.spent();
      expect(await store.unread(PC, first.etag)).toBe("not-modified");
      const unchanged = sql.spent();
      expect(unchanged.read).toBeLessThanOrEqual(3);
      expect(changed.read).toBeLessThanOrEqual(count === 10 ? 60 : 20);
      expect([changed.written, unchanged.written]).toEqual([0, 0]);
    });
  });

  it.each([10, 100_000])(
    "that other calls read and write are what docs/storage.md says, with %i stored",
    async (count) => {
      await withStored(count, async (store, sql) => {
        const spent: Record<string, { read: number; written: number }> = {};
        const { id } = await store.send(draft({ id: "10000000-0000-4000-8000-000000000001", to: "pc" }), "00000001");
        spent.send = sql.spent();
        await store.send(draft({ kind: "reply", replyTo: id, to: "pc" }));
        spent.reply = sql.spent();
        await store.send(draft({ id: "10000000-0000-4000-8000-000000000001", to: "pc" }));
        spent.repeat = sql.spent();
        await store.record(PC, "read", [id], { shown: [id] });
        spent["shown and read"] = sql.spent();
        await store.get(id, PC);
        spent.get = sql.spent();
        await store.list(PC, { unread: false }, { limit: 50, cursor: undefined });
        spent["list of 50"] = sql.spent();
        await store.list(PC, { unread: true }, { limit: 50, cursor: undefined });
        spent["unread list"] = sql.spent();
        await store.remove([id]);
        spent.remove = sql.spent();
        expect(spent).toEqual({
          send: { read: 3, written: 3 },
          reply: { read: 5, written: 4 },
          repeat: { read: 1, written: 0 },
          "shown and read": { read: 3, written: 2 },
          get: { read: 9, written: 0 },
          "list of 50": { read: count === 10 ? 156 : 542, written: 0 },
          "unread list": { read: count === 10 ? 82 : 57, written: 0 },
          remove: { read: 8, written: 2 },
        });
      });
    },
  );
});

function draft(fields: Readonly<Record<string, unknown>>): MessageDraft {
  return MessageDraft.parse({ content: "hi", from: "mac", ...fields });
}
