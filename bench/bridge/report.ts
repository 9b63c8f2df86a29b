import { occasion, table } from "../document.ts";
import type { Counts } from "./counting.ts";
import { SENDS, type SendLoad } from "./loads.ts";
import { medianCost } from "./median-cost.ts";
import { lifeOf } from "./message-life.ts";
import { type Results, ROUNDS, STORED_FOR_ROUTES } from "./results.ts";
import type { Verdict } from "./targets.ts";

/** The tables, as Markdown. */
export function report(all: readonly Results[], verdicts: readonly Verdict[]): string {
  const names = all.map(({ script }) => script).join("; ");
  const how = `${occasion()}. Node ${process.versions.node} for the load. Compared: ${names}. Medians of ${ROUNDS} rounds, each starting with another script.`;
  const failures = all.flatMap(({ script, failures }) => failures.map((text) => `- ${script}, ${text}`));
  const parts = [how, targets(verdicts), sends(all), stored(all), marks(all), routes(all), lives(all), ...failures];
  return parts.filter((part) => part !== "").join("\n\n");
}

function targets(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ target, measured, isMet, isEnforced }) => [
    target,
    measured,
    isMet ? "met" : "missed",
    isEnforced ? "yes" : "no",
  ]);
  return table("Targets", ["target", "measured", "", "enforced"], rows);
}

function sends(all: readonly Results[]): string {
  const cells = all.flatMap(({ script, sends }) =>
    sends.map(({ atOnce, rounds }) => ({ script, row: [`${atOnce}`], text: rounds.length === 0 ? "" : sent(rounds) })),
  );
  return besideEachOther(`Sends a second (p95 in ms): ${SENDS} in each round`, ["senders"], all, cells);
}

/** "477 (80)": sends a second and p95, and what was lost or doubled in all rounds together. */
function sent(rounds: readonly SendLoad[]): string {
  const cost = medianCost(rounds.map((each) => each.cost));
  const sum = (of: (each: SendLoad) => number) => rounds.reduce((total, each) => total + of(each), 0);
  const faults = [
    { count: sum(({ lost }) => lost), what: "lost" },
    { count: sum(({ doubled }) => doubled), what: "doubled" },
  ].filter(({ count }) => count > 0);
  return [
    `${Math.round(cost.perSecond)} (${ms(cost.p95Ms)})`,
    ...faults.map(({ count, what }) => `${count} ${what}`),
  ].join(", ");
}

function stored(all: readonly Results[]): string {
  const requests = ["`GET /health`", "unchanged check", "check without ETag", "list of 50"];
  const cells = all.flatMap(({ script, stored }) =>
    stored.flatMap(({ count, rounds }) => {
      const isFirst = count === stored[0]?.count; // how much is stored does not matter to /health
      const costs = [
        isFirst ? rounds.map(({ health }) => health) : [],
        rounds.map(({ unchanged }) => unchanged),
        rounds.map(({ first }) => first),
        rounds.map(({ page }) => page),
      ];
      return costs.flatMap((each, request) => {
        if (each.length === 0) return [];
        const row = [requests[request] ?? "", count.toLocaleString("en")];
        return [{ script, row, order: request, text: ms(medianCost(each).p50Ms) }];
      });
    }),
  );
  cells.sort((a, b) => a.order - b.order);
  return besideEachOther("Checks and lists, p50 in ms", ["request", "stored"], all, cells);
}

function marks(all: readonly Results[]): string {
  const cells = all.flatMap(({ script, marks }) => {
    const measured = [
      ["one marked read", marks.map(({ mark }) => mark)],
      ["100 marked read at once", marks.flatMap(({ batch }) => batch ?? [])],
      ["one deleted", marks.map(({ remove }) => remove)],
    ] as const;
    return measured.flatMap(([what, costs]) =>
      costs.length === 0 ? [] : [{ script, row: [what], text: ms(medianCost(costs).p50Ms) }],
    );
  });
  return besideEachOther("Marks and deletes, p50 in ms", ["request"], all, cells);
}

function routes(all: readonly Results[]): string {
  const counted = all.flatMap(({ routes }) => routes);
  if (counted.length === 0) return "";
  const lines = counted.map(({ what, used }) => [what, `${round(used.calls)}`, rows(used), kv(used)]);
  const title = `What a request uses, with ${STORED_FOR_ROUTES.toLocaleString("en")} stored`;
  return table(title, ["request", "calls of the object", "rows read/written", "KV"], lines);
}

function lives(all: readonly Results[]): string {
  const measured = all.flatMap(({ lives }) => lives);
  if (measured.length === 0) return "";
  const columns = measured.map(({ together }) => ({ script: together === 1 ? "alone" : `one of ${together}` }));
  const cells = measured.flatMap(({ steps }, column) => {
    const whole = [...steps, { what: "**all of it**", used: lifeOf(steps) }];
    return whole.map(({ what, used }) => ({ script: columns[column]?.script ?? "", row: [what], text: rows(used) }));
  });
  return besideEachOther("The life of a message: rows read/written", ["what happens"], columns, cells);
}

interface Cell {
  /** The column. */
  readonly script: string;
  /** The first cells of its row, which tell the rows apart. */
  readonly row: readonly string[];
  readonly text: string;
}

/** A table with a column for each script that was measured. */
function besideEachOther(
  title: string,
  head: readonly string[],
  columns: readonly { readonly script: string }[],
  cells: readonly Cell[],
): string {
  const keys = [...new Map(cells.map(({ row }) => [row.join("\n"), row])).values()];
  const measured = columns.filter(({ script }) => cells.some((cell) => cell.script === script));
  const lines = keys.map((key) => [
    ...key,
    ...measured.map(({ script }) => {
      const cell = cells.find((each) => each.script === script && each.row.join("\n") === key.join("\n"));
      return cell?.text || "–";
    }),
  ]);
  return table(title, [...head, ...measured.map(({ script }) => script)], lines);
}

/** "28/0" */
function rows({ rowsRead, rowsWritten }: Counts): string {
  return `${round(rowsRead)}/${round(rowsWritten)}`;
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
