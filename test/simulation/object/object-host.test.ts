import { describe, expect, it } from "vitest";
import { Chance } from "../chance.ts";
import { type Faults, NO_FAULTS } from "../kv/faults.ts";
import { KvCentral } from "../kv/kv-central.ts";
import { MODES } from "../kv/staleness.ts";
import { VirtualTime } from "../virtual-time.ts";
import { DurableObject } from "./cloudflare-workers.ts";
import { NO_LOSSES, ObjectHost } from "./object-host.ts";
import type { Losses } from "./object-instance.ts";

const START_MS = Date.parse("2026-11-23T09:00:00.000Z");

/** An object with a counter, whose alarm copies the count to KV. */
class Counter extends DurableObject<{ readonly kv: KVNamespace }> {
  inMemory = 0;
  ran: string[] = [];

  constructor(context: DurableObjectState, kv: KVNamespace) {
    super(context, { kv });
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS t (n INTEGER); CREATE TABLE IF NOT EXISTS copied (n INTEGER)",
    );
  }

  async add(n: number, options: { alarmAt?: number; fails?: boolean } = {}): Promise<number> {
    this.inMemory++;
    this.ctx.storage.sql.exec("INSERT INTO t VALUES (?1)", n);
    if (options.alarmAt !== undefined) await this.ctx.storage.setAlarm(options.alarmAt);
    if (options.fails) throw new RangeError("as asked");
    return this.inMemory;
  }

  async all(): Promise<number[]> {
    return this.ctx.storage.sql
      .exec<{ n: number }>("SELECT n FROM t ORDER BY n")
      .toArray()
      .map(({ n }) => n);
  }

  async rolledBack(): Promise<number[]> {
    try {
      this.ctx.storage.transactionSync(() => {
        this.ctx.storage.sql.exec("INSERT INTO t VALUES (?)", 99);
        throw new Error("undone");
      });
    } catch {
      // so that the rest of the turn continues
    }
    return this.all();
  }

  async alarm(): Promise<void> {
    const n = (await this.all()).length;
    await this.env.kv.put(`k${n}`, "");
    this.ctx.storage.sql.exec("INSERT INTO copied VALUES (?)", n);
  }
}

function world({ losses = {}, faults = {} }: { losses?: Partial<Losses>; faults?: Partial<Faults> } = {}) {
  const time = new VirtualTime(START_MS);
  const chance = new Chance("a seed");
  const central = new KvCentral({ chance, time, staleness: MODES.docs, faults: { ...NO_FAULTS, ...faults } });
  const host = new ObjectHost({
    time,
    chance,
    losses: { ...NO_LOSSES, ...losses },
    kv: central.edge("FRA").binding(),
    make: (context, kv) => new Counter(context, kv),
  });
  time.onPause(() => host.pause());
  const { bridge } = { bridge: host.namespace<{ getByName(name: string): Counter }>().getByName("bridge") };
  const copied = () => host.storage.query("SELECT n FROM copied").map(({ n }) => n);
  return { time, central, host, bridge, copied };
}

function contextOf({ storage }: ObjectHost): DurableObjectStorage {
  return storage.binding(() => undefined) as unknown as DurableObjectStorage;
}

/** Runs a task now, and everything that is due within a day. */
async function during(time: VirtualTime, script: () => Promise<void>): Promise<void> {
  time.after(0, script);
  await time.runUntil(time.now() + 24 * 60 * 60_000);
}

describe("the object double", () => {
  it("loses its memory when it is lost, and keeps written data", async () => {
    const { time, host, bridge } = world();
    await during(time, async () => {
      expect([await bridge.add(1), await bridge.add(2)]).toEqual([1, 2]);
      host.evict();
      expect([await bridge.add(3), await bridge.all()]).toEqual([1, [1, 2, 3]]);
    });
  });

  it("keeps nothing of a turn that is lost before its end, not even its alarm", async () => {
    const { time, host, bridge, copied } = world({ losses: { beforeCommit: 1 } });
    await during(time, async () => {
      await expect(bridge.add(1, { alarmAt: START_MS })).rejects.toThrow("reset");
    });
    expect([host.storage.alarmAt, host.alarms]).toEqual([null, 0]);
    expect(() => copied()).toThrow("no such table");
  });

  it("keeps a turn whose answer is lost after it", async () => {
    const { time, host, bridge } = world({ losses: { afterCommit: 1 } });
    await during(time, async () => {
      await expect(bridge.add(1)).rejects.toThrow("reset");
    });
    expect(host.storage.query("SELECT n FROM t")).toEqual([{ n: 1 }]);
  });

  it("keeps the writes of a call that threw, and rolls back a transaction that threw", async () => {
    const { time, bridge } = world();
    await during(time, async () => {
      await expect(bridge.add(1, { fails: true })).rejects.toThrow("as asked");
      expect(await bridge.rolledBack()).toEqual([1]);
    });
  });

  it("runs its alarm at its time, and retries it at most six times if it throws", async () => {
    const outage = (minutes: number) => [{ from: START_MS, to: START_MS + minutes * 60_000, what: "all" } as const];
    for (const [minutes, runs] of [
      [0, 1],
      [1, 6],
      [10, 7],
    ] as const) {
      const { time, host, bridge, copied } = world({ faults: { outages: outage(minutes) } });
      await during(time, async () => void (await bridge.add(1, { alarmAt: START_MS + 1_000 })));
      expect([host.alarms, copied()]).toEqual([runs, runs === 7 ? [] : [1]]);
    }
  });

  it("answers calls while an alarm waits for KV, and then continues the alarm", async () => {
    const { time, bridge, copied } = world({ faults: { slow: 1, slowMs: 30_000 } });
    await during(time, async () => {
      await bridge.add(1, { alarmAt: START_MS });
      await time.sleep(30);
      const before = time.now();
      expect([await bridge.add(2), time.now()]).toEqual([2, before]);
    });
    expect(copied()).toEqual([1]);
  });

  it("runs an alarm again if its instance was lost during a slow KV operation; the lost one writes nothing more", async () => {
    const { time, central, host, bridge, copied } = world({ faults: { slow: 1, slowMs: 30_000 } });
    await during(time, async () => {
      await bridge.add(1, { alarmAt: START_MS });
      await time.sleep(30);
      host.evict();
      await bridge.add(2);
    });
    expect([central.keys().sort(), copied(), host.alarms]).toEqual([["k1", "k2"], [2], 2]);
  });

  it("may run an alarm twice", async () => {
    const { time, host, bridge } = world({ losses: { doubled: 0.5 } });
    await during(time, async () => void (await bridge.add(1, { alarmAt: START_MS + 1_000 })));
    expect(host.alarms).toBeGreaterThan(1);
  });

  it("refuses what the real storage refuses", () => {
    const { sql } = contextOf(world().host);
    expect(() => sql.exec("SELECT ?", "x".repeat(2 * 1024 * 1024 + 1))).toThrow("too large");
    expect(() => sql.exec("SELECT 1", ...Array.from({ length: 101 }, () => 1))).toThrow("100 parameters");
    expect(() => sql.exec("SELECT 1 UNION SELECT 2").one()).toThrow("exactly one");
  });
});
