import { type Cost, quantile } from "./meter.ts";

/** The median of each figure over all rounds. What was used is the same in every round and taken from the last. */
export function medianCost(rounds: readonly Cost[]): Cost {
  const last = rounds.at(-1);
  if (last === undefined) throw new Error("No round was run.");
  const of = (figure: (cost: Cost) => number) => quantile(rounds.map(figure), 0.5);
  return {
    requests: last.requests,
    p50Ms: of((cost) => cost.p50Ms),
    p95Ms: of((cost) => cost.p95Ms),
    perSecond: of((cost) => cost.perSecond),
    cpuMs: of((cost) => cost.cpuMs),
    used: last.used,
  };
}
