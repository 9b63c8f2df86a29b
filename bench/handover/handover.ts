import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { usersNode } from "../../scripts/users-node.ts";
import { measureCapsule } from "../capsule/measure.ts";
import { measureConversation } from "../conversation/measure.ts";
import { occasion, table, writeTables } from "../document.ts";
import { runToEnd } from "../start-up/measure.ts";
import { writeLongTranscript } from "../transcript/long-transcript.ts";

/** Sizes of transcripts in bytes, and how much more than Node's start a Stop may take. A whole day has about 50 MB. */
const SIZES = [
  { bytes: 1_000_000, budgetMs: 60 },
  { bytes: 5_000_000, budgetMs: 60 },
  { bytes: 50_000_000, budgetMs: 150 },
];
const ROUNDS = 15;

const STOP = fileURLToPath(new URL("../../dist/hooks/stop.cjs", import.meta.url));

// The end of a turn with longer and longer transcripts, read for the first time and then a turn later, compared with
// starting Node; a capsule, compared with git; and a conversation, compared with gzip.
const home = mkdtempSync(join(tmpdir(), "photon bench "));
try {
  writeTables(
    "handover",
    [occasionLine(), await stopTable(), await capsuleTable(), await conversationTable()].join("\n\n"),
  );
} finally {
  rmSync(home, { recursive: true, force: true });
}

function occasionLine(): string {
  return `${occasion()}. Medians of ${ROUNDS} rounds.`;
}

async function stopTable(): Promise<string> {
  const project = join(home, "project");
  mkdirSync(project);
  execFileSync("git", ["init", "-q"], { cwd: project });
  const node = usersNode();
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    PHOTON_HOME: join(home, "photon"),
    CLAUDE_PROJECT_DIR: project,
  };
  const bare: Case = { what: "`node -e 0`", budget: "", times: [] };
  const sizes = SIZES.map(({ bytes, budgetMs }) => {
    const path = join(home, `${bytes}.jsonl`);
    const begin = writeLongTranscript(path, bytes, { cwd: project });
    const turn = readFileSync(path).subarray(begin);
    const megabytes = (statSync(path).size / 1e6).toFixed(1);
    const first: Case = { what: `Stop: all ${megabytes} MB`, budget: "", times: [] };
    const what = `Stop: last ${(turn.length / 1e6).toFixed(1)} of ${megabytes} MB`;
    return { path, begin, turn, first, next: { what, budget: String(budgetMs), times: [] } satisfies Case };
  });
  const run = async ({ times }: Case, args: string[], stdin: string) =>
    times.push((await runToEnd({ node, args, env, cwd: project }, stdin)).ms);
  for (let round = 0; round < ROUNDS; round++) {
    await run(bare, ["-e", "0"], "");
    for (const { path, begin, turn, first, next } of round % 2 === 0 ? sizes : [...sizes].reverse()) {
      const event = { hook_event_name: "Stop", session_id: `s-${begin}`, transcript_path: path, cwd: project };
      truncateSync(path, begin); // then it is shorter than what was read, so that all of it is read
      await run(first, [STOP], JSON.stringify(event));
      appendFileSync(path, turn);
      await run(next, [STOP], JSON.stringify(event));
    }
  }
  const rows = [bare, ...sizes.flatMap(({ first, next }) => [first, next])].map((one) => {
    const over = one === bare ? "" : (median(one.times) - median(bare.times)).toFixed(0);
    return [one.what, median(one.times).toFixed(0), over, one.budget];
  });
  return table("The end of a turn", ["what runs", "ms", "over Node's start", "budget"], rows);
}

interface Case {
  readonly what: string;
  readonly budget: string;
  /** In milliseconds. */
  readonly times: number[];
}

async function capsuleTable(): Promise<string> {
  const { files, changed, buildMs, withoutScanMs, diffMs, addAndDiffMs, bytes } = await measureCapsule();
  const row = (what: string, ms: number) => [what, ms.toFixed(0), `${(ms / addAndDiffMs).toFixed(1)} ×`];
  return table(
    `A capsule: ${files} files, ${changed} changed, ${bytes} bytes on the wire`,
    ["what runs", "ms", "of git alone"],
    [
      row("git alone: `add -A` and `diff --cached --binary`, in a copy", addAndDiffMs),
      row("`git diff --binary`, without new files", diffMs),
      row("the capsule, with the secret scan", buildMs),
      row("the capsule without the secret scan", withoutScanMs),
    ],
  );
}

async function conversationTable(): Promise<string> {
  const { bytes, packedBytes, gzipBytes, buildMs, placeMs, gzipMs } = await measureConversation();
  const row = (what: string, ms: number) => [what, ms.toFixed(0), `${(ms / gzipMs).toFixed(1)} ×`];
  const megabytes = (size: number) => `${(size / 1e6).toFixed(1)} MB`;
  return table(
    `A conversation of ${megabytes(bytes)}: ${megabytes(packedBytes)} on the wire, with gzip alone ${megabytes(gzipBytes)}`,
    ["what runs", "ms", "of gzip alone"],
    [
      row("`JSON.parse` of every line and gzip of the file", gzipMs),
      row("sending: choosing, masking, neutral paths, gzip", buildMs),
      row("receiving: choosing again, this machine's paths, writing", placeMs),
    ],
  );
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
