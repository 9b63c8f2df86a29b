import type { Results } from "./results.ts";

/** What the bridge is to reach, and what it did. */
export interface Verdict {
  readonly target: string;
  readonly measured: string;
  readonly isMet: boolean;
  /** Correctness and operations do not depend on the machine: missing one fails the run. */
  readonly isEnforced: boolean;
}

const MAX_CHECK_READS = 3;
const MAX_SEND_WRITES = 2;
const MAX_CHECK_MS = 2;
const MAX_CHECK_CPU_MS = 5;
const MIN_SENDS_PER_SECOND = 400;
const SENDERS_FOR_SPEED = 32;

export function verdicts({ sends, stored }: Results): Verdict[] {
  const total = (of: (load: (typeof sends)[number]["load"]) => number) => sends.reduce((sum, s) => sum + of(s.load), 0);
  const checks = stored.map(({ load }) => load.unchanged);
  const reads = checks.map(({ operations }) => operations.reads);
  const others = checks.map(({ operations: { lists, writes, deletes } }) => lists + writes + deletes);
  const writes = sends.flatMap(({ load }) => [load.first.writes, load.cost.operations.writes]);
  const levels = stored.map(({ count }) => count);
  const span = `from ${Math.min(...levels).toLocaleString("en")} to ${Math.max(...levels).toLocaleString("en")} stored`;
  const told = stored.flatMap(({ load: { notModified } }) => [notModified.unchanged, 1 - notModified.changed]);
  const speeds = sends.filter(({ atOnce, withIds }) => atOnce === SENDERS_FOR_SPEED && !withIds);
  const perSecond = Math.min(...speeds.map(({ load }) => load.cost.perSecond));
  const checkMs = Math.max(...checks.map(({ p50Ms }) => p50Ms));
  const cpuMs = Math.max(...checks.map((check) => check.cpuMs));

  const enforced = (target: string, measured: string, isMet: boolean) => ({
    target,
    measured,
    isMet,
    isEnforced: true,
  });
  const speed = (target: string, measured: string, isMet: boolean) => ({ target, measured, isMet, isEnforced: false });
  const lost = total((load) => load.lost);
  const duplicated = total((load) => load.duplicated);
  return [
    enforced("No message lost, at every number of senders", `${lost}`, lost === 0),
    enforced("No message duplicated, at every number of senders", `${duplicated}`, duplicated === 0),
    enforced(
      `A send writes at most ${MAX_SEND_WRITES} keys`,
      `${Math.max(...writes)}`,
      Math.max(...writes) <= MAX_SEND_WRITES,
    ),
    enforced(
      `An unchanged check reads at most ${MAX_CHECK_READS} keys, the same ${span}`,
      [...new Set(reads)].join(", "),
      Math.max(...reads) <= MAX_CHECK_READS && new Set(reads).size === 1,
    ),
    enforced("It lists and writes nothing", `${Math.max(...others)}`, Math.max(...others) === 0),
    enforced(
      "An unchanged check is always answered 304, a changed one never",
      `${Math.min(...told) * 100} %`,
      Math.min(...told) === 1,
    ),
    speed(`An unchanged check: median at most ${MAX_CHECK_MS} ms`, `${checkMs.toFixed(1)} ms`, checkMs <= MAX_CHECK_MS),
    speed(
      `An unchanged check: CPU under ${MAX_CHECK_CPU_MS} ms`,
      Number.isNaN(cpuMs) ? "unknown here" : `${cpuMs.toFixed(1)} ms`,
      cpuMs < MAX_CHECK_CPU_MS,
    ),
    speed(
      `${SENDERS_FOR_SPEED} senders: at least ${MIN_SENDS_PER_SECOND} messages a second`,
      `${Math.round(perSecond)}`,
      perSecond >= MIN_SENDS_PER_SECOND,
    ),
  ];
}
