// npm run bench:delivery: how soon a session on another machine knows of a message, over both kinds of bridge, what that
// costs in a day, and what the sessions' servers need of memory. Into docs/benchmarks.md. About six minutes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../../client/api-client.ts";
import { type RunningBridge, startBridge } from "../../scripts/local-bridge.ts";
import { occasion, table, writeTables } from "../document.ts";
import { Machine } from "./machine.ts";
import { measureSockets } from "./sockets.ts";

const KEY = "bench-key-0123456789abcdef0123456789abcdef";

/** A line opens, or a poll begins, this long after a session's start at the latest. */
const WARM_UP_MS = 6_000;

const SESSIONS = 8;
const WAKES = 12;

/** Messages per bridge; over KV each waits half a minute at most. */
const SENDS = { live: 60, kv: 8 };

interface Delays {
  /** From the send to when every session of the machine can know of it, in milliseconds. */
  readonly known: number[];
  /** From then to the line at a prompt. */
  readonly prompt: number[];
}

const folder = mkdtempSync(join(tmpdir(), "photon delivery "));
try {
  const live = await measure("live", true);
  const kv = await measure("kv", false);
  const woken = await measureWakes();
  const sockets = await measureSockets(join(folder, "sockets"), KEY);
  const text = [
    `${occasion()}. Node ${process.versions.node} for the bridge; the bridge is on the same machine.`,
    "",
    table(
      "From a send on `mac` to a session on `pc`",
      ["what", "live bridge, p50", "p95", "KV, p50", "p95", "target"],
      [
        ["every session on `pc` can know of it", ...row(live.known), ...row(kv.known), "live p95 1,000; KV 60,000"],
        ["from then to the line at a prompt", ...row(live.prompt), ...row(kv.prompt), "15"],
        ["the line that wakes a session is with its client", ...row(woken.ms), "–", "–", "live p95 1,000"],
      ],
    ),
    "",
    table(
      `Memory of the servers of ${SESSIONS} sessions on one machine`,
      ["", "MB", "target"],
      [
        ["the leader, which has the line", live.residentMb[0]?.toFixed(0) ?? "", "90"],
        ["the largest of the others", Math.max(...live.residentMb.slice(1)).toFixed(0), "90"],
      ],
    ),
    "",
    `A wake says ${woken.line.length} characters, about ${Math.ceil(woken.line.length / 4)} tokens; the client's words around it are about as many.`,
    "",
    sockets,
  ].join("\n");
  process.stdout.write(`${text}\n`);
  writeTables("bench:delivery", text);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function measure(name: "live" | "kv", isLive: boolean) {
  const bridge = await startBridge({ port: 0, data: join(folder, `${name} bridge`), key: KEY, isLive });
  const pc = new Machine("pc", join(folder, name), bridge);
  try {
    for (let i = 0; i < SESSIONS; i++) await pc.openSession();
    await sleep(WARM_UP_MS);
    const delays = await delaysOf(pc, bridge, SENDS[name]);
    return { ...delays, residentMb: pc.residentMb() };
  } finally {
    await pc.end();
    await bridge.close();
  }
}

/** A wake is to be had every two minutes; so each is of another machine. */
async function measureWakes(): Promise<{ ms: number[]; line: string }> {
  const bridge = await startBridge({ port: 0, data: join(folder, "wake bridge"), key: KEY, isLive: true });
  const api = new ApiClient({ workerUrl: bridge.url, apiKey: bridge.key });
  const ms: number[] = [];
  let line = "";
  try {
    for (let i = 0; i < WAKES; i++) {
      const machine = new Machine(`pc${i}`, join(folder, "wakes"), bridge);
      const session = await machine.openSession({ isWoken: true });
      await session.call("prompt_hook", { session_id: "bench", prompt: "hi", permission_mode: "default" });
      await sleep(WARM_UP_MS / 2 + i * 70);
      const start = performance.now();
      await api.call("sendMessage", { body: { content: "hi", from: "mac", to: machine.name, kind: "task" } });
      for (line = ""; line === ""; line = machine.wakeLine()) {
        if (performance.now() - start > 30_000) throw new Error("Nobody was woken.");
        await sleep(2);
      }
      ms.push(performance.now() - start);
      await machine.end();
    }
    return { ms, line };
  } finally {
    await api.close();
    await bridge.close();
  }
}

async function delaysOf(pc: Machine, bridge: RunningBridge, count: number): Promise<Delays> {
  const api = new ApiClient({ workerUrl: bridge.url, apiKey: bridge.key });
  const delays: Delays = { known: [], prompt: [] };
  const listener = pc.servers.at(-1);
  if (!listener) throw new Error("No session is open.");
  for (let sent = 1; sent <= count; sent++) {
    // Not in step with anything that happens every second or every half minute.
    await sleep(300 + ((sent * 7_919) % 1_700));
    const start = performance.now();
    await api.call("sendMessage", { body: { content: `${sent}`, from: "mac", to: "pc" } });
    while (pc.knownUnread() < sent) {
      if (performance.now() - start > 90_000) throw new Error("It never came.");
      await sleep(5);
    }
    delays.known.push(performance.now() - start);
    const known = performance.now();
    const { text } = await listener.call("prompt_hook", { session_id: "bench", prompt: "hi" });
    delays.prompt.push(performance.now() - known);
    if (!text.includes("new")) throw new Error(`The prompt was not told: ${text}`);
  }
  await api.close();
  return delays;
}

function row(delays: readonly number[]): [string, string] {
  return [at(delays, 0.5), at(delays, 0.95)];
}

function at(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
