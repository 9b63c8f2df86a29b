import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LiveConnection } from "../../client/bridge/live-connection.ts";
import { listeningSessions, readSession } from "../../client/sessions/session-state.ts";
import { type BuiltCli, buildCli, runCli } from "../support/cli/built-cli.ts";
import { CuttableLine } from "../support/cuttable-line.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";
import { MOD_CALL, ServerProcess } from "../support/server-process.ts";

const LONG = { timeout: 15_000 };

/** Real milliseconds, while timers are faked. */
const realMs = (ms: number) => new Promise((resolve) => realSetTimeout(resolve, ms));
const realSetTimeout = setTimeout;

let bridge: RealBridge;
let line: CuttableLine;
const open: { stop(): unknown }[] = [];
beforeAll(async () => {
  bridge = await RealBridge.start();
});
beforeEach(async () => {
  line = await CuttableLine.to(bridge.url);
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((each) => each.stop()));
  await line.end();
});
afterAll(() => bridge.stop());

const send = (to: string) => bridge.api.call("sendMessage", { body: { content: "hi", from: "mac", to } });

/** A machine's socket that counts its signals. */
function listen(machine: string, { onChanged = async () => {}, url = line.url, random = 0 } = {}) {
  const heard = { times: 0, isOpen: false };
  const connection = new LiveConnection({
    config: { workerUrl: url, apiKey: bridge.key, machine, project: null },
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
  return heard;
}

describe("a socket to the bridge", () => {
  it("signals a change at once, and once for all changes while it was disconnected", async () => {
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

  it("does not signal after an interruption without changes", async () => {
    const pc = listen("pc2");
    await expect.poll(() => pc.times, LONG).toBe(1);
    line.cut();
    await expect.poll(() => pc.isOpen, LONG).toBe(false);
    line.mend();
    await expect.poll(() => pc.isOpen, LONG).toBe(true);
    await sleep(300);
    expect(pc.times).toBe(1);
  });

  it("is opened again after a restart of the bridge, without missing a message sent just before", async () => {
    const pc = listen("pc3");
    await expect.poll(() => pc.times, LONG).toBe(1);
    await send("pc3");
    await bridge.kill();
    await bridge.restart();
    await send("pc3");
    await expect.poll(() => pc.times, LONG).toBeGreaterThanOrEqual(2);
    await expect.poll(() => pc.isOpen, LONG).toBe(true);
  });

  it("signals again if the machine could not ask", async () => {
    let failures = 2;
    const pc = listen("pc4", {
      onChanged: async () => {
        if (failures-- > 0) throw new Error("the bridge did not answer");
      },
    });
    await expect.poll(() => pc.times, LONG).toBe(1);
    expect(failures).toBe(-1);
  });

  it("is detected as dead when no answer comes, without a close", async () => {
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

  it("is one of several that a machine may have, and each is signalled", async () => {
    const sessions = [listen("pc6"), listen("pc6"), listen("pc6")];
    await expect.poll(() => sessions.map(({ times }) => times), LONG).toEqual([1, 1, 1]);
    await send("pc6");
    await expect.poll(() => sessions.map(({ times }) => times), LONG).toEqual([2, 2, 2]);
    expect(sessions.map(({ isOpen }) => isOpen)).toEqual([true, true, true]);
  });

  it.each([
    ["refuses it", "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"],
    ["hangs up", ""],
  ])("is retried with growing pauses of up to a minute while the bridge %s", async (_, answer) => {
    const triedAt: number[] = [];
    let elapsed = 0;
    const refusing = createServer();
    refusing.on("upgrade", (_, socket) => {
      triedAt.push(elapsed);
      socket.end(answer);
    });
    await once(refusing.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    listen("pc7", { url, random: 1 });
    for (; elapsed < 140; elapsed++) {
      await realMs(10); // for pending answers to arrive
      vi.advanceTimersByTime(1_000);
    }
    const pauses = triedAt.slice(1).map((at, i) => at - (triedAt[i] ?? 0));
    expect(pauses.slice(0, 7)).toEqual(
      [1, 2, 4, 8, 16, 32, 60].map((seconds) => expect.toSatisfy((pause) => Math.abs(pause - seconds) <= 1)),
    );
    refusing.close();
  });

  it("is retried with growing pauses while it opens but the bridge does not answer", async () => {
    let tries = 0;
    listen("pc8", {
      random: 1,
      onChanged: async () => {
        tries++;
        throw new Error("the bridge did not answer");
      },
    });
    await sleep(5_000);
    expect(tries).toBeLessThanOrEqual(3); // at once, after one second, and after two more
  });
});

describe("the sessions of one machine", () => {
  /** Sessions of a machine, each a server process that has had a prompt, which contains the permission mode. */
  async function sessionsOf({ env }: TestMachine, count: number, more: Record<string, string> = {}) {
    const starting = Array.from({ length: count }, (_, i) =>
      ServerProcess.start({ ...env, CLAUDE_CODE_SESSION_ID: `s${i}`, ...more }),
    );
    const servers = await Promise.all(starting);
    open.push(...servers);
    for (const [i, server] of servers.entries()) {
      await server.call("prompt_hook", { session_id: `s${i}`, prompt: "hi", permission_mode: "default" });
    }
    return servers;
  }
  const unread = ({ paths }: TestMachine, count: number) =>
    Array.from({ length: count }, (_, i) => readSession(paths, `s${i}`).unread);
  /** The line under the client's prompt, requested as the client does. */
  const statusline = ({ env }: TestMachine, session_id: string) =>
    execFileSync(process.execPath, [join(import.meta.dirname, "../../cli/statusline/main.ts")], {
      env: { ...env },
      input: JSON.stringify({ session_id }),
      encoding: "utf8",
    });
  const how = ({ paths }: TestMachine) => listeningSessions(paths).map((session) => session.how);

  it("are told of a message over their own sockets, and that another session has read it", {
    timeout: 120_000,
  }, async () => {
    const box = bridge.machine("box");
    const servers = await sessionsOf(box, 8);
    await expect.poll(() => how(box), LONG).toEqual(Array(8).fill("live"));
    await expect.poll(() => unread(box, 8), LONG).toEqual(Array(8).fill(0));
    const { id } = await send("box");
    await expect.poll(() => unread(box, 8), LONG).toEqual(Array(8).fill(1));
    for (const [i, server] of servers.entries()) {
      const { text } = await server.call("prompt_hook", { session_id: `s${i}`, prompt: "go on" });
      expect(JSON.parse(text)).toMatchObject({ systemMessage: "Photon: new note from mac" });
    }
    expect(statusline(box, "s5")).toBe("photon 1\n");
    await servers[3]?.call("mark_read", { message_id: id });
    await expect.poll(() => unread(box, 8), LONG).toEqual(Array(8).fill(0));
    expect(statusline(box, "s5")).toBe("");
    const glance = await servers[0]?.call("check_messages", { display: "idle" }, MOD_CALL);
    expect(JSON.parse(glance?.text ?? "")).toMatchObject({ entry: "" });

    const kept = readdirSync(box.env.PHOTON_HOME ?? "").sort();
    expect(kept).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(unread|readers|entries|live\.json)$/)]));
    const leases = kept.includes("leases") ? readdirSync(box.paths.leases) : [];
    expect(leases.filter((name) => name.startsWith("leader"))).toEqual([]);
  });

  it("miss no message while their sockets are disconnected", { timeout: 120_000 }, async () => {
    const nas = bridge.machine("nas1", { url: line.url });
    await sessionsOf(nas, 2);
    await expect.poll(() => how(nas), LONG).toEqual(["live", "live"]);
    line.cut();
    await send("nas1");
    line.mend();
    await expect.poll(() => unread(nas, 2), LONG).toEqual([1, 1]);
  });

  it("are woken once by a message, whichever is first", { timeout: 120_000 }, async () => {
    const own = await RealBridge.start(); // in the other tests no machine has joined
    onTestFinished(() => own.stop());
    const studio = await own.member("studio");
    const den = await own.member("den", { by: studio });
    const servers = await sessionsOf(den, 4, { CLAUDE_CODE_ENTRYPOINT: "cli", PHOTON_WAKE: "all" });
    const texts: string[] = [];
    /** The mod of each session looks. @returns the texts so far that start a turn */
    const look = async () => {
      const answers = await Promise.all(
        servers.map((server) => server.call("check_messages", { display: "idle" }, MOD_CALL)),
      );
      texts.push(...answers.map(({ text }) => String(JSON.parse(text).wake)).filter((text) => text !== ""));
      return texts;
    };
    await look();
    await expect.poll(() => unread(den, 4), LONG).toEqual(Array(4).fill(0));
    // A message with the shared key is shown but wakes no session.
    await own.api.call("sendMessage", { body: { content: "hi", from: "mac", to: "den" } });
    await expect.poll(() => unread(den, 4), LONG).toEqual(Array(4).fill(1));
    // From a machine that den does not know yet, because it joined while the sessions were open.
    const attic = await own.member("attic", { by: studio });
    await sleep(1_500);
    await attic.mailbox.outbox.send({ content: "x", to: "den" });
    await expect.poll(() => unread(den, 4), LONG).toEqual(Array(4).fill(2));
    await expect.poll(look, LONG).toHaveLength(1);
    await sleep(6_000); // time for a retry
    expect(await look()).toEqual([expect.stringContaining("note from attic")]);
  });
});

describe("photon wait, watch and doctor", () => {
  let cli: BuiltCli;
  beforeAll(async () => {
    cli = await buildCli();
  });
  afterAll(() => cli.remove());

  it("wait is told of a message over its own socket, and ends", async () => {
    const { env } = bridge.machine("nas");
    const started = performance.now();
    const waiting = runCli(cli.script, ["wait", "--from", "mac", "--timeout", "60s"], { env });
    await sleep(3_000); // until its socket is open
    await send("nas");
    expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringContaining("hi") });
    expect(performance.now() - started).toBeLessThan(25_000); // without a socket it would ask after thirty seconds
  });

  it("doctor --live lists the open sockets and leaves nothing behind", { timeout: 120_000 }, async () => {
    const nas = bridge.machine("nas");
    const alone = await runCli(cli.script, ["doctor", "--live"], { env: nas.env });
    expect(alone.stdout).toMatch(/^ok +socket +opened in \d+ ms$/m);
    expect(alone.stdout).toMatch(/^ok +push +notified after \d+ ms$/m);
    expect(alone.stdout).toMatch(/^warn +sessions here +none open in this project \(nas\/photon\)/m);
    const server = await ServerProcess.start({ ...nas.env, CLAUDE_CODE_SESSION_ID: "s1" });
    open.push(server);
    await expect.poll(() => readSession(nas.paths, "s1").live?.how, LONG).toBe("live");
    await expect.poll(() => readSession(nas.paths, "s1").unread, LONG).not.toBeNull();
    const { code, stdout } = await runCli(cli.script, ["doctor", "--live"], { env: nas.env });
    expect(stdout).toMatch(/^ok +sessions +1 open, notified instantly$/m);
    expect(stdout).toMatch(/^ok +sessions here +1 of 1 notified after .*, each over its socket; /m);
    expect(stdout).toMatch(/^ok +wake +off; .photon wake tasks. /m);
    expect(code).toBe(0);
    const { messages } = await bridge.api.call("listMessages", { query: { from: "nas" } });
    expect(messages).toEqual([]);
    expect((await runCli(cli.script, ["status"], { env: nas.env })).stdout).toMatch(
      /^sessions 1 open, notified instantly$/m,
    );
  });

  it("doctor tells only an owner what is not in KV yet", { timeout: 120_000 }, async () => {
    const owner = await bridge.member("owner");
    const guest = await bridge.member("guest", { by: owner });
    await send("guest");
    const [said, kept] = await Promise.all([owner, guest].map(({ env }) => runCli(cli.script, ["doctor"], { env })));
    expect(said?.stdout).toMatch(
      /^ok +bridge storage +(?:\d+ texts not copied to Workers KV yet, the oldest arrived .*|every text is copied to Workers KV)$/m,
    );
    expect(kept?.stdout).not.toContain("bridge storage");
  });
});
