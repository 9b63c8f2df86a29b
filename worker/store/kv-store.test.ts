import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_AGE_SECONDS, MessageDraft } from "../../contract/message.ts";
import { storedKeys } from "../testing/bridge.ts";
import { manualAmbient } from "../testing/manual-ambient.ts";
import { describeMessageStore } from "./conformance.ts";
import { eventKey, suffixOfId } from "./event-key.ts";
import { KvStore } from "./kv-store.ts";

const ANY_MESSAGE = { unread: false, limit: 50 };
const PAGE = { limit: 50, cursor: undefined };

beforeEach(() => reset());
afterEach(() => vi.restoreAllMocks());

describeMessageStore("KvStore", (ambient) => new KvStore(env.MESSAGES, ambient));

describe("KvStore", () => {
  let ambient = manualAmbient();
  let store = new KvStore(env.MESSAGES, ambient);
  beforeEach(() => {
    ambient = manualAmbient();
    store = new KvStore(env.MESSAGES, ambient);
  });
  const send = (draft: Readonly<Record<string, unknown>> = {}) =>
    store.send(MessageDraft.parse({ content: "hi", from: "mac", ...draft }));
  const contents = async () => (await store.list(null, ANY_MESSAGE, PAGE)).messages.map(({ content }) => content);

  it("puts one key for each change, and none for what changes nothing", async () => {
    const pc = { machine: "pc", project: null };
    const { id } = await send({ id: uuid(1) });
    const steps: [string, () => Promise<unknown>, number][] = [
      ["a repeated send", () => send({ id: uuid(1) }), 0],
      ["a mark", () => store.record(pc, "read", [id]), 1],
      ["the same mark", () => store.record(pc, "read", [id]), 0],
      ["another mark", () => store.record(pc, "shown", [id]), 1],
      ["a mark of what is not there", () => store.record(pc, "read", [uuid(9)]), 0],
      ["looking", () => store.unread(pc), 0],
      ["removing", () => store.remove([id]), 1],
      ["removing again", () => store.remove([id]), 0],
      ["clearing", () => store.clear(), 1],
    ];
    for (const [what, change, expected] of steps) {
      const before = (await storedKeys()).length;
      await change();
      expect([what, (await storedKeys()).length - before]).toEqual([what, expected]);
    }
  });

  it("covers a hundred messages with two receipts or two tombstones", async () => {
    const ids = Array.from({ length: 100 }, (_, i) => uuid(i));
    for (const id of ids) await send({ id });
    await store.record({ machine: "pc", project: null }, "read", ids);
    expect(await storedKeys()).toHaveLength(102);
    await store.remove(ids);
    expect(await storedKeys()).toHaveLength(104);
    expect(await contents()).toEqual([]);
  });

  it("lets every key go after 30 days", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { id } = await send({ content: "x".repeat(5000), expiresInSeconds: 60 });
    await store.record(null, "read", [id]);
    await store.remove([id]);
    await store.clear();
    const { keys } = await env.MESSAGES.list();
    expect(keys).toHaveLength(4);
    for (const { expiration = 0 } of keys) {
      expect(expiration).toBeGreaterThanOrEqual(before + MAX_AGE_SECONDS);
      expect(expiration).toBeLessThan(before + MAX_AGE_SECONDS + 3600);
    }
  });

  it("folds a second copy away when the list did not show the first, whichever was listed first", async () => {
    await send({ id: uuid(1), content: "first" });
    ambient.time += 5000;
    const [copy] = (await env.MESSAGES.list({ prefix: "e:" })).keys;
    await env.MESSAGES.put(eventKey({ ms: ambient.time, suffix: await suffixOfId(uuid(1)) }), "", {
      metadata: { ...Object(copy?.metadata), content: "second" },
    });
    expect(await contents()).toEqual(["first"]);
    expect(await send({ id: uuid(1) })).toMatchObject({ timestamp: "2026-11-23T09:00:00.000Z", duplicate: true });
  });

  it("writes a receipt newer than the newest copy of what it covers", async () => {
    await send({ id: uuid(1) });
    await store.record({ machine: "pc", project: null }, "read", [uuid(1)]);
    const [newest] = await storedKeys();
    expect(newest?.slice(0, 15)).toBe(eventKey({ ms: ambient.time + 1, suffix: "" }));
  });

  it("reads more than a thousand events", async () => {
    await send({ id: uuid(0), content: "oldest" });
    const sends = Array.from({ length: 1004 }, () => {
      ambient.time++;
      return send();
    });
    await Promise.all(sends);
    expect((await store.unread({ machine: "pc", project: null })).unread).toBe(1005);
    expect((await store.get(uuid(0), null))?.content).toBe("oldest");
  });

  describe("beside what it did not write", () => {
    let log: ReturnType<typeof vi.spyOn>;
    beforeEach(() => {
      log = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    });
    const key = (suffix: string) => eventKey({ ms: manualAmbient().time, suffix: suffix.padEnd(14, "0") });

    it.each([
      ["an event of a newer version", key("v2"), { v: 2, type: "message", secret: "mail" }],
      ["an event of an unknown type", key("poll"), { v: 1, type: "poll", secret: "mail" }],
      ["an event without metadata", key("none"), null],
      ["metadata of something else", key("else"), ["mail"]],
      ["a message that lacks its sender", key("half"), { v: 1, type: "message", id: uuid(7), content: "mail" }],
      ["another application's key under the same prefix", "e:mail", { v: 1, type: "clear" }],
      ["a clear under a key that is no event's", "e:9", { v: 1, type: "clear" }],
    ])("skips %s, logs its key only, and hides nothing", async (_, name, metadata) => {
      await send();
      await env.MESSAGES.put(name, "mail", { metadata });
      expect(await contents()).toEqual(["hi"]);
      expect((await store.unread({ machine: "pc", project: null })).unread).toBe(1);
      const logged = JSON.stringify(log.mock.calls);
      expect(logged).toContain(name);
      expect(logged.replaceAll(name, "")).not.toContain("mail");
    });

    it("does not touch other keys, nor the predecessor's", async () => {
      const others = ["index", "msg:4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10", "h:mac", "zzz"];
      for (const name of others) await env.MESSAGES.put(name, "[]");
      await send();
      expect(await contents()).toEqual(["hi"]);
      await store.clear();
      expect(await storedKeys()).toEqual(expect.arrayContaining(others));
      expect(log).not.toHaveBeenCalled();
    });

    it.each([
      ["is missing", null],
      ["is no JSON", "{"],
      ["is something else", '{"content":7}'],
      ["lacks the content", "{}"],
    ])("leaves out a message whose value %s, and shows the others", async (_, value) => {
      await send({ id: uuid(1), content: "x".repeat(2000) });
      const [name = ""] = await storedKeys();
      const { metadata } = await env.MESSAGES.getWithMetadata(name);
      await (value === null
        ? env.MESSAGES.put(name, "", { metadata: { ...Object(metadata) } })
        : env.MESSAGES.put(name, value, { metadata }));
      ambient.time++;
      await send({ content: "y".repeat(2000) });
      expect(await contents()).toEqual(["y".repeat(2000)]);
      await expect(store.get(uuid(1), null)).rejects.toThrow("cannot be read now");
    });
  });
});

function uuid(n: number): string {
  return `10000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}
