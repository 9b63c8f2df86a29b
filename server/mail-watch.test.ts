import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { outboxLength } from "../client/outbox.ts";
import { readUnread, saveUnread } from "../client/unread-cache.ts";
import { ScriptedBridge } from "../test/support/scripted-bridge.ts";
import { ServerContext } from "./context.ts";
import { MailWatch } from "./mail-watch.ts";

const MINUTE_MS = 60_000;
const EMPTY = { unread: 0, handovers: 0, groups: [] };

let home: string;
let bridge: ScriptedBridge;
let context: ServerContext;
let watch: MailWatch;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  home = mkdtempSync(join(tmpdir(), "photon watch "));
  bridge = await ScriptedBridge.start();
  context = new ServerContext({
    env: {
      PHOTON_HOME: home,
      BRIDGE_WORKER_URL: bridge.url,
      BRIDGE_API_KEY: "key",
      BRIDGE_MACHINE_ID: "mac",
      BRIDGE_PROJECT: "photon",
    },
    folder: home,
  });
  watch = new MailWatch(context);
});
afterEach(async () => {
  vi.clearAllTimers();
  vi.useRealTimers();
  await context.mailbox.close();
  await bridge.stop();
  rmSync(home, { recursive: true, force: true });
});

const checks = () => bridge.requests.filter(({ url }) => url.startsWith("/unread")).length;
const knownAt = () => readUnread(context.paths, "mac/photon")?.fetchedAt;

/** A minute passes; what it set off reaches the bridge and comes back, as far as `isDone` says. */
async function aMinuteLater(isDone: () => boolean = () => true) {
  vi.advanceTimersByTime(MINUTE_MS);
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

describe("MailWatch", () => {
  it("asks once a minute while prompts come, and stops ten minutes after the last", async () => {
    watch.promptCame();
    await until(() => knownAt() === Date.now());
    for (let minute = 1; minute <= 10; minute++) await aMinuteLater(() => knownAt() === Date.now());
    expect(checks()).toBe(11);
    for (let minute = 1; minute <= 30; minute++) await aMinuteLater();
    expect(checks()).toBe(11);
    watch.promptCame();
    await until(() => checks() === 12);
  });

  it("leaves it to another session's process that asked less than a minute ago", async () => {
    saveUnread(context.paths, "mac/photon", EMPTY, Date.now());
    watch.promptCame();
    await settled();
    vi.advanceTimersByTime(MINUTE_MS - 5_000);
    saveUnread(context.paths, "mac/photon", EMPTY, Date.now());
    vi.advanceTimersByTime(5_000);
    await settled();
    expect(checks()).toBe(0);
    await aMinuteLater(() => checks() === 1);
  });

  it("delivers the outbox when the bridge is back, without a prompt or a call", async () => {
    await bridge.stop();
    await context.mailbox.send({ content: "late" });
    watch.callEnded();
    await setImmediate();
    await setImmediate();
    await aMinuteLater();
    expect(outboxLength(context.paths)).toBe(1);
    await bridge.restart();
    await aMinuteLater(() => outboxLength(context.paths) === 0);
    expect(bridge.messages).toMatchObject([{ content: "late" }]);
    expect(checks()).toBe(0);
  });

  it("keeps quiet for as long as the bridge asks", async () => {
    bridge.behaviour = "has spent its quota"; // Retry-After: 60
    watch.promptCame();
    await until(() => checks() === 1);
    await settled();
    vi.advanceTimersByTime(MINUTE_MS - 1);
    watch.promptCame();
    await settled();
    expect(checks()).toBe(1);
  });

  it("asks nothing on a machine that is not set up", async () => {
    const unset = new ServerContext({ env: { PHOTON_HOME: home }, folder: home });
    const itsWatch = new MailWatch(unset);
    itsWatch.promptCame();
    await settled();
    vi.advanceTimersByTime(MINUTE_MS);
    await settled();
    expect(bridge.requests).toEqual([]);
  });
});
