import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptedBridge } from "../../test/support/scripted-bridge.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { loadConfig } from "../settings/config.ts";
import { Mailbox } from "./mailbox.ts";
import { addReceipts } from "./receipts.ts";

let home: string;
let paths: Paths;
let bridge: ScriptedBridge;
let time: number;
let mailbox: Mailbox;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "photon receipts "));
  paths = photonPaths({ PHOTON_HOME: home });
  bridge = await ScriptedBridge.start();
  time = Date.parse("2026-11-23T09:00:00.000Z");
  mailbox = open();
});
afterEach(async () => {
  await mailbox.close();
  await bridge.stop();
  rmSync(home, { recursive: true, force: true });
});

function open(): Mailbox {
  const env = {
    BRIDGE_WORKER_URL: bridge.url,
    BRIDGE_API_KEY: "key",
    BRIDGE_MACHINE_ID: "mac",
    BRIDGE_PROJECT: "photon",
  };
  return new Mailbox(loadConfig({ env, paths, folder: home }), paths, { now: () => time });
}

const asked = (path: string) => bridge.requests.filter(({ url }) => url.startsWith(path));
const bodies = (path: string) => asked(path).map(({ body }) => JSON.parse(body));
const waiting = () => (existsSync(paths.outbox) ? readdirSync(paths.outbox).length : 0);
const receive = (count: number) => Array.from({ length: count }, () => bridge.receive({}).id);

describe("what was shown", () => {
  it("waits for the mark, and goes along with it", async () => {
    const [a = "", b = ""] = receive(2);
    mailbox.receipts.noteShown([a, b]);
    expect(bridge.requests).toEqual([]);
    expect(await mailbox.receipts.markRead([a])).toEqual({ state: "marked", marked: 1 });
    expect(bodies("/messages/read")).toEqual([{ reader: "mac", ids: [a], shown: [a, b] }]);
    expect(waiting()).toBe(0);
  });

  it("is told by itself when nothing is marked, and each message once per machine", async () => {
    const ids = receive(2);
    mailbox.receipts.noteShown(ids);
    await mailbox.receipts.flush();
    open().receipts.noteShown(ids); // another session shows them again
    await mailbox.receipts.flush();
    expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids }]);
    expect(asked("/messages/read")).toEqual([]);
  });

  it("survives a bridge that is away and a process that ends", async () => {
    const ids = receive(1);
    await bridge.stop();
    mailbox.receipts.noteShown(ids);
    await expect(mailbox.receipts.flush()).rejects.toMatchObject({ code: "offline" });
    await bridge.restart();
    await open().receipts.flush();
    expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids }]);
    expect(waiting()).toBe(0);
  });

  it("goes in calls of a hundred", async () => {
    mailbox.receipts.noteShown(receive(250));
    await mailbox.receipts.flush();
    expect(bodies("/messages/shown").map(({ ids }) => ids.length)).toEqual([100, 100, 50]);
  });

  it("is not told at all when the disk takes nothing", () => {
    writeFileSync(paths.log, "a file where the folder should be");
    mailbox.receipts.noteShown(receive(1));
    expect(waiting()).toBe(0);
  });
});

describe("a mark", () => {
  it("that the bridge cannot be told is kept: the message is not shown or counted here again, and the bridge is told later", async () => {
    const [id = "", other = ""] = receive(2);
    await bridge.stop();
    expect(await mailbox.receipts.markRead([id])).toMatchObject({
      state: "kept",
      reason: expect.stringMatching(/reached/),
    });
    await bridge.restart();
    expect((await mailbox.inbox.list({ unread: "true" })).messages.map((message) => message.id)).toEqual([other]);
    expect(bridge.messages.map(({ read }) => read)).toEqual([false, false]);
    time += 10_000;
    expect((await open().unread.check()).unread).toBe(1);
    expect(bridge.messages.map(({ read }) => read)).toEqual([false, true]); // newest first
    expect(waiting()).toBe(0);
  });

  it("of a message the bridge does not have is not kept", async () => {
    expect(await mailbox.receipts.markRead(["00000000-0000-4000-8000-00000000ffff"])).toEqual({
      state: "marked",
      marked: 0,
    });
    expect(waiting()).toBe(0);
  });

  it("that the bridge refuses is an error, and is not in the way of others", async () => {
    bridge.behaviour = "refuses the message";
    await expect(mailbox.receipts.markRead(receive(1))).rejects.toMatchObject({ code: "too_large" });
    expect(waiting()).toBe(0);
  });
});

it("receipts that have waited for a minute are sent once, by one of the sessions", async () => {
  const ids = receive(1);
  mailbox.receipts.noteShown(ids);
  const sessions = [mailbox, open(), open()];
  const tellOld = () => Promise.all(sessions.map(({ receipts }) => receipts.flushOlder(60_000)));
  await tellOld();
  expect(bridge.requests).toEqual([]);
  time += 60_000;
  await tellOld();
  expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids }]);
});

it("what is no id in a receipt is not told", async () => {
  const [id = ""] = receive(1);
  addReceipts(paths, { workerUrl: bridge.url, shown: ["no id", id] });
  await mailbox.receipts.flush();
  expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids: [id] }]);
});

it("two sessions that deliver the outbox at once send each message once, in order", async () => {
  await bridge.stop();
  const contents = Array.from({ length: 10 }, (_, i) => `message ${i}`);
  for (const content of contents) {
    time += 1;
    await mailbox.outbox.send({ content });
  }
  await bridge.restart();
  const other = open();
  await Promise.all([mailbox.outbox.flush(), other.outbox.flush()]);
  await other.close();
  expect(
    bodies("/messages")
      .filter(({ content }) => content)
      .map(({ content }) => content),
  ).toEqual(contents);
});

it("a damaged receipt is set aside and hides no other", async () => {
  const ids = receive(1);
  mailbox.receipts.noteShown(ids);
  const [name = ""] = readdirSync(paths.outbox);
  writeFileSync(join(paths.outbox, name.replace(/^\d/, "0")), readFileSync(join(paths.outbox, name)).subarray(0, 20));
  await mailbox.receipts.flush();
  expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids }]);
  expect(readdirSync(paths.outbox)).toEqual([expect.stringMatching(/\.damaged$/)]);
});
