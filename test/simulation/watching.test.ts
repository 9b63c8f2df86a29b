import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { follow } from "../../cli/arrivals/follow.ts";
import { NewMessages } from "../../cli/arrivals/new-messages.ts";
import { PollingArrivals } from "../../cli/arrivals/polling-arrivals.ts";
import { ApiClient } from "../../client/api-client.ts";
import { isSetUp, loadConfig } from "../../client/config.ts";
import { Mailbox } from "../../client/mailbox.ts";
import { photonPaths } from "../../client/paths.ts";
import { PhotonError } from "../../client/photon-error.ts";
import { strictlyIncreasing } from "../../worker/ambient.ts";
import { createApp } from "../../worker/app.ts";
import type { Env } from "../../worker/env.ts";
import { Chance } from "./chance.ts";
import { Central, MODES, type Mode } from "./kv-double.ts";
import { seedRandomness } from "./seeded-randomness.ts";
import { VirtualTime } from "./virtual-time.ts";
import { WorkerDispatcher } from "./worker-dispatcher.ts";
import { addWhatNodeLacks } from "./world.ts";

const START_MS = Date.parse("2026-11-23T09:00:00.000Z");
const MINUTE_MS = 60_000;
const BUSY_MS = 90 * MINUTE_MS;
/** Longer than a reconcile and the slowest list together. */
const QUIET_MS = 20 * MINUTE_MS;
const THINK_MS = 40_000;
/** Of the messages; some are sent by the machine that watches, to everyone. */
const OWN_SHARE = 0.2;
const BROADCAST_SHARE = 0.4;
/** Of the answers of the Worker. */
const LOST_SHARE = 0.05;
/** A session on the machine that watches reads and marks what there is. */
const SESSION_EVERY_MS = 25_000;

interface Watched {
  readonly sent: ReadonlyMap<string, number>;
  readonly shown: readonly string[];
  readonly longestDelayMs: number;
}

/** The real polling and following of `photon watch`, against the real Worker in two places, on a KV that is behind. */
async function watch(seed: string, mode: Mode): Promise<Watched> {
  addWhatNodeLacks();
  const time = new VirtualTime(START_MS);
  const chance = new Chance(seed);
  const central = new Central({ chance, now: time.now, staleness: MODES[mode] });
  const endRandomness = seedRandomness(chance);
  const homes: string[] = [];
  let requests = 0;
  const wholeMs = () => Math.floor(time.now());

  const machine = (name: string, location: string) => {
    const bytes = chance.sequence(`random bytes ${location}`);
    const app = createApp({
      now: strictlyIncreasing(wholeMs),
      randomBytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(bytes() * 256)),
      randomId: () => crypto.randomUUID(),
    });
    const env: Env = { MESSAGES: central.edge(location), BRIDGE_API_KEY: "key" };
    const home = mkdtempSync(join(tmpdir(), "photon watched "));
    homes.push(home);
    const settings = {
      ...{ PHOTON_HOME: home, BRIDGE_WORKER_URL: "https://bridge.example", BRIDGE_API_KEY: "key" },
      ...{ BRIDGE_MACHINE_ID: name, BRIDGE_PROJECT: "photon" },
    };
    const paths = photonPaths(settings);
    const config = loadConfig({ env: settings, paths, folder: home });
    if (!isSetUp(config)) throw new Error("The simulated machine is not set up.");
    const dispatcher = new WorkerDispatcher(async (request) => {
      const response = await app.fetch(request, env);
      if (chance.of("lost", ++requests) < LOST_SHARE) throw new Error("The answer was lost.");
      return response;
    });
    const open = () => new Mailbox(config, paths, { api: new ApiClient(config, dispatcher), now: wholeMs });
    return { open, paths };
  };
  const mac = machine("mac", "FRA");
  const pc = machine("pc", "IAD").open();
  const [session, watching] = [mac.open(), mac.open()];

  const sent = new Map<string, number>();
  const next = chance.sequence("sending");
  const think = () => -Math.log(1 - next()) * THINK_MS;
  const turn = async () => {
    if (time.now() > START_MS + BUSY_MS) return;
    const isOwn = next() < OWN_SHARE;
    const to = isOwn || next() < BROADCAST_SHARE ? "*/photon" : "mac";
    const { id } = await (isOwn ? session : pc).send({ to, content: "x" });
    if (!isOwn) sent.set(id, time.now());
    time.after(think(), turn);
  };
  time.after(think(), turn);
  const flush = async () => {
    await pc.flush();
    await session.flush();
    time.after(MINUTE_MS, flush);
  };
  time.after(MINUTE_MS, flush);
  const readAll = async () => {
    try {
      const { messages } = await session.list({ unread: "true", limit: "100" });
      if (messages.length > 0) await session.markRead(messages.map(({ id }) => id));
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error;
    }
    time.after(SESSION_EVERY_MS, readAll);
  };
  time.after(SESSION_EVERY_MS, readAll);

  // Each pause gives the time back, and the time goes on when the next one begins.
  let pausing = () => {};
  const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      time.after(ms, () => {
        const paused = new Promise<void>((done) => {
          pausing = done;
        });
        resolve();
        return paused;
      });
      pausing();
    });
  const shown: string[] = [];
  let longestDelayMs = 0;
  const end = new AbortController();
  const following = (async () => {
    const began = new NewMessages(watching, { isOwnWanted: false, isWaitingWanted: false }, wholeMs);
    const arrivals = new PollingArrivals(watching, mac.paths, { now: wholeMs, pause });
    const silent = { whenAway: () => undefined, whenBack: () => undefined };
    for await (const { id } of follow({ arrivals, messages: began, interruption: end.signal, pause, ...silent })) {
      shown.push(id);
      longestDelayMs = Math.max(longestDelayMs, time.now() - (sent.get(id) ?? 0));
    }
  })();
  try {
    await Promise.race([
      new Promise<void>((done) => {
        pausing = done;
      }),
      following,
    ]);
    await time.runUntil(START_MS + BUSY_MS + QUIET_MS);
    end.abort(new Error("over"));
    await expect(following).rejects.toThrow("over");
    return { sent, shown, longestDelayMs };
  } finally {
    endRandomness();
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  }
}

describe("photon watch on an eventually consistent KV", () => {
  it.each(
    (["docs", "harsh", "beyond"] as const).flatMap((mode) => [1, 2].map((count) => [mode, `seed ${count}`] as const)),
  )("shows every message once, also those that a session reads first: %s, %s", async (mode, seed) => {
    const { sent, shown, longestDelayMs } = await watch(seed, mode);
    console.info(`${mode}, ${seed}: ${sent.size} messages, longest delay ${Math.round(longestDelayMs / 1000)} s`);
    expect(sent.size).toBeGreaterThan(60);
    expect([...shown].sort()).toEqual([...sent.keys()].sort());
  });
});
