import { readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, totalmem, type } from "node:os";
import manifest from "../package.json" with { type: "json" };
import type { Case } from "./cases.ts";
import type { Size } from "./sizes.ts";
import type { Tokens } from "./tokens.ts";
import { UNREAD } from "./world.ts";

export interface Report {
  readonly rounds: number;
  /** "Node 20.20.2", in the order of the medians. */
  readonly nodes: readonly string[];
  readonly cases: readonly Case[];
  /** Milliseconds, by case, then by Node. */
  readonly medians: readonly (readonly number[])[];
  readonly sizes: readonly Size[];
  readonly tokens: Tokens;
}

const BEGIN = "<!-- begin: written by npm run bench -->";
const END = "<!-- end -->";

/** Puts the tables between the marks of the document; the words around them stay. */
export function writeReport(file: string, report: Report): void {
  const document = readFileSync(file, "utf8");
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${file} has no place for the tables.`);
  const tables = [machine(report), times(report), tokens(report.tokens), sizes(report.sizes)].join("\n\n");
  writeFileSync(file, `${document.slice(0, begin)}${BEGIN}\n${tables}\n${document.slice(end)}`);
}

function machine({ rounds, nodes, tokens: { client } }: Report): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const computer = `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory} GB, ${type()} ${arch()}`;
  const day = new Date().toISOString().slice(0, 10);
  return `Photon ${manifest.version}, ${day}. ${computer}; ${nodes.join(" and ")}; ${client}. Median of ${rounds} runs, in milliseconds.`;
}

function times({ nodes, cases, medians }: Report): string {
  const rows = cases.map(({ what, baseline, budget }, c) => {
    const base = cases.findIndex((each) => each.what === baseline);
    const cells = nodes.map((_, n) => {
      const ms = medians[c]?.[n] ?? Number.NaN;
      const reference = medians[base]?.[n];
      return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}${reference ? ` (× ${(ms / reference).toFixed(1)})` : ""}`;
    });
    return [what, ...cells, budget ?? ""];
  });
  return table("Start-up", ["what runs", ...nodes, "budget"], rows);
}

function tokens(measured: Tokens): string {
  const { alwaysOn, tools, toolCount, instructions, startEmpty, startFull } = measured;
  return table(
    "Context",
    ["what Claude is given", "tokens", "budget"],
    [
      ["In every session, by the client's own count (`claude plugin details`)", `${alwaysOn}`, "150"],
      [`The definitions of the ${toolCount} tools, loaded when they are needed`, `${tools}`, "1,500"],
      ["The server's instructions", `${instructions}`, "150"],
      ["At the start of a session, nothing unread", `${startEmpty}`, "0"],
      [`At the start of a session, ${UNREAD} unread from seven machines`, `${startFull}`, "200"],
    ],
  );
}

function sizes(files: readonly Size[]): string {
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(bytes < 102_400 ? 1 : 0)} KB`;
  return table(
    "Size",
    ["file in dist/", "size", "compressed", "budget"],
    files.map(({ file, bytes, gzipBytes }) => [
      file,
      kilobytes(bytes),
      kilobytes(gzipBytes),
      file.startsWith("hooks/") ? "40 KB" : "",
    ]),
  );
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const align = head.map((_, index) => (index === 0 ? "---" : "---:"));
  return [`### ${title}`, "", line(head), line(align), ...rows.map(line)].join("\n");
}
