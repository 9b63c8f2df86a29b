import { cpus, totalmem, type } from "node:os";
import manifest from "../../package.json" with { type: "json" };
import type { Operations } from "./counting.ts";
import { SENDS } from "./loads.ts";
import type { Cost } from "./meter.ts";
import type { Results } from "./results.ts";
import type { Verdict } from "./targets.ts";

/** The tables, as Markdown. */
export function report(all: readonly Results[], verdicts: readonly Verdict[]): string {
  const failures = all.flatMap(({ script, failures }) => failures.map((text) => `- ${script}, ${text}`));
  return [machine(), targets(verdicts), sends(all), stored(all), marks(all), ...failures].join("\n\n");
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const day = new Date().toISOString().slice(0, 10);
  return `Photon ${manifest.version}, ${day}. ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory} GB, ${type()}.`;
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
  series.sort((a, b) => a.atOnce - b.atOnce);
  const rows = series.map(({ atOnce, name, load: { cost, lost, duplicated } }) => [
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

function stored(all: readonly Results[]): string {
  const kinds = [
    ["unchanged check", (load) => load.unchanged],
    ["changed check", (load) => load.changed],
    ["list of 50", (load) => load.page],
    ["`GET /health`", (load) => load.health],
  ] as const satisfies [string, (load: Results["stored"][number]["load"]) => Cost][];
  const counts = [...new Set(all.flatMap(({ stored }) => stored.map(({ count }) => count)))];
  const rows = kinds.flatMap(([kind, costOf]) =>
    counts.flatMap((count) =>
      all.flatMap(({ script, stored }) =>
        stored
          .filter((each) => each.count === count)
          .map(({ load }) => [kind, count.toLocaleString("en"), script, ...costs(costOf(load))]),
      ),
    ),
  );
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

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const isNumber = (column: number) => rows.every((row) => /^[\d.,–]+$/.test(row[column] ?? ""));
  const align = head.map((_, column) => (isNumber(column) ? "---:" : "---"));
  return [`### ${title}`, "", line(head), line(align), ...rows.map(line)].join("\n");
}
