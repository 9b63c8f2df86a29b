import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backOff } from "../../client/bridge/backoff.ts";
import { saveMachines } from "../../client/machines/machines-cache.ts";
import { enqueue, outboxLength } from "../../client/mail/outbox-folder.ts";
import { readSession } from "../../client/sessions/session-state.ts";
import { ScriptedBridge } from "../../test/support/scripted-bridge.ts";
import { macEnv } from "../../test/support/server-process.ts";
import { ServerContext } from "../context.ts";
import { MailWatch } from "./mail-watch.ts";

const ASK_EVERY_MS = 30_000;

let home: string;
let bridge: ScriptedBridge;
let context: ServerContext;
let watch: MailWatch;
/** How many messages were unread, each time the listeners were told. */
let told: number[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  home = mkdtempSync(join(tmpdir(), "photon watch "));
  bridge = await ScriptedBridge.start();
  context = new ServerContext({ env: macEnv(home, bridge.url), folder: home });
  watch = new MailWatch(context);
  told = [];
  context.mail.listen(({ unread }) => told.push(unread));
});
afterEach(async () => {
  await watch.stop();
  vi.clearAllTimers();
  vi.useRealTimers();
  await context.mailbox.close();
  await bridge.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const checks = () => bridge.requests.filter(({ url }) => url.startsWith("/unread")).length;
const kept = () => readSession(context.paths, "session-1");

/** Half a minute passes; what it set off reaches the bridge and comes back, as far as `isDone` says. */
async function halfAMinuteLater(isDone: () => boolean = () => true) {
  vi.advanceTimersByTime(ASK_EVERY_MS);
  await until(isDone);
  await settled();
}

/** Waits in real time, without moving the false clock (which `vi.waitFor` would). */
async function until(isDone: () => boolean) {
  for (const start = performance.now(); !isDone(); await setImmediate()) {
    if (performance.now() - start > 5_000) throw new Error("It did not happen.");
  }
}

/** Long enough for a loopback answer that nobody can wait for, because it must not come. */
async function settled() {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
}

describe("a session with a socket", () => {
  beforeEach(() => {
    bridge.opensSockets = true;
  });

  it("learns instantly what the bridge signals, tells its listeners, and asks nothing without a change", async () => {
    bridge.receive({});
    watch.promptCame(); // opens the socket at once, which the start of a session leaves for later
    await until(() => context.mail.last?.summary.unread === 1);
    bridge.receive({});
    await bridge.heard();
    expect(context.mail.last?.summary.unread).toBe(2);
    for (let half = 1; half <= 20; half++) await halfAMinuteLater();
    expect([told, checks()]).toEqual([[1, 2], 0]);
    expect(context.mail.within(1_000)?.unread).toBe(2); // however old: the bridge would have said that it changed
  });

  it("sends the outbox as soon as the socket opens, despite the backoff", async () => {
    const { paths } = context;
    enqueue(
      paths,
      { id: "10000000-0000-4000-8000-000000000001", content: "hi", from: "mac/photon", to: "pc" },
      { workerUrl: null, mustEncrypt: false },
    );
    for (let failures = 0; failures < 9; failures++) backOff(paths, "sending", undefined);
    watch.promptCame();
    await until(() => outboxLength(paths, null) === 0);
  });

  it("does not call its listeners without a change", async () => {
    bridge.receive({});
    watch.promptCame();
    await until(() => told.length === 1);
    bridge.signal();
    await bridge.heard();
    expect([told, checks()]).toEqual([[1], 0]);
  });

  it("writes the unread count and how it learns of mail to the session's file, also after `/clear`", async () => {
    bridge.receive({});
    bridge.receive({ from: "mac/photon", to: "mac/photon", session: "after-clear" });
    context.hasMod = true;
    watch.promptCame();
    await until(() => kept().unread === 2 && kept().live !== null);
    expect(kept().live).toEqual({
      how: "live",
      since: Date.now(),
      pid: process.pid,
      reader: "mac/photon",
      workerUrl: bridge.url,
      hasMod: true,
    });
    context.enterSession("after-clear");
    watch.promptCame();
    expect(readSession(context.paths, "after-clear")).toMatchObject({ unread: 1, live: { how: "live" } });
  });

  it("opens a new socket after the settings changed, and forgets the old summary", async () => {
    bridge.receive({});
    const other = await ScriptedBridge.start();
    other.opensSockets = true;
    const { BRIDGE_WORKER_URL: _, BRIDGE_API_KEY: __, ...env } = macEnv(home, "");
    const settings = (workerUrl: string) => ({ workerUrl, apiKey: "test-key" });
    context = new ServerContext({ env, folder: home });
    writeFileSync(context.paths.config, JSON.stringify(settings(bridge.url)));
    watch = new MailWatch(context);
    watch.promptCame();
    await until(() => context.mail.last?.summary.unread === 1);
    writeFileSync(context.paths.config, `${JSON.stringify(settings(other.url))}\n`);
    vi.advanceTimersByTime(15_000);
    await until(() => other.openSockets === 1 && context.mail.last?.summary.unread === 0);
    await until(() => bridge.openSockets === 0);
    await other.stop();
  });
});

describe("a session for which no socket can be opened", () => {
  // Known already, so that the hourly question about machines does not set off the backoff first.
  beforeEach(() => saveMachines(context.paths, []));

  it("polls immediately and every 30 seconds, and writes that to the session's file", async () => {
    watch.promptCame();
    await until(() => checks() === 1);
    for (let asked = 2; asked <= 10; asked++) await halfAMinuteLater(() => checks() === asked);
    await until(() => kept().live?.how === "polling");
  });

  it("asks at a prompt only if the last answer is older than 35 seconds", async () => {
    watch.promptCame();
    await until(() => context.mail.last !== null);
    await settled();
    vi.setSystemTime(Date.now() + 35_000);
    watch.promptCame();
    await settled();
    expect(checks()).toBe(1);
    vi.setSystemTime(Date.now() + 1);
    watch.promptCame();
    await until(() => checks() === 2);
  });

  it("waits as long as the bridge asks for", async () => {
    bridge.behaviour = "has spent its quota"; // Retry-After: 60
    watch.promptCame();
    await until(() => checks() === 1);
    await settled();
    vi.advanceTimersByTime(59_000);
    watch.promptCame();
    await settled();
    expect(checks()).toBe(1);
    await halfAMinuteLater(() => checks() === 2);
  });

  it("stops polling if its key is refused, and writes that to the session's file", async () => {
    bridge.behaviour = "refuses the key";
    watch.promptCame();
    await until(() => kept().live?.how === "refused");
    const before = checks();
    for (let half = 1; half <= 20; half++) await halfAMinuteLater();
    expect(checks()).toBe(before);
  });

  it("opens a socket as soon as it can, and is notified instantly again", async () => {
    watch.promptCame();
    await until(() => kept().live?.how === "polling");
    bridge.opensSockets = true;
    await until(() => kept().live?.how === "live");
    bridge.receive({});
    await bridge.heard();
    expect(context.mail.last?.summary.unread).toBe(1);
  });
});

describe("every session", () => {
  it("delivers the outbox when the bridge is back, without a prompt or a call", async () => {
    await bridge.stop();
    await context.mailbox.outbox.send({ content: "late" });
    watch.start();
    await halfAMinuteLater();
    expect(outboxLength(context.paths, null)).toBe(1);
    await bridge.restart();
    await halfAMinuteLater(() => outboxLength(context.paths, null) === 0);
    expect(bridge.messages).toMatchObject([{ content: "late" }]);
  });

  it("tells of what was shown after a minute, and asks which machines there are once an hour", async () => {
    const { id } = bridge.receive({});
    context.mailbox.receipts.noteShown([id]);
    watch.start();
    const paths = () => bridge.requests.map(({ url }) => url.split("?")[0]);
    await halfAMinuteLater(() => paths().includes("/machines"));
    expect(paths()).not.toContain("/messages/shown");
    await halfAMinuteLater(() => paths().includes("/messages/shown"));
    for (let half = 0; half < 10; half++) await halfAMinuteLater();
    expect(paths().filter((path) => path === "/machines")).toHaveLength(1);
    expect(paths().filter((path) => path === "/messages/shown")).toHaveLength(1);
  });

  it("asks nothing on a machine that is not set up", async () => {
    const unset = new ServerContext({ env: { PHOTON_HOME: home }, folder: home });
    const itsWatch = new MailWatch(unset);
    itsWatch.promptCame();
    await halfAMinuteLater();
    expect(bridge.requests).toEqual([]);
    expect(existsSync(unset.paths.sessions)).toBe(false);
    await itsWatch.stop();
  });
});
