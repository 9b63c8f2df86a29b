import { describe, expect, it } from "vitest";
import { Chance } from "./chance.ts";
import { Central, FREE_PLAN, MODES, type Mode } from "./kv-double.ts";
import { VirtualTime } from "./virtual-time.ts";

function world(mode: Mode, quota = false) {
  const time = new VirtualTime(1_000_000_000_000);
  const central = new Central({
    chance: new Chance("a seed"),
    now: time.now,
    staleness: MODES[mode],
    ...(quota && { quota: FREE_PLAN }),
  });
  return { time, central, near: central.edge("FRA"), far: central.edge("IAD") };
}
const later = (time: VirtualTime, ms: number) => time.runUntil(time.now() + ms);
const names = async (kv: KVNamespace, options = {}) => (await kv.list(options)).keys.map(({ name }) => name);

describe("the KV double", () => {
  it("shows keys elsewhere out of order, and all of them after the documented minute", async () => {
    const { time, near, far } = world("docs");
    const keys = Array.from({ length: 40 }, (_, i) => `k${String(i).padStart(2, "0")}`);
    for (const key of keys) await near.put(key, "");
    await later(time, 30_000);
    const seen = await names(far);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.length).toBeLessThan(35);
    expect(seen).not.toEqual(keys.slice(0, seen.length));
    await later(time, 30_000);
    expect(await names(far)).toEqual(keys);
  });

  it("mostly shows a place its own writes at once, and a key that it shows it shows again", async () => {
    const { time, near } = world("harsh");
    for (let i = 0; i < 100; i++) await near.put(`k${i}`, "");
    const own = await names(near);
    expect(own.length).toBeGreaterThan(30);
    expect(own.length).toBeLessThan(70);
    await later(time, 10_000);
    expect(await names(near)).toEqual(expect.arrayContaining(own));
  });

  it("caches a look-up for as long as was asked, also one that found nothing", async () => {
    const { time, near, far } = world("docs");
    const get = () => far.get(["k"], { type: "text", cacheTtl: 30 });
    expect((await get()).get("k")).toBeNull();
    await near.put("k", "1");
    await later(time, 29_999);
    expect((await get()).get("k")).toBeNull();
    await later(time, 1);
    expect((await get()).get("k")).toBe("1");
  });

  it("gives a thousand keys a page with their metadata, and the rest after the cursor", async () => {
    const { time, near } = world("docs");
    for (let i = 0; i < 1001; i++) await near.put(`e:${String(i).padStart(4, "0")}`, "", { metadata: { i } });
    await near.put("f:other", "");
    await later(time, 60_000);
    const first = await near.list<{ i: number }>({ prefix: "e:" });
    expect([first.keys.length, first.keys[7]]).toEqual([1000, { name: "e:0007", metadata: { i: 7 } }]);
    const cursor = first.list_complete ? null : first.cursor;
    expect(await near.list({ prefix: "e:", cursor })).toMatchObject({
      keys: [{ name: "e:1000" }],
      list_complete: true,
    });
  });

  it("drops a key at the end of its time, and one that is deleted", async () => {
    const { time, near } = world("docs");
    await near.put("short", "", { expirationTtl: 60 });
    await near.put("long", "");
    await near.put("gone", "");
    await later(time, 60_000);
    await near.delete("gone");
    await later(time, 60_000);
    expect(await names(near)).toEqual(["long"]);
  });

  it("refuses what KV refuses", async () => {
    const { time, near } = world("docs");
    await near.put("k", "1");
    await expect(near.put("k", "2")).rejects.toThrow("429");
    await later(time, 1000);
    await near.put("k", "2");
    await expect(near.put("x".repeat(513), "")).rejects.toThrow("key");
    await expect(near.put("m", "", { metadata: "x".repeat(1023) })).rejects.toThrow("metadata");
    await expect(near.put("t", "", { expirationTtl: 59 })).rejects.toThrow("TTL");
    await expect(near.get("k", { cacheTtl: 29 })).rejects.toThrow("cache_ttl");
    await expect(near.get(Array.from({ length: 101 }, String), "text")).rejects.toThrow("100 keys");
    expect(() => near.getWithMetadata("k")).toThrow("has no getWithMetadata");
  });

  it("throws when a daily quota is spent, until the next day", async () => {
    const { time, near, central } = world("docs", true);
    for (let i = 0; i < FREE_PLAN.lists; i++) await near.list();
    await expect(near.list()).rejects.toThrow("limit exceeded");
    await near.get(["a", "b"], "text");
    expect(central.used).toEqual({ reads: 2, writes: 0, deletes: 0, lists: FREE_PLAN.lists });
    await later(time, 24 * 60 * 60_000);
    await near.list();
  });
});

it("virtual time runs tasks in the order of their times, and those that come up on the way", async () => {
  const time = new VirtualTime(0);
  const ran: string[] = [];
  const at = (ms: number, name: string) =>
    time.after(ms, async () => {
      ran.push(`${name} at ${time.now()}`);
    });
  at(20, "second");
  at(20, "third");
  time.after(10, async () => at(5, "first"));
  at(41, "never");
  await time.runUntil(40);
  expect(ran).toEqual(["first at 15", "second at 20", "third at 20"]);
  expect(time.now()).toBe(40);
});
