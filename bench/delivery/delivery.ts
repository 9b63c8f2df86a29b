// npm run bench -- delivery: measures how soon every open session of another machine knows of a message, what that costs per
// day on the free plan, and the memory of the sessions' servers. Writes docs/benchmarks.md. Takes about six minutes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RealBridge } from "../../test/support/real-bridge.ts";
import { ours } from "../bridge/contestants.ts";
import { measureLife } from "../bridge/message-life.ts";
import { runIn, withScript } from "../bridge/with-script.ts";
import { occasion, table, writeTables } from "../document.ts";
import { measureDelays, WARM_UP_MS } from "./delays.ts";
import { dayTables } from "./free-plan-day.ts";
import { bridgeOf, Machine } from "./machine.ts";
import { measureUse } from "./measure-use.ts";
import { measureSockets, SOCKETS } from "./sockets.ts";

const SESSIONS = 8;
const WAKES = 12;

/** p95, from the send until every session knows. */
const MAX_KNOWN_MS = 100;
const MAX_RESIDENT_MB = 70;

const folder = mkdtempSync(join(tmpdir(), "photon delivery "));
const contestant = await ours();
const { script } = contestant;
try {
  progress("memory of a session alone");
  const alone = await measureMemory();
  progress("delays");
  const { known, prompt, residentMb } = await measureDelays(script, folder, SESSIONS);
  progress("wakes");
  const woken = await measureWakes();
  progress("sockets");
  const sockets = await withScript(script, 1, (running) => measureSockets(bridgeOf(running)));
  progress("usage of the sessions per day");
  const day = dayTables({
    many: await measureUse(script, join(folder, "many"), { machines: 3, sessions: SESSIONS }),
    few: await measureUse(script, join(folder, "few"), { machines: 2, sessions: 1 }),
    alone: await measureLife(contestant, 1),
    together: await measureLife(contestant, 20),
  });
  const text = [
    `${occasion()}. Node ${process.versions.node} for the bridge.`,
    "",
    table(
      `From a send on \`mac\` to the ${SESSIONS} sessions on \`pc\``,
      ["what", "p50 ms", "p95 ms", "target"],
      [
        ["the last session of `pc` knows", ...row(known), `p95 ${MAX_KNOWN_MS}`],
        ["from then to the line at a prompt", ...row(prompt), "15"],
        ["the line that wakes a session is ready for its mod", ...row(woken.ms), "p95 1,000"],
      ],
    ),
    "",
    table(
      "Memory of a session's server with its socket",
      ["", "MB", "target"],
      [
        ["one session alone", alone.toFixed(0), `${MAX_RESIDENT_MB}`],
        [`of ${SESSIONS}, the largest`, Math.max(...residentMb).toFixed(0), `${MAX_RESIDENT_MB}`],
        [`all ${SESSIONS} together`, residentMb.reduce((sum, mb) => sum + mb, 0).toFixed(0), "–"],
      ],
    ),
    "",
    `The line that wakes a session has about ${Math.ceil(woken.line.length / 4)} tokens; the client adds about as many.`,
    "",
    table(
      `${SOCKETS} sockets on one bridge, ${sockets.messages} messages to everyone`,
      ["", "ms"],
      [
        ["until all are open and signalled once", at([sockets.openedMs], 0.5)],
        ["from a send until the last was signalled, p50", at(sockets.delaysMs, 0.5)],
        ["the longest", at(sockets.delaysMs, 1)],
        ["sockets signalled twice or not at all", String(sockets.wrong)],
      ],
    ),
    "",
    day,
  ].join("\n");
  process.stdout.write(`${text}\n`);
  writeTables("delivery", text);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function progress(part: string): void {
  process.stderr.write(`${Math.round(performance.now() / 1000)} s  ${part}\n`);
}

/** The memory of a single session with its socket. @returns MB */
function measureMemory(): Promise<number> {
  return runIn(join(folder, "memory bridge"), script, 1, async (running) => {
    const machine = Machine.withSharedKey("pc", join(folder, "memory"), bridgeOf(running));
    await machine.openSession();
    await sleep(WARM_UP_MS);
    const [mb = Number.NaN] = machine.residentMb();
    await machine.end();
    return mb;
  });
}

/** A machine is woken at most every two minutes, so each wake uses another one. */
async function measureWakes(): Promise<{ ms: number[]; line: string }> {
  const bridge = await RealBridge.start();
  const ms: number[] = [];
  let line = "";
  try {
    const mac = await bridge.member("mac");
    for (let i = 0; i < WAKES; i++) {
      // Only a message with a valid signature wakes a session.
      const { env } = await bridge.member(`pc${i}`, { by: mac });
      const machine = new Machine(`pc${i}`, env);
      const session = await machine.openSession({ isWoken: true });
      await machine.prompt(session);
      await sleep(WARM_UP_MS / 2 + i * 70);
      const start = performance.now();
      await mac.mailbox.outbox.send({ content: "hi", to: machine.name, kind: "task" });
      for (line = ""; line === ""; line = await machine.wakeText(session)) {
        if (performance.now() - start > 30_000) throw new Error("No session was woken.");
        await sleep(2);
      }
      ms.push(performance.now() - start);
      await machine.end();
    }
    return { ms, line };
  } finally {
    await bridge.stop();
  }
}

function row(delays: readonly number[]): [string, string] {
  return [at(delays, 0.5), at(delays, 0.95)];
}

function at(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
