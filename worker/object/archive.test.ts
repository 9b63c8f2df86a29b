import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ROUTES } from "../../contract/api.ts";
import { MAX_AGE_SECONDS, MessageDraft } from "../../contract/message.ts";
import {
  bridgeObject,
  call,
  keysInKv,
  problemOf,
  requestTo,
  sent,
  storedTexts,
} from "../../test/support/worker/bridge.ts";
import { callAs, found, joined } from "../../test/support/worker/fleet.ts";
import { ALONE, type ManualAmbient, manualAmbient } from "../../test/support/worker/manual-ambient.ts";
import { createApp } from "../app.ts";
import { Archive } from "./archive.ts";
import { ARCHIVE_RULES } from "./archive-rules.ts";
import { Database } from "./database.ts";
import { Quota } from "./machines/quota.ts";
import { Mail } from "./mail/mail.ts";

beforeEach(() => reset());
afterEach(() => vi.restoreAllMocks());

const runAlarm = () => runDurableObjectAlarm(bridgeObject());
/** Makes it look as if KV had acknowledged the copies two minutes ago. */
const twoMinutesLater = () =>
  runInDurableObject(bridgeObject(), (_, { storage }) => {
    storage.sql.exec("UPDATE copies SET copied_at = copied_at - 120001");
  });
const textOf = async (id: string) => (await (await call("GET", `/messages/${id}`)).json<{ content: string }>()).content;

describe("the text of a message", () => {
  it("is only in its row when the send is acknowledged, and soon also in KV, with the envelope as metadata", async () => {
    const draft = { from: "mac/photon", to: "pc", content: "Grüße \u0000\uD800", tags: ["ß"], kind: "task" };
    const { id, timestamp } = await sent(draft);
    expect(await keysInKv()).toEqual([]);
    await runInDurableObject(bridgeObject(), async (_, { storage }) => {
      expect(((await storage.getAlarm()) ?? 0) - Date.now()).toBeLessThanOrEqual(30_000);
    });
    expect(await runAlarm()).toBe(true);
    const { value, metadata } = await env.MESSAGES.getWithMetadata(`m:${id}`, "json");
    expect(value).toEqual({ content: draft.content, tags: draft.tags });
    expect(metadata).toEqual({ from: "mac/photon", to: "pc", kind: "task", timestamp });
    const [key] = (await env.MESSAGES.list()).keys;
    expect(Math.abs((key?.expiration ?? 0) - Date.parse(timestamp) / 1000 - MAX_AGE_SECONDS)).toBeLessThan(60);
  });

  it("leaves its row two minutes after KV acknowledged it, and reads the same afterwards", async () => {
    const draft = { content: "Grüße \u0000\uD800", tags: ["ß"] };
    const { id } = await sent(draft);
    await runAlarm();
    await runAlarm();
    expect(await storedTexts()).toEqual({ [id]: draft.content });
    await twoMinutesLater();
    await runAlarm();
    expect(await storedTexts()).toEqual({ [id]: null });
    expect(await textOf(id)).toBe(draft.content);
    const list = await call("GET", "/messages?tag=ß");
    expect(ROUTES.listMessages.answer.parse(await list.json())).toMatchObject({ messages: [draft], count: 1 });
  });

  it("that KV cannot return is a 503 for that message only, and never empty", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const [lost, kept] = [await sent({ content: "lost" }), await sent({ content: "kept" })];
    await runAlarm();
    await twoMinutesLater();
    await runAlarm();
    const fresh = await sent({ content: "fresh" });
    await env.MESSAGES.delete(`m:${lost.id}`);
    expect(await problemOf(await call("GET", `/messages/${lost.id}`))).toMatchObject({
      status: 503,
      code: "store_unavailable",
    });
    const page = ROUTES.listMessages.answer.parse(await (await call("GET", "/messages")).json());
    expect(page.messages.map(({ id }) => id)).toEqual([fresh.id, kept.id]);
    expect([page.count, page.unavailable]).toEqual([2, [lost.id]]);
    for (const damage of ["", "{}", "not json", '{"content":1,"tags":[]}']) {
      await env.MESSAGES.put(`m:${kept.id}`, damage);
      expect((await call("GET", `/messages/${kept.id}`)).status).toBe(503);
    }
  });

  it("is read from its row while KV is down", async () => {
    const { id } = await sent({ content: "here" });
    await runAlarm();
    const kv = new Proxy(env.MESSAGES, { get: () => () => Promise.reject(new Error("down")) });
    const response = await createApp(Date.now).fetch(requestTo("GET", `/messages/${id}`), { ...env, MESSAGES: kv });
    expect(await response.json()).toMatchObject({ content: "here" });
  });

  it("is deleted from its row at once and from KV soon after", async () => {
    const copied = await sent({ content: "copied" });
    await runAlarm();
    const fresh = await sent({ content: "fresh" });
    for (const { id } of [copied, fresh]) expect((await call("DELETE", `/messages/${id}`)).status).toBe(200);
    expect(await storedTexts()).toEqual({ [copied.id]: null, [fresh.id]: null });
    expect((await call("GET", `/messages/${copied.id}`)).status).toBe(404);
    await runAlarm();
    expect(await keysInKv()).toEqual([]);
  });

  it("of a cleared mailbox is deleted from both", async () => {
    await sent({});
    await runAlarm();
    await sent({});
    await call("DELETE", "/messages?confirm=true");
    for (let runs = 0; runs < 2; runs++) await runAlarm();
    expect(Object.values(await storedTexts())).toEqual([null, null]);
    expect(await keysInKv()).toEqual([]);
  });

  it("survives an eviction of the object between any two steps", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      ids.push((await sent({ content: `text ${i}` })).id);
      for (const step of [runAlarm, twoMinutesLater, runAlarm]) {
        await evictDurableObject(bridgeObject());
        await step();
        for (const [n, id] of ids.entries()) expect(await textOf(id)).toBe(`text ${n}`);
      }
    }
    expect(Object.values(await storedTexts())).toEqual([null, null, null]);
  });
});

describe("GET /archive", () => {
  it("tells only an owner how many texts are not in KV yet and since when", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const first = await (await callAs(mac, "POST", "/messages", { content: "1", from: "mac" })).json<{
      timestamp: string;
    }>();
    await callAs(pc, "POST", "/messages", { content: "2", from: "pc" });
    const status = async () => (await callAs(mac, "GET", "/archive")).json();
    expect(await status()).toEqual({ pending: 2, since: first.timestamp });
    expect((await callAs(pc, "GET", "/archive")).status).toBe(403);
    await runAlarm();
    expect(await status()).toEqual({ pending: 0 });
  });
});

describe("a KV that fails", () => {
  /** The archive of a real object with a scripted KV. */
  const withKv = <T>(
    kv: { put?: () => Promise<void>; delete?: () => Promise<void> },
    ambient: ManualAmbient,
    run: (parts: { archive: Archive; mail: Mail; send: (content: string) => string }) => Promise<T>,
  ) =>
    runInDurableObject(bridgeObject(), (_, { storage }) => {
      const db = new Database(storage.sql);
      const bindings = { put: async () => {}, delete: async () => {}, ...kv } as unknown as KVNamespace;
      const inTurn = <R>(work: () => R) => storage.transactionSync(work);
      const archive = new Archive({ db, kv: bindings, now: ambient.now, inTurn }, ARCHIVE_RULES);
      const mail = new Mail(db, ambient, ALONE);
      const quota = new Quota(db);
      const send = (content: string) => {
        quota.spendMessage("shared", 1, 60, ambient.now());
        return mail.add(MessageDraft.parse({ content, from: "mac" })).id;
      };
      return run({ archive, mail, send });
    });

  it("is retried with one text after one minute, then two, up to an hour, until it works", async () => {
    const ambient = manualAmbient();
    const puts: number[] = [];
    let isDown = true;
    const put = async () => {
      puts.push(ambient.time);
      if (isDown) throw new Error("KV put() limit exceeded for the day.");
    };
    await withKv({ put }, ambient, async ({ archive, send }) => {
      for (let i = 0; i < 50; i++) {
        send(`${i}`);
        ambient.time += 10;
      }
      const pauses: number[] = [];
      for (let i = 0; i < 9; i++) {
        const nextAt = (await archive.run()) ?? 0;
        pauses.push(Math.round((nextAt - ambient.time) / 60_000));
        ambient.time = nextAt;
      }
      expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
      expect(puts).toHaveLength(30 + 8);
      expect(archive.status()).toMatchObject({ pending: 50 });
      isDown = false;
      for (let runs = 0; runs < 4; runs++) ambient.time = Math.max(ambient.time, (await archive.run()) ?? 0);
      expect(archive.status()).toEqual({ pending: 0 });
    });
  });

  it("does not count texts after a failed one as copied, because copies are in order of receipt", async () => {
    const ambient = manualAmbient();
    let failing = 2;
    const put = async () => {
      if (--failing === 0) throw new Error("KV PUT failed: 429 Too Many Requests");
    };
    await withKv({ put }, ambient, async ({ archive, send }) => {
      for (let i = 0; i < 5; i++) {
        send(`${i}`);
        ambient.time += 10;
      }
      ambient.time = (await archive.run()) ?? 0;
      expect(archive.status()).toMatchObject({ pending: 4 });
    });
  });

  it("gets a deletion again until it succeeds", async () => {
    const ambient = manualAmbient();
    let deletes = 0;
    const forget = async () => {
      if (++deletes < 3) throw new Error("KV delete() limit exceeded for the day.");
    };
    await withKv({ delete: forget }, ambient, async ({ archive, mail, send }) => {
      const id = send("secret");
      await archive.run();
      mail.delete(id);
      for (let runs = 0; runs < 5; runs++) ambient.time = Math.max(ambient.time, (await archive.run()) ?? 0);
      expect(deletes).toBe(3);
    });
  });

  it("does not keep a text that was deleted while it was being copied", async () => {
    const ambient = manualAmbient();
    const keys = new Set<string>();
    let during = () => {};
    const put = async (key?: unknown) => {
      keys.add(String(key));
      during();
    };
    const forget = async (key?: unknown) => void keys.delete(String(key));
    await withKv({ put, delete: forget }, ambient, async ({ archive, mail, send }) => {
      const id = send("secret");
      during = () => mail.delete(id);
      for (let runs = 0; runs < 3; runs++) ambient.time = Math.max(ambient.time, (await archive.run()) ?? 0);
      expect([...keys]).toEqual([]);
    });
  });
});
