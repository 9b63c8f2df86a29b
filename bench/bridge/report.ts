import { occasion, table } from "../document.ts";
import type { Counts } from "./counting.ts";
import { SENDS } from "./loads.ts";
import { medianCost } from "./median-cost.ts";
import { lifeOf } from "./message-life.ts";
import type { Cost } from "./meter.ts";
import { type Results, ROUNDS, STORED_FOR_ROUTES } from "./results.ts";
import type { Verdict } from "./targets.ts";

/** The tables, as Markdown. */
export function report(all: readonly Results[], verdicts: readonly Verdict[]): string {
  const names = all.map(({ script }) => script).join("; ");
  const how = `${occasion()}. Node ${process.versions.node} for the load. Compared: ${names}. ${ROUNDS} rounds; in each, every load runs against all scripts in turn, and each round starts with another one. Times are medians of the rounds.`;
  const failures = all.flatMap(({ script, failures }) => failures.map((text) => `- ${script}, ${text}`));
  const parts = [how, targets(verdicts), sends(all), stored(all), marks(all), routes(all), lives(all), ...failures];
  return parts.filter((part) => part !== "").join("\n\n");
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
  const rows = all
    .flatMap(({ script, sends }) => sends.map((each) => ({ script, ...each })))
    .filter(({ rounds }) => rounds.length > 0)
    .sort((a, b) => a.atOnce - b.atOnce)
    .map(({ script, atOnce, rounds }) => {
      const cost = medianCost(rounds.map((round) => round.cost));
      const speeds = rounds.map((round) => Math.round(round.cost.perSecond));
      const spread = `${Math.min(...speeds)}–${Math.max(...speeds)}`;
      const sum = (of: (round: (typeof rounds)[number]) => number) => `${rounds.reduce((n, each) => n + of(each), 0)}`;
      const counts = [sum((round) => round.lost), sum((round) => round.doubled)];
      const used = [kv(cost.used), `${round(cost.used.calls)}`, ms(cost.cpuMs)];
      return [`${atOnce}`, script, `${Math.round(cost.perSecond)}`, spread, ...times(cost), ...counts, ...used];
    });
  const head = ["senders", "script", "sends/s", "of the rounds", "p50 ms", "p95 ms", "lost", "doubled"];
  return table(
    `${SENDS} sends in each of ${ROUNDS} rounds`,
    [...head, "KV per send", "calls of objects", "CPU ms"],
    rows,
  );
}

const REQUESTS = ["`GET /health`", "unchanged check", "check without ETag", "list of 50"] as const;

function stored(all: readonly Results[]): string {
  const measured = all.flatMap(({ script, stored }) =>
    stored.flatMap(({ count, rounds }) => {
      if (rounds.length === 0) return [];
      const isFirst = count === stored[0]?.count; // /health does not depend on the number of stored messages
      const costs = [
        isFirst ? rounds.map(({ health }) => health) : [],
        rounds.map(({ unchanged }) => unchanged),
        rounds.map(({ first }) => first),
        rounds.map(({ page }) => page),
      ];
      return costs.flatMap((each, request) =>
        each.length > 0 ? [{ request, count, script, cost: medianCost(each) }] : [],
      );
    }),
  );
  measured.sort((a, b) => a.request - b.request || a.count - b.count);
  const rows = measured.map(({ request, count, script, cost }) => [
    REQUESTS[request] ?? "",
    count.toLocaleString("en"),
    script,
    ...costs(cost),
  ]);
  return table("Checks and lists", ["request", "stored", "script", ...COST_HEAD], rows);
}

function marks(all: readonly Results[]): string {
  const rows = all
    .filter(({ marks }) => marks.length > 0)
    .flatMap(({ script, marks }) => {
      const batches = marks.flatMap(({ batch }) => batch ?? []);
      return [
        ["one marked read", script, ...costs(medianCost(marks.map(({ mark }) => mark)))],
        ...(batches.length > 0 ? [["100 marked read at once", script, ...costs(medianCost(batches))]] : []),
        ["one deleted", script, ...costs(medianCost(marks.map(({ remove }) => remove)))],
      ];
    });
  rows.sort(([a = ""], [b = ""]) => a.localeCompare(b));
  return table("Marks and deletes", ["request", "script", ...COST_HEAD], rows);
}

function routes(all: readonly Results[]): string {
  const rows = all.flatMap(({ script, routes }) =>
    routes.map(({ what, used }) => [what, script, ...usedCells(used), kv(used)]),
  );
  const order = all.flatMap(({ routes }) => routes.map(({ what }) => what));
  rows.sort(([a = ""], [b = ""]) => order.indexOf(a) - order.indexOf(b));
  const title = `What a request uses, with ${STORED_FOR_ROUTES.toLocaleString("en")} stored`;
  return rows.length === 0 ? "" : table(title, ["request", "script", ...USED_HEAD, "KV"], rows);
}

function lives(all: readonly Results[]): string {
  const tables = all.flatMap(({ lives }) =>
    lives.map(({ together, steps }) => {
      const all = [...steps, { what: "**all of it**", used: lifeOf(steps) }];
      const title = together === 1 ? "The life of a message that is alone" : `The life of one of ${together} messages`;
      const rows = all.map(({ what, used }) => [what, `${round(used.requests)}`, ...usedCells(used), kv(used)]);
      return table(title, ["what happens", "requests", ...USED_HEAD, "KV"], rows);
    }),
  );
  return tables.join("\n\n");
}

const USED_HEAD = ["calls of objects", "rows read", "rows written"];

function usedCells({ calls, rowsRead, rowsWritten }: Counts): string[] {
  return [calls, rowsRead, rowsWritten].map((count) => `${round(count)}`);
}

const COST_HEAD = ["p50 ms", "p95 ms", "KV per request", "CPU ms"];

function costs(cost: Cost): string[] {
  return [...times(cost), kv(cost.used), ms(cost.cpuMs)];
}

function times({ p50Ms, p95Ms }: Cost): [string, string] {
  return [ms(p50Ms), ms(p95Ms)];
}

/** "2 reads, 1 list" */
function kv({ reads, writes, lists, deletes }: Counts): string {
  const parts = Object.entries({ read: reads, write: writes, list: lists, delete: deletes }).filter(([, n]) => n > 0);
  return parts.map(([name, n]) => `${round(n)} ${name}${n === 1 ? "" : "s"}`).join(", ") || "–";
}

function round(count: number): number {
  return Number(count.toFixed(2));
}

function ms(value: number): string {
  return Number.isNaN(value) ? "–" : value < 10 ? value.toFixed(1) : `${Math.round(value)}`;
}
