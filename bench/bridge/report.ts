import { occasion, table } from "../document.ts";
import type { Operations } from "./counting.ts";
import { SENDS } from "./loads.ts";
import type { Cost } from "./meter.ts";
import type { Results } from "./results.ts";
import type { Verdict } from "./targets.ts";

/** The tables, as Markdown. */
export function report(all: readonly Results[], verdicts: readonly Verdict[]): string {
  const failures = all.flatMap(({ script, failures }) => failures.map((text) => `- ${script}, ${text}`));
  return [`${occasion()}.`, targets(verdicts), sends(all), stored(all), marks(all), ...failures].join("\n\n");
}

function targets(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ target, measured, isMet, isEnforced }) => [
    target,
    measured,
    `${isMet ? "met" : "missed"}${isEnforced ? "" : " (not enforced)"}`,
  ]);
  return table("Targets", ["target", "measured", ""], rows);
}

function sends(all: readonly Results[]): string {
  const series = all.flatMap(({ script, sends }) =>
    sends.map(({ atOnce, withIds, load }) => ({ atOnce, name: withIds ? `${script}, with ids` : script, load })),
  );
  const alone = all.flatMap(({ script, kvAlone }) =>
    kvAlone.map(({ atOnce, cost }) => ({ atOnce, name: kvAloneAs(script), load: { cost, lost: "", duplicated: "" } })),
  );
  const rows = [...alone, ...series]
    .sort((a, b) => a.atOnce - b.atOnce)
    .map(({ atOnce, name, load: { cost, lost, duplicated } }) => [
      `${atOnce}`,
      name,
      `${Math.round(cost.perSecond)}`,
      ...times(cost),
      `${lost}`,
      `${duplicated}`,
      operations(cost.operations),
      ms(cost.cpuMs),
    ]);
  const head = ["at once", "script", "sends/s", "p50 ms", "p95 ms", "lost", "duplicated", "KV per send", "CPU ms"];
  return table(`${SENDS} sends`, head, rows);
}

const REQUESTS = ["`GET /health`", "unchanged check", "changed check", "list of 50"] as const;

function stored(all: readonly Results[]): string {
  const measured = all.flatMap(({ script, stored }) =>
    stored.flatMap(({ count, load: { health, unchanged, changed, page, kvAlone } }) => {
      const costs = (name: string, ...each: (Cost | undefined)[]) =>
        each.flatMap((cost, request) => (cost ? [{ request, count, name, cost }] : []));
      const isFirst = count === stored[0]?.count; // what is stored does not matter to /health
      return [
        ...costs(kvAloneAs(script), undefined, kvAlone?.unchanged, kvAlone?.changed, kvAlone?.page),
        ...costs(script, isFirst ? health : undefined, unchanged, changed, page),
      ];
    }),
  );
  measured.sort((a, b) => a.request - b.request || a.count - b.count);
  const rows = measured.map(({ request, count, name, cost }) => [
    REQUESTS[request] ?? "",
    count.toLocaleString("en"),
    name,
    ...costs(cost),
  ]);
  return table("Checks and lists", ["request", "stored", "script", ...COST_HEAD], rows);
}

function marks(all: readonly Results[]): string {
  const rows = all.flatMap(({ script, marks }) =>
    marks.flatMap(({ mark, batch, remove }) => [
      ["one marked read", script, ...costs(mark)],
      ...(batch ? [["100 marked read at once", script, ...costs(batch)]] : []),
      ["one deleted", script, ...costs(remove)],
    ]),
  );
  rows.sort(([a = ""], [b = ""]) => a.localeCompare(b));
  return table("Marks and deletes", ["request", "script", ...COST_HEAD], rows);
}

/** As fast as it could be: the same operations, and no Worker that computes anything. */
function kvAloneAs(script: string): string {
  return `KV alone, asked as by ${script}`;
}

const COST_HEAD = ["p50 ms", "p95 ms", "KV per request", "CPU ms"];

function costs(cost: Cost): string[] {
  return [...times(cost), operations(cost.operations), ms(cost.cpuMs)];
}

function times({ p50Ms, p95Ms }: Cost): [string, string] {
  return [ms(p50Ms), ms(p95Ms)];
}

/** "2 reads, 1 list" */
function operations({ reads, writes, lists, deletes }: Operations): string {
  const parts = Object.entries({ read: reads, write: writes, list: lists, delete: deletes }).filter(([, n]) => n > 0);
  return parts.map(([name, n]) => `${Number(n.toFixed(2))} ${name}${n === 1 ? "" : "s"}`).join(", ") || "none";
}

function ms(value: number): string {
  return Number.isNaN(value) ? "–" : value < 10 ? value.toFixed(1) : `${Math.round(value)}`;
}
