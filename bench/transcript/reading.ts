// node bench/transcript/reading.ts: prints the cost of reading a long transcript, compared with an empty process.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { usersNode } from "../../scripts/users-node.ts";
import { median } from "../start-up/measure.ts";
import { writeLongTranscript } from "./long-transcript.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MEGABYTES = [0.1, 5, 50];
const { rounds } = parseArgs({ options: { rounds: { type: "string", default: "10" } } }).values;

const PROGRAM = `
  import { factsFromTranscript, mayHoldFacts } from "./handover/transcript/facts-from-transcript.ts";
  import { transcriptLines } from "./handover/reading/read-transcript.ts";
  factsFromTranscript(transcriptLines(process.argv[2], mayHoldFacts));
`;
/** Prints the peak memory in KB. Other sources of this figure also count the parent's memory. */
const PEAK = `process.on("exit", () => {
  const [, kilobytes] = /VmHWM:\\s+(\\d+)/.exec(require("node:fs").readFileSync("/proc/self/status", "utf8"));
  console.log(kilobytes);
});`;

const folder = mkdtempSync(join(tmpdir(), "photon-bench-"));
try {
  const program = join(folder, "program.cjs");
  const stdin = { contents: PROGRAM, resolveDir: ROOT, loader: "ts" as const };
  const built = await build({ stdin, bundle: true, platform: "node", target: "node20", format: "cjs", write: false });
  writeFileSync(program, `${PEAK}\n${built.outputFiles[0]?.text}`);
  const cases = [
    { name: "node -e 0", args: ["-e", PEAK] },
    ...MEGABYTES.map((megabytes) => {
      const transcript = join(folder, `${megabytes}.jsonl`);
      writeLongTranscript(transcript, megabytes * 1e6);
      return { name: `${megabytes} MB`, args: [program, transcript] };
    }),
  ].map((one) => ({ ...one, ms: [] as number[], kilobytes: [] as number[] }));

  for (let round = 0; round <= Number(rounds); round++) {
    for (const { args, ms, kilobytes } of cases) {
      const start = performance.now();
      const { stdout, status } = spawnSync(usersNode(), args, { encoding: "utf8", env: {} });
      const took = performance.now() - start;
      if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}.`);
      if (round === 0) continue; // fills the system's file cache
      ms.push(took);
      kilobytes.push(Number(stdout));
    }
  }
  const nothing = median(cases[0]?.ms ?? []);
  for (const { name, ms, kilobytes } of cases) {
    const more = (median(ms) - nothing).toFixed(0);
    console.log(`${name.padEnd(10)} ${median(ms).toFixed(0)} ms, ${more} ms more; ${peak(kilobytes)} MB at most`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function peak(kilobytes: readonly number[]): string {
  return (Math.max(...kilobytes) / 1024).toFixed(0);
}
