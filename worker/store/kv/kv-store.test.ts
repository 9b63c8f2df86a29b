import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_AGE_SECONDS, MessageDraft } from "../../../contract/message.ts";
import { storedKeys } from "../../testing/bridge.ts";
import { manualAmbient } from "../../testing/manual-ambient.ts";
import { describeMessageStore } from "../conformance.ts";
import { eventKey, suffixOfId } from "./event-key.ts";
import { KvStore } from "./kv-store.ts";

const ANY_MESSAGE = { unread: false, limit: 50 };
/** For hundreds of sends in workerd on a machine that has other things to do. */
const LONG_MS = 60_000;
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
  const unreadOfPc = async () => {
    const answer = await store.unread({ machine: "pc", project: null });
    return answer === "not-modified" ? answer : answer.summary.unread;
  };
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
    expect(await storedKeys("e:")).toHaveLength(102);
    await store.remove(ids);
    expect(await storedKeys("e:")).toHaveLength(104);
    expect(await contents()).toEqual([]);
  });

  it("lets every event go after 30 days, and every hint after one", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { id } = await send({ content: "x".repeat(5000), expiresInSeconds: 60 });
    await store.record(null, "read", [id]);
    await store.remove([id]);
    await store.clear();
    const { keys } = await env.MESSAGES.list();
    expect(keys).toHaveLength(4 + 1);
    for (const { name, expiration = 0 } of keys) {
      const seconds = name.startsWith("e:") ? MAX_AGE_SECONDS : 24 * 60 * 60;
      expect(expiration).toBeGreaterThanOrEqual(before + seconds);
      expect(expiration).toBeLessThan(before + seconds + 3600);
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

  it(
    "reads more than a thousand events",
    async () => {
      await send({ id: uuid(0), content: "oldest" });
      const sends = Array.from({ length: 1004 }, () => {
        ambient.time++;
        return send();
      });
      await Promise.all(sends);
      expect(await unreadOfPc()).toBe(1005);
      expect((await store.get(uuid(0), null))?.content).toBe("oldest");
    },
    LONG_MS,
  );

  describe("hints", () => {
    const hint = async (name: string) => JSON.parse((await env.MESSAGES.get(name)) ?? "null");

    it.each([
      [{}, "h:*"],
      [{ to: "*/photon" }, "h:*"],
      [{ to: "PC" }, "h:pc"],
      [{ to: "pc/photon" }, "h:pc"],
    ])("say that a message %j came, under %s", async (draft, name) => {
      await send(draft);
      expect(await hint(name)).toEqual({ v: 1, t: ambient.time });
      expect((await storedKeys()).filter((key) => key.startsWith("h:"))).toEqual([name]);
    });

    it("stand for what comes within 25 seconds", async () => {
      const { time } = ambient;
      await send();
      ambient.time += 25_000;
      await send();
      expect(await hint("h:*")).toEqual({ v: 1, t: time });
      ambient.time++;
      await send();
      expect(await hint("h:*")).toEqual({ v: 1, t: time + 25_001 });
    });

    it("are not changed by what a machine marks itself, nor by a repeated send", async () => {
      const { id } = await send({ id: uuid(1), to: "pc" });
      const before = await hint("h:pc");
      ambient.time += 60_000;
      await send({ id: uuid(1), to: "pc" });
      await store.record({ machine: "pc", project: null }, "read", [id]);
      expect(await hint("h:pc")).toEqual(before);
    });

    it("that cannot be written do not fail what they hint at", async () => {
      const { put } = env.MESSAGES;
      vi.spyOn(env.MESSAGES, "put").mockImplementation((key: string, ...rest: unknown[]) => {
        if (key.startsWith("h:")) return Promise.reject(new Error("KV PUT failed: 429 Too Many Requests"));
        return Reflect.apply(put, env.MESSAGES, [key, ...rest]);
      });
      expect(await send()).toMatchObject({ duplicate: false });
      expect(await contents()).toEqual(["hi"]);
    });
  });

  it("looks at the log again while a change settles, once after that, and every ten minutes", async () => {
    await send({ to: "pc" });
    const sentAt = ambient.time;
    const list = vi.spyOn(env.MESSAGES, "list");
    let etag: string | undefined;
    const looks: number[] = [];
    for (ambient.time += 15_000; ambient.time < sentAt + 1_200_000; ambient.time += 15_000) {
      const answer = await store.unread({ machine: "pc", project: null }, etag);
      if (answer === "not-modified") continue;
      etag = answer.etag;
      looks.push((ambient.time - sentAt) / 1000);
    }
    expect(looks).toEqual([15, 45, 75, 90, 690]);
    expect(list).toHaveBeenCalledTimes(looks.length);
  });

  it(
    "sets a floor under what a machine has read, and keeps what waits below it",
    async () => {
      const pc = { machine: "PC", project: null };
      await send({ id: uuid(0), content: "waits" });
      const others = await Promise.all(Array.from({ length: 700 }, () => send()));
      const ids = others.map(({ id }) => id);
      for (let start = 0; start < 700; start += 100) await store.record(pc, "read", ids.slice(start, start + 100));
      ambient.time += 2 * 60 * 60_000;
      expect(await unreadOfPc()).toBe(1);
      const floor = await env.MESSAGES.get("f:pc");
      expect(JSON.parse(floor ?? "")).toMatchObject({
        v: 1,
        ms: ambient.time - 60 * 60_000,
        kept: [{ event: { id: uuid(0) } }],
      });
      const { messages } = Object(await store.list(pc, { unread: true }, PAGE));
      expect(messages).toMatchObject([{ content: "waits" }]);

      ambient.time -= 90 * 60_000; // the clock of the place that marks is behind the floor
      expect(await store.record(pc, "read", [uuid(0), ids[0] ?? ""])).toEqual({ marked: 2 });
      ambient.time += 90 * 60_000;
      expect(await unreadOfPc()).toBe(0);
      await env.MESSAGES.put("f:pc", "corrupt");
      expect(await unreadOfPc()).toBe(0);
    },
    LONG_MS,
  );
});

function uuid(n: number): string {
  return `10000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}
