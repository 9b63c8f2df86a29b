// npm run bench:bridge [-- <script>…]: the same load against Worker scripts, side by side. Without a path ours and the
// obvious design, into docs/benchmarks.md; with paths ours and those, on the screen only. Ends with 1 when ours misses a
// target that does not depend on the machine.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeTables } from "../document.ts";
import { KEY } from "./loads.ts";
import { report } from "./report.ts";
import { runLoads } from "./results.ts";
import { loadScript } from "./script.ts";
import { verdicts } from "./targets.ts";

const { values: options, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: {
    /** Of the scripts given, where their configuration does not say it: the binding of KV, the variable of the key. */
    kv: { type: "string" },
    secret: { type: "string" },
  },
});

const start = performance.now();
const scripts = [await loadScript(fileOf("../../worker/index.ts"), KEY, { name: "Photon" })];
if (paths.length === 0) scripts.push(await loadScript(fileOf("index-worker.ts"), KEY, { name: "one `index` key" }));
for (const path of paths) scripts.push(await loadScript(path, KEY, options));

const results = await runLoads(scripts, (text) => process.stderr.write(`${seconds()} s  ${text}\n`));
const [ours] = results;
if (!ours) throw new Error("Nothing was measured.");
const judged = verdicts(ours);
const text = report(results, judged);
process.stdout.write(`${text}\n`);
process.stderr.write(`${seconds()} s\n`);

const missed = judged.filter(({ isMet, isEnforced }) => isEnforced && !isMet);
if (missed.length > 0 || ours.failures.length > 0) {
  const reasons = [...missed.map(({ target, measured }) => `${target}: ${measured}`), ...ours.failures];
  process.stderr.write(`Failed:\n${reasons.join("\n")}\n`);
  process.exitCode = 1;
} else if (paths.length === 0) {
  writeTables("bench:bridge", text);
}

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

function seconds(): number {
  return Math.round((performance.now() - start) / 1000);
}
