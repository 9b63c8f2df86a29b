import { type Cost, quantile } from "./meter.ts";

/** Of each figure the median of all rounds; what was used is of the last round, for it does not change. */
export function medianCost(rounds: readonly Cost[]): Cost {
  const last = rounds.at(-1);
  if (last === undefined) throw new Error("There was no round.");
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
