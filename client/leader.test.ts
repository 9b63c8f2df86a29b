import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptedBridge } from "../test/support/scripted-bridge.ts";
import { loadConfig } from "./config.ts";
import { LEADER_TICK_MS, Leader } from "./leader.ts";
import { Mailbox } from "./mailbox.ts";
import { type Paths, photonPaths } from "./paths.ts";
import { readUnread } from "./unread-cache.ts";

let home: string;
let paths: Paths;
let bridge: ScriptedBridge;
let time: number;
const opened: Mailbox[] = [];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "photon leader "));
  paths = photonPaths({ PHOTON_HOME: home });
  bridge = await ScriptedBridge.start();
  time = Date.parse("2026-11-23T09:00:00.000Z");
});
afterEach(async () => {
  for (const mailbox of opened.splice(0)) await mailbox.close();
  await bridge.stop();
  rmSync(home, { recursive: true, force: true });
});

/** A session of this machine in a project. */
function session(project: string, env: Record<string, string> = {}) {
  const settings = {
    ...{ BRIDGE_WORKER_URL: bridge.url, BRIDGE_API_KEY: "key", BRIDGE_MACHINE_ID: "mac", BRIDGE_PROJECT: project },
    ...env,
  };
  const mailbox = new Mailbox(loadConfig({ env: settings, paths, folder: home }), paths, { now: () => time });
  opened.push(mailbox);
  return {
    mailbox,
    leader: new Leader(
      paths,
      () => mailbox,
      () => time,
    ),
  };
}

/** All sessions tick, several times. @returns who led at the last one */
async function pass(ms: number, ...sessions: { leader: Leader }[]): Promise<boolean[]> {
  let led: boolean[] = [];
  for (let end = time + ms; time < end; ) {
    time += LEADER_TICK_MS;
    led = [];
    for (const { leader } of sessions) led.push(await leader.tick());
  }
  return led;
}

const asked = (path: string) => bridge.requests.filter(({ url }) => url.startsWith(path)).map(({ url }) => url);

describe("the leader of a machine", () => {
  it("is one session, which asks for all of them every half minute", async () => {
    const sessions = [session("photon"), session("lamp"), session("photon"), session("lamp")];
    expect(await pass(10 * 60_000, ...sessions)).toEqual([true, false, false, false]);
    const perReader = (reader: string) => asked("/unread").filter((url) => url.includes(`mac%2F${reader}`)).length;
    expect([perReader("photon"), perReader("lamp")]).toEqual([20, 20]);
    expect(time - (readUnread(paths, "mac/lamp")?.fetchedAt ?? 0)).toBeLessThanOrEqual(30_000);
  });

  it("is another one at once when it ends, and within a minute when it hangs", async () => {
    const [a, b, c] = [session("photon"), session("photon"), session("photon")];
    await pass(30_000, a, b, c);
    a.leader.stop();
    expect(await pass(LEADER_TICK_MS, b, c)).toEqual([true, false]);
    expect(await pass(60_000, c)).toEqual([true]); // b does not tick any more
    expect(await pass(LEADER_TICK_MS, b, c)).toEqual([false, true]);
  });

  it("asks no more for a reader whose last session ended", async () => {
    const [a, b] = [session("photon"), session("lamp")];
    await pass(60_000, a, b);
    const before = asked("/unread").filter((url) => url.includes("lamp")).length;
    await pass(5 * 60_000, a);
    const after = asked("/unread").filter((url) => url.includes("lamp")).length;
    expect(after - before).toBeLessThanOrEqual(3);
  });

  it("of one bridge is not the leader of another, and asks for none of its readers", async () => {
    const other = await ScriptedBridge.start();
    const elsewhere = session("lamp", { BRIDGE_WORKER_URL: other.url });
    expect(await pass(60_000, session("photon"), elsewhere)).toEqual([true, true]);
    const readers = (at: ScriptedBridge) => new Set(at.requests.map(({ url }) => url.match(/reader=([^&]*)/)?.[1]));
    expect([...readers(bridge)].filter(Boolean)).toEqual(["mac%2Fphoton"]);
    expect([...readers(other)].filter(Boolean)).toEqual(["mac%2Flamp"]);
    await other.stop();
  });

  it("tells receipts when they have waited a minute, all at once", async () => {
    const { mailbox, leader } = session("photon");
    await pass(30_000, { leader });
    const ids = [bridge.receive({}).id, bridge.receive({}).id];
    mailbox.receipts.noteShown(ids.slice(0, 1));
    await pass(30_000, { leader });
    mailbox.receipts.noteShown(ids.slice(1));
    expect(asked("/messages/shown")).toEqual([]);
    await pass(30_000, { leader });
    expect(bridge.requests.filter(({ url }) => url === "/messages/shown").map(({ body }) => JSON.parse(body))).toEqual([
      { reader: "mac", ids },
    ]);
  });

  it("tells of what the bridge does not have any more a few times only", async () => {
    const { mailbox, leader } = session("photon");
    await pass(30_000, { leader });
    const { id } = bridge.receive({});
    mailbox.receipts.noteShown([id]);
    await bridge.stop();
    await mailbox.markRead([id]);
    await bridge.restart();
    bridge.messages = [];
    await pass(10 * 60_000, { leader });
    expect(asked("/messages/read").length).toBeGreaterThan(0);
    expect(asked("/messages/read").length).toBeLessThanOrEqual(4);
  });

  it("tries ever more seldom while the bridge is away, and delivers when it is back", async () => {
    const { mailbox, leader } = session("photon");
    await bridge.stop();
    await mailbox.send({ content: "late" });
    await pass(30 * 60_000, { leader });
    expect(mailbox.waiting).toBe(1);
    await bridge.restart();
    await pass(5 * 60_000, { leader });
    expect(mailbox.waiting).toBe(0);
    expect(bridge.messages).toMatchObject([{ content: "late" }]);
  });

  it("goes on asking while sending fails", async () => {
    const { mailbox, leader } = session("photon");
    const waiting = mailbox.send({ content: "x".repeat(100) });
    await waiting;
    await bridge.stop();
    await mailbox.send({ content: "waits" });
    await bridge.restart();
    time -= LEADER_TICK_MS; // the pause of the failed send is not over at the next tick
    await pass(LEADER_TICK_MS, { leader });
    expect(asked("/unread")).toHaveLength(1);
  });

  it("does nothing on a disk that takes nothing, and on a machine that is not set up", async () => {
    const { leader } = session("photon", { BRIDGE_WORKER_URL: "" });
    expect(await pass(LEADER_TICK_MS, { leader })).toEqual([false]);
    const full = session("photon");
    rmSync(home, { recursive: true });
    const blocked = new Leader(
      { ...paths, readers: "/dev/null/readers" },
      () => full.mailbox,
      () => time,
    );
    expect(await pass(LEADER_TICK_MS, { leader: blocked })).toEqual([false]);
    expect(bridge.requests).toEqual([]);
  });
});
