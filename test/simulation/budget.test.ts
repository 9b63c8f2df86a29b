import { beforeEach, describe, expect, it } from "vitest";
import { ListQuery } from "../../contract/api.ts";
import { MessageDraft } from "../../contract/message.ts";
import { createApp } from "../../worker/app.ts";
import { eventKey, suffixOfId } from "../../worker/store/kv/event-key.ts";
import { KvStore } from "../../worker/store/kv/kv-store.ts";
import { StoreUnavailable } from "../../worker/store/message-store.ts";
import { Chance } from "./chance.ts";
import { Central, FREE_PLAN, type Quota } from "./kv-double.ts";
import { VirtualTime } from "./virtual-time.ts";
import { addWhatNodeLacks } from "./world.ts";

const START_MS = Date.parse("2026-11-23T09:00:00.000Z");
const PROMPT = { ownWriteVisible: 1, listLagMs: 0, readLagMs: 0 };
const PC = { machine: "pc", project: null };
/** What a Worker on the free plan may ask of KV for one request. */
const MAX_CALLS = 50;

/** A bridge whose log fills up: a message every 20 seconds, all of them read by `pc` soon. */
class Bridge {
  readonly time = new VirtualTime(START_MS);
  readonly central: Central;
  readonly kv: KVNamespace;
  readonly store: KvStore;
  stored = 0;

  constructor(quota?: Quota) {
    const chance = new Chance("budget");
    this.central = new Central({ chance, now: this.time.now, staleness: PROMPT, ...(quota && { quota }) });
    this.kv = this.central.edge("FRA");
    const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
    const ambient = { now: this.time.now, randomBytes, randomId: () => crypto.randomUUID() };
    this.store = new KvStore(this.kv, ambient);
  }

  /** Stores messages until there are this many events, a receipt after each thirty; `pc` checks now and then. */
  async fillTo(count: number, check = true): Promise<void> {
    let read = "";
    while (this.stored < count) {
      await this.time.runUntil(this.time.now() + 20_000);
      const id = crypto.randomUUID();
      const suffix = await suffixOfId(id);
      const event = { v: 1, type: "message", id, from: "mac", kind: "note", content: `${this.stored}`, tags: [] };
      await this.#put(suffix, event);
      read += suffix;
      if (read.length === 30 * suffix.length) {
        await this.time.runUntil(this.time.now() + 20_000);
        await this.#put(await suffixOfId(crypto.randomUUID()), { v: 1, type: "receipt", machine: "pc", read });
        read = "";
      }
      if (check && this.stored % 300 === 0) await this.store.unread(PC);
    }
  }

  async #put(suffix: string, metadata: object): Promise<void> {
    await this.kv.put(eventKey({ ms: this.time.now(), suffix }), "", { metadata });
    this.stored++;
  }

  /** What something costs. */
  async cost(run: () => Promise<unknown>): Promise<Quota & { calls: number }> {
    const before = { ...this.central.used, calls: this.central.calls };
    await run();
    const { used, calls } = this.central;
    return {
      reads: used.reads - before.reads,
      writes: used.writes - before.writes,
      deletes: used.deletes - before.deletes,
      lists: used.lists - before.lists,
      calls: calls - before.calls,
    };
  }
}

describe("what a call costs", () => {
  it("a check lists once, and an unchanged one never, with 10 to 100,000 events", async () => {
    const bridge = new Bridge();
    for (const count of [10, 1_000, 10_000, 100_000]) {
      await bridge.fillTo(count);
      await bridge.time.runUntil(bridge.time.now() + 120_000);
      let etag = "";
      const changed = await bridge.cost(async () => {
        const answer = await bridge.store.unread(PC);
        if (answer !== "not-modified") etag = answer.etag;
      });
      expect([count, changed]).toMatchObject([count, { lists: 1, reads: 3 }]);
      const unchanged = await bridge.cost(async () => {
        expect(await bridge.store.unread(PC, etag)).toBe("not-modified");
      });
      expect(unchanged).toEqual({ reads: 2, writes: 0, deletes: 0, lists: 0, calls: 1 });
    }
  }, 120_000);

  it("a send writes twice at most and lists once; a burst shares its hint", async () => {
    const bridge = new Bridge();
    const send = () => bridge.store.send(MessageDraft.parse({ content: "hi", from: "mac", id: crypto.randomUUID() }));
    expect(await bridge.cost(send)).toEqual({ reads: 1, writes: 2, deletes: 0, lists: 1, calls: 4 });
    expect(await bridge.cost(send)).toMatchObject({ writes: 1 });
  });

  it("every call asks KV less than 50 times over 40,000 events, however little it finds", async () => {
    const bridge = new Bridge();
    await bridge.fillTo(40_000);
    const nas = { machine: "nas", project: "yomi" };
    const unknown = [crypto.randomUUID()];
    const query = (fields: object) => {
      const { limit, cursor, reader: _, ...filter } = ListQuery.parse(fields);
      return [filter, { limit, cursor }] as const;
    };
    const calls: Record<string, () => Promise<unknown>> = {
      "the first check of a machine": () => bridge.store.unread(nas),
      "a list": () => bridge.store.list(null, ...query({})),
      "a list for a reader": () => bridge.store.list(PC, ...query({ limit: "100" })),
      "a filter that matches nothing": () => bridge.store.list(null, ...query({ tag: "none" })),
      "a thread": () => bridge.store.list(nas, ...query({ thread: unknown[0] })),
      "a look-up": () => bridge.store.get(unknown[0] ?? "", null),
      "a mark": () => bridge.store.record(PC, "read", unknown),
      "a nameless mark": () => bridge.store.record(null, "read", unknown),
      "a delete": () => bridge.store.remove(unknown),
      "the machines": () => bridge.store.machines(),
      "a clear": () => bridge.store.clear(),
    };
    for (const [name, call] of Object.entries(calls)) {
      const { calls } = await bridge.cost(call);
      expect([name, calls <= MAX_CALLS]).toEqual([name, true]);
    }
  }, 60_000);
});

describe("a long list", () => {
  it("is gone through exactly, page by page, as far as the log is read, and then says that it ends", async () => {
    const bridge = new Bridge();
    await bridge.fillTo(34_000, false);
    const seen: string[] = [];
    let cursor: string | undefined;
    const page = async () => {
      const answer = await bridge.store.list(null, ListQuery.parse({ unread: "true" }), { limit: 100, cursor });
      seen.push(...answer.messages.map(({ content }) => content));
      cursor = answer.cursor;
    };
    await page();
    expect(cursor).toBeDefined(); // nearly everything was read: the search went as far as it could
    await expect(page()).rejects.toThrow("no further back");
    expect(new Set(seen).size).toBe(seen.length);
  }, 60_000);

  it("has every message once, with its own read state, over many lists of KV", async () => {
    const bridge = new Bridge();
    await bridge.fillTo(5_000);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = ListQuery.parse({ reader: "pc" });
      const answer = await bridge.store.list(PC, query, { limit: 100, cursor });
      for (const { content, read } of answer.messages) seen.push(`${content} ${read}`);
      cursor = answer.cursor;
    } while (cursor !== undefined);
    const isReceipt = (n: number) => n % 31 === 30;
    const lastRead = Math.floor(5_000 / 31) * 31;
    const expected = Array.from({ length: 5_000 }, (_, n) => n).filter((n) => !isReceipt(n));
    expect(seen).toEqual(expected.map((n) => `${n} ${n < lastRead}`).toReversed());
  }, 60_000);
});

describe("when a daily quota is spent", () => {
  const operations = ["reads", "writes", "lists"] as const;
  beforeEach(addWhatNodeLacks);

  it.each(operations)("of %s, the answer is 503 with Retry-After, and nothing is half told", async (operation) => {
    const bridge = new Bridge({ ...FREE_PLAN, [operation]: 0 });
    const ambient = { now: Date.now, randomBytes: () => new Uint8Array(32), randomId: () => crypto.randomUUID() };
    const app = createApp(ambient);
    const env = { MESSAGES: bridge.kv, BRIDGE_API_KEY: "key" };
    const headers = { authorization: "Bearer key", "content-type": "application/json" };
    const body = JSON.stringify({ content: "hi", from: "mac", id: crypto.randomUUID() });
    const request =
      operation === "reads"
        ? new Request("https://bridge.example/unread?reader=pc", { headers })
        : new Request("https://bridge.example/messages", { method: "POST", headers, body });
    const response = await app.fetch(request, env);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await response.json()).toMatchObject({ code: "store_unavailable" });
  });

  it("of writes after the message itself, the message is stored and acknowledged", async () => {
    const bridge = new Bridge({ ...FREE_PLAN, writes: 1 });
    const draft = MessageDraft.parse({ content: "hi", from: "mac" });
    expect(await bridge.store.send(draft)).toMatchObject({ duplicate: false });
    await expect(bridge.store.send(draft)).rejects.toThrow(StoreUnavailable);
    expect(await bridge.store.unread(PC)).toMatchObject({ summary: { unread: 1 } });
  });
});
