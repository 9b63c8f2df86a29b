import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { outboxLength } from "../client/outbox.ts";
import { readUnread } from "../client/unread-cache.ts";
import { ScriptedBridge } from "../test/support/scripted-bridge.ts";
import { ServerContext } from "./context.ts";
import { MailWatch } from "./mail-watch.ts";

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

/** Half a minute passes; what it set off reaches the bridge and comes back, as far as `isDone` says. */
async function halfAMinuteLater(isDone: () => boolean = () => true) {
  vi.advanceTimersByTime(15_000);
  await settled();
  vi.advanceTimersByTime(15_000);
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
  it("asks every half minute as long as the process lives, and knows no less than that", async () => {
    watch.start();
    for (let half = 1; half <= 10; half++) await halfAMinuteLater(() => checks() === half);
    expect(Date.now() - (knownAt() ?? 0)).toBeLessThanOrEqual(30_000);
  });

  it("asks at once for a prompt when nobody has asked lately, and not otherwise", async () => {
    watch.promptCame();
    await until(() => knownAt() === Date.now());
    watch.promptCame();
    await settled();
    expect(checks()).toBe(1);
  });

  it("leaves it to the session that leads, and takes over when that one ends", async () => {
    const other = new MailWatch(context);
    other.start();
    await halfAMinuteLater(() => checks() === 1);
    watch.start();
    await halfAMinuteLater(() => checks() === 2);
    other.stop();
    await halfAMinuteLater(() => checks() === 3);
  });

  it("delivers the outbox when the bridge is back, without a prompt or a call", async () => {
    await bridge.stop();
    await context.mailbox.send({ content: "late" });
    watch.start();
    await halfAMinuteLater();
    expect(outboxLength(context.paths)).toBe(1);
    await bridge.restart();
    await halfAMinuteLater(() => outboxLength(context.paths) === 0);
    expect(bridge.messages).toMatchObject([{ content: "late" }]);
  });

  it("keeps quiet for as long as the bridge asks", async () => {
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

  it("asks nothing on a machine that is not set up", async () => {
    const unset = new ServerContext({ env: { PHOTON_HOME: home }, folder: home });
    const itsWatch = new MailWatch(unset);
    itsWatch.promptCame();
    await halfAMinuteLater();
    expect(bridge.requests).toEqual([]);
    expect(existsSync(unset.paths.readers)).toBe(false);
  });
});
