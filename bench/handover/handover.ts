import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { usersNode } from "../../scripts/users-node.ts";
import { measureCapsule } from "../capsule/measure.ts";
import { measureConversation } from "../conversation/measure.ts";
import { occasion, table, writeTables } from "../document.ts";
import { runToEnd } from "../start-up/measure.ts";
import { writeLongTranscript } from "../transcript/long-transcript.ts";

/** Sizes of transcripts in bytes. A session of a whole day has about 50 MB. */
const SIZES = [100_000, 5_000_000, 50_000_000];
const ROUNDS = 15;
const BUDGET_MS = 150;

const STOP = fileURLToPath(new URL("../../dist/hooks/stop.cjs", import.meta.url));

// The end of a turn with longer and longer transcripts, compared with starting Node; a capsule, compared with git; and a
// conversation, compared with gzip.
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
  const transcripts = SIZES.map((bytes) => {
    const path = join(home, `${bytes}.jsonl`);
    writeLongTranscript(path, bytes, { cwd: project });
    return { path, megabytes: (statSync(path).size / 1e6).toFixed(1) };
  });
  const cases: { what: string; args: string[]; stdin: string; times: number[] }[] = [
    { what: "`node -e 0`", args: ["-e", "0"], stdin: "", times: [] },
    ...transcripts.map(({ path, megabytes }) => ({
      what: `Stop, a transcript of ${megabytes} MB`,
      args: [STOP],
      stdin: JSON.stringify({
        hook_event_name: "Stop",
        session_id: `s-${megabytes}`,
        transcript_path: path,
        cwd: project,
      }),
      times: [],
    })),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { args, stdin, times } of cases)
      times.push((await runToEnd({ node, args, env, cwd: project }, stdin)).ms);
  }
  const bare = median(cases[0]?.times ?? []);
  const rows = cases.map(({ what, times }, index) => {
    const ms = median(times);
    return [what, ms.toFixed(0), index === 0 ? "" : (ms - bare).toFixed(0), index === 0 ? "" : String(BUDGET_MS)];
  });
  return table("The end of a turn", ["what runs", "ms", "over Node's start", "budget"], rows);
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
