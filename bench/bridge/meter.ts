import type { Counts } from "./counting.ts";
import type { RunningScript } from "./running-script.ts";

/** Limit for a series. It then stops, and the report shows the number of requests. */
const SERIES_LIMIT_MS = 10_000;

/** The cost of a series of equal requests. All figures except the count are per request. */
export interface Cost {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly perSecond: number;
  readonly used: Counts;
  /** Of the whole workerd process. NaN if unknown. */
  readonly cpuMs: number;
}

/**
 * Runs a request for each item, `atOnce` at a time, and measures it.
 *
 * @param act - one request, until its answer has been read
 */
export async function measure<Item>(
  script: RunningScript,
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<Cost> {
  const times: number[] = [];
  const waiting = items.values();
  await script.takeCounts();
  const cpuBefore = script.cpuMs();
  const start = performance.now();
  const worker = async () => {
    for (const item of waiting) {
      const before = performance.now();
      if (before - start > SERIES_LIMIT_MS) return;
      await act(item);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - start) / 1000;
  const cpu = script.cpuMs() - cpuBefore;
  const used = await script.takeCounts();
  const requests = times.length;
  const each = (total: number) => total / requests;
  return {
    requests,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    perSecond: requests / seconds,
    used: mapCounts(used, each),
    cpuMs: each(cpu),
  };
}

/** Applies a function to each count. */
export function mapCounts(counts: Counts, change: (count: number) => number): Counts {
  return {
    requests: change(counts.requests),
    reads: change(counts.reads),
    writes: change(counts.writes),
    lists: change(counts.lists),
    deletes: change(counts.deletes),
    calls: change(counts.calls),
    socketMessages: change(counts.socketMessages),
    rowsRead: change(counts.rowsRead),
    rowsWritten: change(counts.rowsWritten),
  };
}

/** The smallest number that this share of the numbers does not exceed. NaN if there are no numbers. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
