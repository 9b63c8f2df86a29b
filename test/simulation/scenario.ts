import { Chance } from "./chance.ts";
import { type Faults, FREE_PLAN, NO_FAULTS, type Outage, type Quota } from "./kv/faults.ts";
import type { Mode } from "./kv/staleness.ts";
import { NO_LOSSES } from "./object/object-host.ts";
import type { Losses } from "./object/object-instance.ts";

export const START_MS = Date.parse("2026-11-23T09:00:00.000Z");
const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The parameters of a run. Shares are probabilities in [0, 1). */
export interface Scenario {
  readonly seed: string;
  readonly mode: Mode;
  /** Days with messages, and further days until everything must be settled. */
  readonly busyDays: number;
  readonly quietDays: number;
  readonly messagesPerDay: number;
  /** The interval of mail checks while a machine is on, in milliseconds. */
  readonly tickMs: number;
  /** The average interval of reads of old and new messages from each location. */
  readonly lookMs: number;
  /** The share of messages that their sender deletes within a minute or two. */
  readonly regretShare: number;
  /** The allowed KV writes per message, and deletes per ended message; more than one because lost operations are repeated. */
  readonly maxKvShare: number;
  /** The average time between two messages of a client of the predecessor, in milliseconds. */
  readonly oldClientMs: number;
  /** The share of a person's actions. */
  readonly deleteShare: number;
  readonly clearShare: number;
  /** The share of lost requests; the same for answers. */
  readonly lost: number;
  readonly faults: Faults;
  readonly losses: Losses;
  /** Whether a machine is on at a time. */
  readonly isOn: (machine: string, now: number) => boolean;
}

/** The kinds of scenarios. */
export type Kind =
  /** A few hundred messages a day, over several days, with long outages. */
  | "calm"
  /** More messages per day than KV's write quota. */
  | "crowded"
  /** The same over several days, with a smaller quota to keep the run short. */
  | "spent"
  /** Short, with the object lost constantly. */
  | "restless"
  /** Longer than a message's life of thirty days. */
  | "long"
  /** A few hours with many readers, for unsafe variants. */
  | "brief"
  /** A day without failures, to measure the cost. */
  | "flawless";

const LOSSES: Losses = { idle: 0.02, beforeCommit: 0.01, afterCommit: 0.01, inKv: 0.005, doubled: 0.05 };

/** Makes a scenario of a kind. Its outages and idle hours depend on the seed. */
export function scenarioOf(seed: string, kind: Kind, mode: Mode): Scenario {
  const chance = new Chance(`${seed} ${kind}`);
  const isFlawless = kind === "flawless";
  const { busyDays, quietDays, ...kinds } = KINDS[kind];
  const end = START_MS + busyDays * DAY_MS;
  const outages = Array.from({ length: kinds.outages }, (_, i) => outage(chance, i, end));
  return {
    seed: `${seed} ${kind}`,
    mode,
    busyDays,
    quietDays,
    oldClientMs: 2 * HOUR_MS,
    deleteShare: 0.04,
    ...kinds,
    lost: isFlawless ? 0 : 0.025,
    faults: isFlawless
      ? NO_FAULTS
      : {
          outages,
          quota: kind === "spent" ? SMALL_PLAN : FREE_PLAN,
          doneButThrown: 0.01,
          thrown: 0.01,
          slow: kind === "restless" ? 0.3 : 0.02,
          slowMs: 30_000,
          usualMs: 300,
        },
    isOn: (machine, now) => now >= end || isOn(chance, machine, now),
  };
}

const SMALL_PLAN: Quota = { reads: 100_000, writes: 150, deletes: 150 };

const KINDS = {
  calm: {
    busyDays: 2.5,
    quietDays: 1.5,
    messagesPerDay: 200,
    clearShare: 0.001,
    outages: 4,
    losses: LOSSES,
    tickMs: 15 * MINUTE_MS,
    lookMs: 10 * MINUTE_MS,
    regretShare: 0.01,
    maxKvShare: 1.3,
  },
  crowded: {
    busyDays: 1.1,
    quietDays: 2,
    messagesPerDay: 2_300,
    clearShare: 0.0005,
    outages: 1,
    losses: LOSSES,
    tickMs: 15 * MINUTE_MS,
    lookMs: 15 * MINUTE_MS,
    regretShare: 0.01,
    maxKvShare: 1.3,
  },
  spent: {
    busyDays: 3,
    quietDays: 5,
    messagesPerDay: 300,
    clearShare: 0,
    outages: 2,
    losses: LOSSES,
    tickMs: 20 * MINUTE_MS,
    lookMs: 15 * MINUTE_MS,
    regretShare: 0.02,
    maxKvShare: 1.3,
  },
  restless: {
    busyDays: 0.5,
    quietDays: 1,
    messagesPerDay: 900,
    clearShare: 0.003,
    outages: 2,
    losses: { idle: 0.2, beforeCommit: 0.1, afterCommit: 0.1, inKv: 0.03, doubled: 0.2 },
    tickMs: 4 * MINUTE_MS,
    lookMs: 4 * MINUTE_MS,
    regretShare: 0.2,
    maxKvShare: 5,
  },
  brief: {
    busyDays: 0.2,
    quietDays: 0.75,
    messagesPerDay: 1_500,
    clearShare: 0,
    outages: 2,
    losses: LOSSES,
    tickMs: 10 * MINUTE_MS,
    lookMs: 90_000,
    regretShare: 0.02,
    maxKvShare: 2.5,
  },
  flawless: {
    busyDays: 1,
    quietDays: 1,
    messagesPerDay: 300,
    clearShare: 0,
    outages: 0,
    losses: NO_LOSSES,
    tickMs: 15 * MINUTE_MS,
    lookMs: 10 * MINUTE_MS,
    regretShare: 0.02,
    maxKvShare: 1,
  },
  long: {
    busyDays: 33,
    quietDays: 33,
    messagesPerDay: 10,
    clearShare: 0,
    outages: 8,
    losses: LOSSES,
    tickMs: 4 * HOUR_MS,
    lookMs: 3 * HOUR_MS,
    regretShare: 0.02,
    maxKvShare: 1.3,
  },
} as const;

/** Outages of ten minutes to ten hours. */
function outage(chance: Chance, number: number, end: number): Outage {
  const from = START_MS + chance.of("outage from", number) * (end - START_MS);
  const lasts = 10 * MINUTE_MS + chance.of("outage lasts", number) ** 2 * 10 * HOUR_MS;
  const what = (["reads", "writes", "all"] as const)[number % 3] ?? "all";
  return { from, to: from + lasts, what };
}

/** A machine is off in a third of the six-hour spans. */
function isOn(chance: Chance, machine: string, now: number): boolean {
  return chance.of("on", machine, Math.floor(now / (6 * HOUR_MS))) > 1 / 3;
}
