import { addWhatNodeLacks } from "./add-what-node-lacks.ts";
import { BridgeUnderTest, type Variant } from "./bridge-under-test.ts";
import { Chance } from "./chance.ts";
import { AlarmCheck } from "./checks/alarm-check.ts";
import { FinalCheck } from "./checks/final-check.ts";
import { CuriousReader } from "./curious-reader.ts";
import { KvCentral } from "./kv/kv-central.ts";
import { MODES } from "./kv/staleness.ts";
import { Ledger } from "./ledger.ts";
import { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { OldClient } from "./old-client.ts";
import { Person } from "./person.ts";
import { DAY_MS, HOUR_MS, type Scenario, START_MS } from "./scenario.ts";
import { seedRandomness } from "./seeded-randomness.ts";
import { useVirtualClock } from "./virtual-clock.ts";
import { VirtualTime } from "./virtual-time.ts";

/** Three machines, two of them near the same location. */
const MACHINES = { mac: "FRA", pc: "IAD", box: "FRA" } as const;
const NAMES = Object.keys(MACHINES);
const QUIET_FACTOR = 5;
/** The average time between losses of the object outside of calls. */
const EVICTION_MS = 2 * HOUR_MS;

export interface Outcome {
  readonly problems: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Runs the real Worker, object and client library in virtual time. Returns the broken promises. */
export async function simulate(scenario: Scenario, variant: Variant = {}): Promise<Outcome> {
  const time = new VirtualTime(START_MS);
  const chance = new Chance(scenario.seed);
  const ledger = new Ledger(time.now);
  const kv = new KvCentral({ chance, time, staleness: MODES[scenario.mode], faults: scenario.faults });
  const alarms = new AlarmCheck(ledger);
  const bridge = new BridgeUnderTest({
    time,
    chance,
    kv,
    variant,
    losses: scenario.losses,
    onAlarm: alarms.check,
  });
  const { host } = bridge;
  time.onPause(() => host.pause());
  const network = new Network({ ledger, kv, chance, now: time.now, lost: scenario.lost, worker: bridge.worker });
  const endings = [
    seedRandomness(chance),
    useVirtualClock(() => Math.floor(time.now() + host.skewNow())),
    addWhatNodeLacks(),
  ];
  const machines = Object.entries(MACHINES).map(([name, location]) => {
    const next = chance.sequence(`${name} shows`);
    return new Machine(name, { now: time.now, next, serve: network.from(location), ledger });
  });
  try {
    const end = START_MS + scenario.busyDays * DAY_MS;
    /** After the last message, events are less frequent. */
    const unlessQuiet = (ms: number) => () => (time.now() < end + HOUR_MS ? ms : ms * QUIET_FACTOR);
    for (const machine of machines) {
      repeat(time, unlessQuiet(scenario.tickMs), chance.of("tick", machine.name) * scenario.tickMs, async () => {
        if (scenario.isOn(machine.name, time.now())) await machine.tick();
      });
    }
    const people = machines.map(
      (machine) =>
        new Person({
          machine,
          machines: NAMES,
          ledger,
          scenario,
          later: (ms, run) => time.after(ms, run),
          next: chance.sequence(`${machine.name} says`),
        }),
    );
    for (const person of people)
      often(
        time,
        end,
        () => person.thinkMs,
        chance.sequence(`${person.name} thinks`),
        () => person.turn(time.now()),
      );
    const old = new OldClient("attic", network.from("IAD"));
    const oldSays = chance.sequence("attic says");
    often(
      time,
      end,
      () => scenario.oldClientMs,
      oldSays,
      async () => {
        const to = oldSays() < 0.5 ? null : (NAMES[Math.floor(oldSays() * NAMES.length)] ?? null);
        const recipients = to === null ? NAMES : [to];
        await old.send(
          ledger.plan({ content: "from of old", tags: [], from: old.name, recipients, expiresInMs: null }),
          to,
        );
        await old.check();
      },
    );
    for (const location of new Set(Object.values(MACHINES))) {
      const next = chance.sequence(`looks from ${location}`);
      const reader = new CuriousReader(ledger, network.from(location), next, NAMES);
      often(time, end + scenario.quietDays * DAY_MS, unlessQuiet(scenario.lookMs), next, () => reader.look());
    }
    often(
      time,
      end,
      () => EVICTION_MS,
      chance.sequence("evictions"),
      async () => host.evict(),
    );
    const final = new FinalCheck({ ledger, kv, now: time.now, serve: bridge.worker("IAD") });
    repeat(
      time,
      () => 12 * HOUR_MS,
      12 * HOUR_MS,
      async () => final.checkDeletes(),
    );
    await time.runUntil(end + scenario.quietDays * DAY_MS);
    time.after(0, () => final.check(machines));
    await time.runUntil(time.now() + HOUR_MS);
    alarms.checkTotals(host.alarms, scenario);
    final.checkTotals(scenario);
    return { problems: ledger.problems, figures: figuresOf() };
  } finally {
    for (const end of endings) end();
    for (const machine of machines) machine.remove();
    host.storage.close();
  }

  function figuresOf(): Record<string, number> {
    const { compared, comparedFromKv, unavailable } = network.texts;
    return {
      messages: ledger.all.length,
      ended: ledger.ended,
      requests: network.costs.requests,
      unchanged: network.costs.unchanged,
      compared,
      comparedFromKv,
      unavailable,
      lost: host.lost,
      alarms: host.alarms,
      kvReads: kv.used.reads,
      kvWrites: kv.used.writes,
      kvDeletes: kv.used.deletes,
      refusedWrites: kv.refused.writes,
      rowsWritten: host.storage.rowsWritten,
      statements: host.storage.statements,
    };
  }
}

/** Repeats something until a time, with a different pause each time. */
function often(
  time: VirtualTime,
  end: number,
  averageMs: () => number,
  next: () => number,
  run: () => Promise<void>,
): void {
  time.after(-Math.log(1 - next()) * averageMs(), async () => {
    if (time.now() > end) return;
    await run();
    often(time, end, averageMs, next, run);
  });
}

function repeat(time: VirtualTime, everyMs: () => number, firstMs: number, run: () => Promise<void>): void {
  time.after(firstMs, async () => {
    await run();
    repeat(time, everyMs, everyMs(), run);
  });
}
