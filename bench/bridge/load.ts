// npm run bench -- bridge [-- <script>…]: runs the same load against Worker scripts. Without a path it compares this Worker,
// both stores of 0.5.0 and the predecessor's design, and writes docs/benchmarks.md; with paths it compares this Worker with
// those scripts and only prints. Exits 1 if this Worker misses a target that does not depend on the machine.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeTables } from "../document.ts";
import { type Contestant, otherContestant, ours, ownContestants } from "./contestants.ts";
import { report } from "./report.ts";
import { runLoads } from "./results.ts";
import { verdicts } from "./targets.ts";

const { values: options, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: {
    /** For scripts whose configuration lacks them: the KV binding and the variable with the key. */
    kv: { type: "string" },
    secret: { type: "string" },
  },
});

const start = performance.now();
const results = await runLoads(await contestants(), (text) => process.stderr.write(`${seconds()} s  ${text}\n`));
const judged = verdicts(results);
const text = report(results, judged);
process.stdout.write(`${text}\n`);
process.stderr.write(`${seconds()} s\n`);

const missed = judged.filter(({ isMet, isEnforced }) => isEnforced && !isMet);
const failures = results[0]?.failures ?? ["Nothing was measured."];
if (missed.length > 0 || failures.length > 0) {
  const reasons = [...missed.map(({ target, measured }) => `${target}: ${measured}`), ...failures];
  process.stderr.write(`Failed:\n${reasons.join("\n")}\n`);
  process.exitCode = 1;
} else if (paths.length === 0) {
  writeTables("bridge", text);
}

async function contestants(): Promise<Contestant[]> {
  if (paths.length > 0) {
    const all = [await ours()];
    for (const path of paths) all.push(await otherContestant(path, options));
    return all;
  }
  const folder = mkdtempSync(join(tmpdir(), "photon-earlier-"));
  try {
    return await ownContestants(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seconds(): number {
  return Math.round((performance.now() - start) / 1000);
}
