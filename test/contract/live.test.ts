import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type BuiltCli, buildCli, runCli } from "../../cli/testing/built-cli.ts";
import { Leader } from "../../client/leader.ts";
import { LiveConnection } from "../../client/live/live-connection.ts";
import { readLiveState } from "../../client/live/live-state.ts";
import { readUnread } from "../../client/unread-cache.ts";
import { CuttableLine } from "../support/cuttable-line.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

const LONG = { timeout: 15_000 };

/** While timers are false. */
const realMs = (ms: number) => new Promise((resolve) => realSetTimeout(resolve, ms));
const realSetTimeout = setTimeout;

let bridge: RealBridge;
let line: CuttableLine;
const open: { stop(): void }[] = [];
beforeAll(async () => {
  bridge = await RealBridge.start(true);
});
beforeEach(async () => {
  line = await CuttableLine.to(bridge.url);
});
afterEach(async () => {
  for (const each of open.splice(0)) each.stop();
  await line.end();
  vi.useRealTimers();
});
afterAll(() => bridge.stop());

const send = (to: string) => bridge.api.call("sendMessage", { body: { content: "hi", from: "mac", to } });

/** A line of a machine, and how often it heard. */
function listen(
  machine: string,
  { installation = null as string | null, onChanged = async () => {}, url = line.url, random = 0 } = {},
) {
  const heard = { times: 0, isOpen: false, connection: null as LiveConnection | null };
  const connection = new LiveConnection({
    config: { workerUrl: url, apiKey: bridge.key, machine },
    installation,
    random: () => random,
    onChanged: async () => {
      await onChanged();
      heard.times++;
    },
    onState: (isOpen) => {
      heard.isOpen = isOpen;
    },
  });
  open.push(connection);
  connection.start();
  heard.connection = connection;
  return heard;
}

describe("a line to the bridge", () => {
  it("says at once that something changed, and once for what changed while it was away", async () => {
    const pc = listen("pc1");
    await expect.poll(() => pc.times, LONG).toBe(1);
    await send("pc1");
    await expect.poll(() => pc.times, LONG).toBe(2);
    line.cut();
    await expect.poll(() => pc.isOpen, LONG).toBe(false);
    for (let i = 0; i < 5; i++) await send("pc1");
    line.mend();
    await expect.poll(() => pc.times, LONG).toBe(3);
    await sleep(300);
    expect([pc.times, pc.isOpen]).toEqual([3, true]);
  });

  it("says nothing after a gap in which nothing changed", async () => {
    const pc = listen("pc2");
    await expect.poll(() => pc.times, LONG).toBe(1);
    line.cut();
    await expect.poll(() => pc.isOpen, LONG).toBe(false);
    line.mend();
    await expect.poll(() => pc.isOpen, LONG).toBe(true);
    await sleep(300);
    expect(pc.times).toBe(1);
  });

  it("is opened again when the bridge was restarted, and nothing is missed that was sent right before", async () => {
    const pc = listen("pc3");
    await expect.poll(() => pc.times, LONG).toBe(1);
    await send("pc3");
    await bridge.kill();
    await bridge.restart();
    await send("pc3");
    await expect.poll(() => pc.times, LONG).toBeGreaterThanOrEqual(2);
    await expect.poll(() => pc.isOpen, LONG).toBe(true);
  });

  it("says it again when the machine could not ask", async () => {
    let failures = 2;
    const pc = listen("pc4", {
      onChanged: async () => {
        if (failures-- > 0) throw new Error("the bridge did not answer");
      },
    });
    await expect.poll(() => pc.times, LONG).toBe(1);
    expect(failures).toBe(-1);
  });

  it("is found dead when nothing comes back, without anybody saying so", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const pc = listen("pc5");
    const until = async (isDone: () => boolean) => {
      for (let i = 0; i < 1_000 && !isDone(); i++) await realMs(5);
      expect(isDone()).toBe(true);
    };
    await until(() => pc.times === 1);
    line.goSilent();
    vi.advanceTimersByTime(30_000);
    expect(pc.isOpen).toBe(true);
    vi.advanceTimersByTime(10_000);
    expect(pc.isOpen).toBe(false);
    line.mend();
    await send("pc5");
    vi.advanceTimersByTime(2_000);
    await until(() => pc.times === 2);
  });

  it("is left to whoever of this computer opened one last: two do not fight", async () => {
    const first = listen("pc6", { installation: "00000001" });
    await expect.poll(() => first.times, LONG).toBe(1);
    const made = line.made;
    const second = listen("pc6", { installation: "00000001" });
    await expect.poll(() => second.times, LONG).toBe(1);
    await expect.poll(() => first.isOpen, LONG).toBe(false);
    await sleep(3_000);
    expect([line.made - made, second.isOpen, first.isOpen]).toEqual([1, true, false]);
  });

  it("is tried ever more seldom while the bridge refuses it, a minute apart in the end", async () => {
    const triedAt: number[] = [];
    let elapsed = 0;
    const refusing = createServer();
    refusing.on("upgrade", (_, socket) => {
      triedAt.push(elapsed);
      socket.end("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    });
    await once(refusing.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    listen("pc7", { url, random: 1 });
    for (; elapsed < 125; elapsed++) {
      await realMs(10); // for what was set off to come back
      vi.advanceTimersByTime(1_000);
    }
    const pauses = triedAt.slice(1).map((at, i) => at - (triedAt[i] ?? 0));
    expect(pauses.slice(0, 7)).toEqual(
      [1, 2, 4, 8, 16, 32, 60].map((seconds) => expect.toSatisfy((pause) => Math.abs(pause - seconds) <= 1)),
    );
    refusing.close();
  });
});

describe("a leader with a line", () => {
  const lead = ({ paths, mailbox }: TestMachine) => {
    const leader = new Leader(paths, () => mailbox);
    open.push(leader);
    return leader;
  };
  const known = ({ paths }: TestMachine) => readUnread(paths, "box/photon")?.summary.unread;

  it("knows of a message as soon as it was sent, and the sessions that do not lead read it on the disk", async () => {
    const box = bridge.machine("box");
    expect(await lead(box).tick()).toBe(true);
    await expect.poll(() => readLiveState(box.paths)?.how, LONG).toBe("live");
    expect(await lead(box).tick()).toBe(false);
    await send("box");
    await expect.poll(() => known(box), LONG).toBe(1);
  });

  it("hangs up when it stops, and the next one calls", async () => {
    const box = bridge.machine("box");
    const [first, second] = [lead(box), lead(box)];
    await first.tick();
    await expect.poll(() => readLiveState(box.paths)?.how, LONG).toBe("live");
    first.stop();
    await expect.poll(() => readLiveState(box.paths)?.how, LONG).toBe("polling");
    const before = known(box) ?? 0;
    await send("box");
    await second.tick();
    await expect.poll(() => known(box), LONG).toBe(before + 1);
    await expect.poll(() => readLiveState(box.paths)?.how, LONG).toBe("live");
  });
});

describe("photon wait and photon watch, with a live bridge", () => {
  let cli: BuiltCli;
  beforeAll(async () => {
    cli = await buildCli();
  });
  afterAll(() => cli.remove());

  it("hear of a message without waiting for the next question, and end", async () => {
    const { env } = bridge.machine("nas");
    const started = performance.now();
    const waiting = runCli(cli.script, ["wait", "--from", "mac", "--timeout", "60s"], { env });
    await sleep(3_000); // until its line is open
    await send("nas");
    expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringContaining("hi") });
    expect(performance.now() - started).toBeLessThan(25_000); // the next question would come after thirty seconds
  });

  it("photon doctor --live says rung by rung who hears, and leaves nothing behind", async () => {
    const nas = bridge.machine("nas");
    const alone = await runCli(cli.script, ["doctor", "--live"], { env: nas.env });
    expect(alone.stdout).toMatch(/^ok +push +told after \d+ ms$/m);
    expect(alone.stdout).toMatch(/^warn +sessions here +none is open in this project \(nas\/photon\)/m);
    const leader = new Leader(nas.paths, () => nas.mailbox);
    open.push(leader);
    await leader.tick();
    await expect.poll(() => readLiveState(nas.paths)?.how, LONG).toBe("live");
    const { code, stdout } = await runCli(cli.script, ["doctor", "--live"], { env: nas.env });
    expect(stdout).toMatch(/^ok +sessions here +know of it after .*, over its line; the next prompt tells Claude$/m);
    expect(stdout).toMatch(/^ok +wake +off; .photon wake tasks. /m);
    expect(code).toBe(0);
    const { messages } = await bridge.api.call("listMessages", { query: { from: "nas" } });
    expect(messages).toEqual([]);
  });

  it("do not take the line of this computer's sessions away", async () => {
    const nas = bridge.machine("nas");
    const leader = new Leader(nas.paths, () => nas.mailbox);
    open.push(leader);
    await leader.tick();
    await expect.poll(() => readLiveState(nas.paths)?.how, LONG).toBe("live");
    const waiting = runCli(cli.script, ["wait", "--from", "mac", "--timeout", "4s"], { env: nas.env });
    await sleep(2_500);
    expect(readLiveState(nas.paths)?.how).toBe("live");
    expect((await waiting).code).toBe(3);
  });
});
