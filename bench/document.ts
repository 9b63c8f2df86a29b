import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };

const DOCUMENT = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));
const END = "<!-- end -->";

/**
 * Writes the tables of a command (`bench`) between its marks in docs/benchmarks.md. The text around them stays.
 *
 * @throws if the marks are missing
 */
export function writeTables(benchmark: string, tables: string): void {
  const document = readFileSync(DOCUMENT, "utf8");
  const mark = `<!-- begin: written by npm run bench -- ${benchmark} -->`;
  const begin = document.indexOf(mark);
  const end = document.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new Error(`${DOCUMENT} has no place for the tables of ${benchmark}.`);
  writeFileSync(DOCUMENT, `${document.slice(0, begin)}${mark}\n${tables}\n${document.slice(end)}`);
}

/** What was measured, when and where. */
export function occasion(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const computer = `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory} GB, ${type()} ${process.arch}`;
  return `Photon ${manifest.version}, ${new Date().toISOString().slice(0, 10)}. ${computer}`;
}

/** A Markdown table. Columns with only figures are aligned to the right, except the first. */
export function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `|${cells.join("|")}|`;
  const isFigure = (text = "") => /^([–\d][^a-z]*( ms)?)?$/.test(text);
  const align = head.map((_, column) => (column > 0 && rows.every((row) => isFigure(row[column])) ? "---:" : "---"));
  return [`### ${title}`, "", line(head), line(align), ...rows.map(line)].join("\n");
}
