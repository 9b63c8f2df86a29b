import { occasion, table } from "../document.ts";
import type { Case } from "./cases.ts";
import type { Tokens } from "./tokens.ts";
import { UNREAD } from "./world.ts";

export interface Report {
  readonly rounds: number;
  /** "Node 20.20.2", in the order of the medians. */
  readonly nodes: readonly string[];
  readonly cases: readonly Case[];
  /** Milliseconds by case, then by Node. */
  readonly medians: readonly (readonly number[])[];
  readonly tokens: Tokens;
}

/** The tables, as Markdown. */
export function report(measured: Report): string {
  const { rounds, nodes, tokens: counted } = measured;
  const conditions = `${occasion()}; ${nodes.join(" and ")}; ${counted.client}. Median of ${rounds} runs, in milliseconds.`;
  return [conditions, times(measured), tokens(counted)].join("\n\n");
}

function times({ nodes, cases, medians }: Report): string {
  const rows = cases.map(({ what, baseline, budget }, c) => {
    const base = cases.findIndex((each) => each.what === baseline);
    const cells = nodes.map((_, n) => {
      const ms = medians[c]?.[n] ?? Number.NaN;
      const reference = medians[base]?.[n];
      return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}${reference ? ` (${(ms / reference).toFixed(1)}×)` : ""}`;
    });
    return [what, ...cells, budget ?? ""];
  });
  return table("Start-up", ["what runs", ...nodes, "budget"], rows);
}

function tokens(measured: Tokens): string {
  const { alwaysOn, tools, toolCount, instructions, startEmpty, startFull } = measured;
  return table(
    "Context",
    ["what Claude receives", "tokens", "budget"],
    [
      ["In every session, by `claude plugin details`", `${alwaysOn}`, "150"],
      [`The definitions of the ${toolCount} tools, loaded on demand`, `${tools}`, "1,500"],
      ["The server's instructions", `${instructions}`, "150"],
      ["At the start of a session, nothing unread", `${startEmpty}`, "0"],
      [`At the start of a session, ${UNREAD} unread from seven machines`, `${startFull}`, "200"],
    ],
  );
}
