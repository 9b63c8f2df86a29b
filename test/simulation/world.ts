import { timingSafeEqual } from "node:crypto";
import { LEADER_TICK_MS } from "../../client/leader.ts";
import type { Outgoing } from "../../client/mailbox.ts";
import { type Ambient, strictlyIncreasing } from "../../worker/ambient.ts";
import { createApp, type OpenStore } from "../../worker/app.ts";
import type { Env } from "../../worker/env.ts";
import { Chance } from "./chance.ts";
import { Central, MODES, type Mode } from "./kv-double.ts";
import { Ledger } from "./ledger.ts";
import { Machine } from "./machine.ts";
import { seedRandomness } from "./seeded-randomness.ts";
import { VirtualTime } from "./virtual-time.ts";
import type { Serve } from "./worker-dispatcher.ts";

const START_MS = Date.parse("2026-11-23T09:00:00.000Z");
const MINUTE_MS = 60_000;
/** While messages are sent: four hours. */
const BUSY_MS = 240 * MINUTE_MS;
/** Afterwards, until everything must have arrived: longer than a reconcile and the slowest list together. */
const QUIET_MS = 20 * MINUTE_MS;

/** Three machines, two of them near the same of Cloudflare's places. */
const MACHINES = { mac: "FRA", pc: "IAD", box: "FRA" } as const;
const SESSIONS = 4;
const THINK_MS = MINUTE_MS;
/** Of the turns of a session; with the bursts about 2.5 messages a minute from all of them. */
const SEND_SHARE = 0.15;
const BROADCAST_SHARE = 0.3;
const BURST_SHARE = 0.2;
const BURST = 3;
/** Of the messages. */
const HANDOVER_SHARE = 0.15;
/** Of the turns: ten an hour from all sessions, and one clear in four hours. */
const DELETE_SHARE = 0.015;
const CLEAR_SHARE = 0.0004;
/** Too long for the metadata of a key: they have to be read, and can be missing. */
const LONG_SHARE = 0.2;
/** Of the answers that the Worker gave. */
const LOST_SHARE = 0.05;
/** A machine whose send was not answered may be unable to send again for so long, while others find the message. */
const MAX_SILENCE_MS = 120_000;
/** Clocks of two places differ by up to twice this. */
const CLOCK_SKEW_MS = 1_000;

export interface Scenario {
  readonly seed: string;
  readonly mode: Mode;
  /** A store with something taken away; the Worker's own when left out. */
  readonly openStore?: OpenStore;
  /** How long messages are sent, in milliseconds. */
  readonly busyMs?: number;
  /** Of the answers that the Worker gave, how many do not arrive. */
  readonly lostShare?: number;
}

/** Runs the real Worker and the real client library for four hours of virtual time. */
export async function simulate({
  seed,
  mode,
  openStore,
  busyMs = BUSY_MS,
  lostShare = LOST_SHARE,
}: Scenario): Promise<Ledger> {
  addWhatNodeLacks();
  const time = new VirtualTime(START_MS);
  const chance = new Chance(seed);
  const central = new Central({ chance, now: time.now, staleness: MODES[mode] });
  const ledger = new Ledger(time.now, central, MODES[mode]);

  const workers = new Map<string, Serve>();
  for (const location of new Set<string>(Object.values(MACHINES))) {
    const app = createApp(ambientOf(location, time, chance), openStore);
    const env: Env = { MESSAGES: central.edge(location), BRIDGE_API_KEY: "key" };
    workers.set(location, async (request) => app.fetch(request, env));
  }

  let requests = 0;
  const machines = Object.entries(MACHINES).map(([name, location]) => {
    let silentUntil = 0;
    const serve: Serve = async (request) => {
      const isSend = request.method === "POST" && new URL(request.url).pathname === "/messages";
      if (isSend && time.now() < silentUntil) throw new Error("The bridge cannot be reached.");
      const response = await ledger.serve(request, workers.get(location) ?? unknownPlace);
      if (chance.of("lost", ++requests) < lostShare) {
        if (isSend) silentUntil = time.now() + chance.of("silence", requests) * MAX_SILENCE_MS;
        throw new Error("The answer was lost.");
      }
      await ledger.answered(request, response);
      return response;
    };
    const next = chance.sequence(`${name} shows`);
    return new Machine(name, SESSIONS, { now: time.now, next, serve, watcher: ledger });
  });

  const endRandomness = seedRandomness(chance);
  try {
    for (const machine of machines) {
      repeat(time, LEADER_TICK_MS, chance.of("first tick", machine.name) * LEADER_TICK_MS, () => machine.tick());
      machine.sessions.forEach((_, session) => {
        const next = chance.sequence(`${machine.name} ${session}`);
        const think = () => -Math.log(1 - next()) * THINK_MS;
        let handover: string | undefined;
        const turn = async () => {
          if (time.now() > START_MS + busyMs) return;
          for (const outgoing of saying(machine.name, next, ledger)) {
            const isHandover = next() < HANDOVER_SHARE;
            const id = await machine.send(session, isHandover ? handingOver(outgoing, handover) : outgoing);
            if (id) ledger.knows(machine.name, id);
            if (isHandover) handover = id;
          }
          const known = next() < DELETE_SHARE ? ledger.knownOn(machine.name, next()) : undefined;
          if (known) await machine.delete(known);
          if (next() < CLEAR_SHARE) await machine.clear();
          time.after(think(), turn);
        };
        time.after(think(), turn);
      });
    }
    await time.runUntil(START_MS + busyMs + QUIET_MS);
    for (const machine of machines) ledger.compare(machine.name, machine.waiting, await machine.unread());
    for (const machine of machines) ledger.compareStored(machine.name, await machine.everything());
    ledger.compareTotals();
    return ledger;
  } finally {
    endRandomness();
    for (const machine of machines) machine.remove();
  }
}

/** What a session sends in one turn: mostly nothing, sometimes several messages at once. */
function saying(machine: string, next: () => number, ledger: Ledger): Outgoing[] {
  if (next() >= SEND_SHARE) return [];
  const isBroadcast = next() < BROADCAST_SHARE;
  const others = Object.keys(MACHINES).filter((name) => name !== machine);
  const to = isBroadcast ? [null, "*/photon"][Math.floor(next() * 2)] : others[Math.floor(next() * others.length)];
  const count = next() < BURST_SHARE ? BURST : 1;
  const filling = next() < LONG_SHARE ? `: ${"x".repeat(2_000)}` : "";
  return Array.from({ length: count }, () => ({
    to,
    content: ledger.planned(isBroadcast ? Object.keys(MACHINES) : [String(to)]) + filling,
  }));
}

/** A session has one handover: a newer takes the place of the one before. */
function handingOver(outgoing: Outgoing, before: string | undefined): Outgoing {
  return { ...outgoing, kind: "handover", ...(before && { replaces: before }) };
}

function repeat(time: VirtualTime, everyMs: number, firstMs: number, run: () => Promise<void>): void {
  time.after(firstMs, async () => {
    await run();
    repeat(time, everyMs, everyMs, run);
  });
}

/** The clock and the randomness of one of Cloudflare's places. */
function ambientOf(location: string, time: VirtualTime, chance: Chance): Ambient {
  const skew = Math.round((chance.of("clock", location) * 2 - 1) * CLOCK_SKEW_MS);
  const next = chance.sequence(`random bytes ${location}`);
  return {
    now: strictlyIncreasing(() => Math.floor(time.now()) + skew),
    randomBytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)),
    randomId: () => crypto.randomUUID(),
  };
}

/** The Worker compares keys with a function that only Workers have. */
export function addWhatNodeLacks(): void {
  Object.assign(crypto.subtle, {
    timingSafeEqual: (a: ArrayBuffer, b: ArrayBuffer) => timingSafeEqual(new Uint8Array(a), new Uint8Array(b)),
  });
}

async function unknownPlace(): Promise<Response> {
  throw new Error("No Worker runs in that place.");
}
