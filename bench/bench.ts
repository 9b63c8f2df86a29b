// npm run bench -- <name> [arguments]: runs one benchmark; without a name it lists them. Each needs a machine that does
// nothing else, and all but `source`, `transcript` and `pages` write their tables into docs/benchmarks.md.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

interface Benchmark {
  readonly what: string;
  /** It counts tokens with the real Claude Code client. */
  readonly needsClient?: true;
  readonly run: () => Promise<unknown>;
}

const INSTALL = fileURLToPath(new URL("../scripts/install.mjs", import.meta.url));

const BENCHMARKS: ReadonlyMap<string, Benchmark> = new Map<string, Benchmark>([
  [
    "start-up",
    {
      what: "what Photon adds to a session: start-up times, tokens",
      needsClient: true,
      run: () => import("./start-up/start-up.ts"),
    },
  ],
  ["bridge", { what: "the same load on several Workers, side by side", run: () => import("./bridge/load.ts") }],
  [
    "delivery",
    {
      what: "how soon every open session of another machine knows; memory; 500 sockets",
      run: () => import("./delivery/delivery.ts"),
    },
  ],
  [
    "handover",
    {
      what: "the Stop hook on long transcripts, a capsule of 10,000 files",
      run: () => import("./handover/handover.ts"),
    },
  ],
  [
    "encryption",
    { what: "what encryption adds to a send, a check, reading", run: () => import("./encryption/encryption.ts") },
  ],
  [
    "source",
    {
      what: "lines of source per room, at 0.5.0 and now, on the screen only",
      run: () => import("./source-lines/source-lines.ts"),
    },
  ],
  [
    "transcript",
    { what: "reading a long transcript, on the screen only", run: () => import("./transcript/reading.ts") },
  ],
  [
    "pages",
    {
      what: "sessions played with the real client, and their pages, into the folder given; for a person who scores them",
      needsClient: true,
      run: () => import("./pages/pages.ts"),
    },
  ],
]);

const [name] = process.argv.splice(2, 1); // what follows the name is the benchmark's own
const benchmark = BENCHMARKS.get(name ?? "");
if (benchmark === undefined) {
  const list = [...BENCHMARKS].map(([known, { what }]) => `  ${known.padEnd(12)}${what}`).join("\n");
  const problem = name === undefined ? "" : `There is no benchmark ${JSON.stringify(name)}.\n\n`;
  process.stderr.write(`${problem}Usage: npm run bench -- <name>\n\n${list}\n`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  if (benchmark.needsClient) installClient();
  await benchmark.run();
}

function installClient(): void {
  const { status } = spawnSync(process.execPath, [INSTALL, "--with-client"], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
