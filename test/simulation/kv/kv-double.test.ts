import { describe, expect, it } from "vitest";
import { Chance } from "../chance.ts";
import { invoke } from "../invocation.ts";
import { VirtualTime } from "../virtual-time.ts";
import { type Faults, FREE_PLAN, NO_FAULTS } from "./faults.ts";
import { KvCentral } from "./kv-central.ts";
import { MODES, type Mode } from "./staleness.ts";

const START_MS = Date.parse("2026-11-23T09:00:00.000Z");
const MINUTE_MS = 60_000;

/** A KV seen from two locations, and a function to use it in virtual time. */
function world(mode: Mode, faults: Partial<Faults> = {}) {
  const time = new VirtualTime(START_MS);
  const chance = new Chance("a seed");
  const central = new KvCentral({ chance, time, staleness: MODES[mode], faults: { ...NO_FAULTS, ...faults } });
  const [near, far] = [central.edge("FRA"), central.edge("IAD")];
  return { time, central, near, far, run: (script: () => Promise<void>) => runScript(time, script) };
}

/** The script is one task, which sleeps to let time pass. */
async function runScript(time: VirtualTime, script: () => Promise<void>): Promise<void> {
  let isDone = false;
  time.after(0, async () => {
    await script();
    isDone = true;
  });
  await time.runUntil(time.now() + 40 * 24 * 60 * MINUTE_MS);
  expect(isDone).toBe(true);
}

describe("the KV double", () => {
  it("shows a new key elsewhere only after a lag, and in its own location usually at once", async () => {
    const { time, near, far, run } = world("harsh");
    await run(async () => {
      const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
      for (const key of keys) await near.put(key, key);
      const seen = async (edge: typeof near) => {
        const found = await edge.get(keys);
        return found instanceof Map ? [...found.values()].filter((value) => value !== null).length : -1;
      };
      const [own, elsewhere] = [await seen(near), await seen(far)];
      expect([own > 30, own < 70, elsewhere < 10]).toEqual([true, true, true]);
      await time.sleep(MODES.harsh.readLagMs + MODES.harsh.missingCachedMs);
      expect([await seen(near), await seen(far)]).toEqual([100, 100]);
    });
  });

  it("caches for a minute or more that a key does not exist", async () => {
    const { time, near, far, run } = world("docs");
    await run(async () => {
      expect(await far.get("k")).toBeNull();
      await near.put("k", "1");
      await time.sleep(59_000);
      expect(await far.get("k")).toBeNull();
      await time.sleep(1_000);
      expect(await far.get("k")).toBe("1");
    });
  });

  it("still returns a deleted key elsewhere for a while", async () => {
    const { time, central, near, far, run } = world("docs");
    await run(async () => {
      await near.put("k", "1");
      await time.sleep(MINUTE_MS);
      expect(await far.get("k")).toBe("1");
      await near.delete("k");
      expect([await far.get("k"), central.origin("k"), central.keys()]).toEqual(["1", null, []]);
      await time.sleep(MINUTE_MS + MODES.docs.readLagMs);
      expect(await far.get("k")).toBeNull();
    });
  });

  it("drops a key when it expires", async () => {
    const { time, central, near, run } = world("docs");
    await run(async () => {
      await near.put("short", "", { expirationTtl: 60 });
      await near.put("long", "");
      await time.sleep(MINUTE_MS);
      expect(central.keys()).toEqual(["long"]);
    });
  });

  it("refuses what KV refuses, including a second write within a second", async () => {
    const { time, near, run } = world("docs");
    await run(async () => {
      await near.put("k", "1");
      await expect(near.put("k", "2")).rejects.toThrow("429");
      await time.sleep(1_000);
      await near.put("k", "2");
      await expect(near.put("x".repeat(513), "")).rejects.toThrow("key");
      await expect(near.put("m", "", { metadata: "x".repeat(1023) })).rejects.toThrow("metadata");
      await expect(near.put("t", "", { expirationTtl: 59 })).rejects.toThrow("TTL");
      await expect(near.get("k", { cacheTtl: 29 })).rejects.toThrow("cache_ttl");
      await expect(near.get(Array.from({ length: 101 }, String))).rejects.toThrow("100 keys");
      expect(() => near.binding().list()).toThrow("has no list");
    });
  });

  it("throws after a daily quota is used up, until the next day (UTC)", async () => {
    const { time, near, central, run } = world("docs", { quota: { ...FREE_PLAN, writes: 3 } });
    await run(async () => {
      for (const key of ["a", "b", "c"]) await near.put(key, "");
      await expect(near.put("d", "")).rejects.toThrow("limit exceeded");
      await near.get(["a", "b"]);
      expect(central.used).toEqual({ reads: 2, writes: 3, deletes: 0 });
      await time.sleep(Date.parse("2026-11-24T00:00:00.000Z") - time.now());
      await near.put("d", "");
    });
  });

  it("throws during an outage, and works again after it", async () => {
    const outage = { from: START_MS, to: START_MS + 60 * MINUTE_MS, what: "writes" } as const;
    const { time, near, run } = world("docs", { outages: [outage] });
    await run(async () => {
      expect(await near.get("k")).toBeNull();
      await expect(near.put("k", "1")).rejects.toThrow("500");
      await time.sleep(60 * MINUTE_MS);
      await near.put("k", "1");
    });
  });

  it("may do a write and still throw, and may be slow", async () => {
    const { time, near, central, run } = world("docs", { doneButThrown: 1, slow: 1, slowMs: 30_000 });
    await run(async () => {
      await expect(near.put("k", "1")).rejects.toThrow("lost");
      expect(central.origin("k")?.value).toBe("1");
      expect(time.now()).toBeGreaterThan(START_MS + 1_000);
      expect(central.acknowledgedAt("k")).toBeUndefined();
    });
  });

  it("allows an invocation fifty operations", async () => {
    const { near, run } = world("docs");
    await run(async () => {
      const puts = async (count: number) => {
        for (let i = 0; i < count; i++) await near.put(`${count} ${i}`, "");
      };
      expect((await invoke(() => puts(50))).used.kvOperations).toBe(50);
      await expect(invoke(() => puts(51))).rejects.toThrow("Too many API requests");
    });
  });
});

describe("virtual time", () => {
  it("runs tasks in the order of their times, including those added on the way", async () => {
    const time = new VirtualTime(0);
    const ran: string[] = [];
    const at = (ms: number, name: string) => time.after(ms, async () => void ran.push(`${name} at ${time.now()}`));
    at(20, "second");
    at(20, "third");
    time.after(10, async () => at(5, "first"));
    at(41, "never");
    await time.runUntil(40);
    expect(ran).toEqual(["first at 15", "second at 20", "third at 20"]);
    expect(time.now()).toBe(40);
  });

  it("lets other tasks run only while a task sleeps", async () => {
    const time = new VirtualTime(0);
    const ran: string[] = [];
    const task = (name: string, sleeps: number[]) => async () => {
      for (const ms of sleeps) {
        await new Promise((resolve) => setTimeout(resolve, 2)); // real time, in which no other task may start
        ran.push(`${name} ${time.now()}`);
        await time.sleep(ms);
      }
      ran.push(`${name} ends ${time.now()}`);
    };
    time.after(0, task("a", [10, 10]));
    time.after(1, task("b", [4]));
    await time.runUntil(100);
    expect(ran).toEqual(["a 0", "b 1", "b ends 5", "a 10", "a ends 20"]);
  });

  it("rethrows what a task throws", async () => {
    const time = new VirtualTime(0);
    time.after(1, async () => {
      await time.sleep(1);
      throw new Error("a failure");
    });
    await expect(time.runUntil(10)).rejects.toThrow("a failure");
  });
});
