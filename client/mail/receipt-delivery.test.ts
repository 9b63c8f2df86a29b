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

describe("a shown receipt", () => {
  it("is kept until a message is marked read, and sent in the same request", async () => {
    const [a = "", b = ""] = receive(2);
    mailbox.receipts.noteShown([a, b]);
    expect(bridge.requests).toEqual([]);
    expect(await mailbox.receipts.markRead([a])).toEqual({ state: "marked", marked: 1 });
    expect(bodies("/messages/read")).toEqual([{ reader: "mac", ids: [a], shown: [a, b] }]);
    expect(waiting()).toBe(0);
  });

  it("is sent alone if nothing is marked read, and once per message and machine", async () => {
    const ids = receive(2);
    mailbox.receipts.noteShown(ids);
    await mailbox.receipts.flush();
    open().receipts.noteShown(ids); // another session shows them again
    await mailbox.receipts.flush();
    expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids }]);
    expect(asked("/messages/read")).toEqual([]);
  });

  it("survives while the bridge is away and when the process ends", async () => {
    const ids = receive(1);
    await bridge.stop();
    mailbox.receipts.noteShown(ids);
    await expect(mailbox.receipts.flush()).rejects.toMatchObject({ code: "offline" });
    await bridge.restart();
    await open().receipts.flush();
    expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids }]);
    expect(waiting()).toBe(0);
  });

  it("is sent in batches of a hundred", async () => {
    mailbox.receipts.noteShown(receive(250));
    await mailbox.receipts.flush();
    expect(bodies("/messages/shown").map(({ ids }) => ids.length)).toEqual([100, 100, 50]);
  });

  it("is dropped if the disk cannot be written", () => {
    writeFileSync(paths.log, "a file where the folder should be");
    mailbox.receipts.noteShown(receive(1));
    expect(waiting()).toBe(0);
  });
});

describe("marking a message read", () => {
  it("is kept while the bridge is away: the message counts as read here, and the bridge learns it later", async () => {
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

  it("keeps nothing if the bridge does not have the message", async () => {
    expect(await mailbox.receipts.markRead(["00000000-0000-4000-8000-00000000ffff"])).toEqual({
      state: "marked",
      marked: 0,
    });
    expect(waiting()).toBe(0);
  });

  it("is an error if the bridge refuses it, and does not block others", async () => {
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

it("an invalid id in a receipt is not sent", async () => {
  const [id = ""] = receive(1);
  addReceipts(paths, { workerUrl: bridge.url, reader: "mac", shown: ["no id", id] });
  await mailbox.receipts.flush();
  expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids: [id] }]);
});

it("two sessions that deliver the outbox at the same time send each message once, in order", async () => {
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

it("a damaged receipt is set aside and does not block the others", async () => {
  const ids = receive(1);
  mailbox.receipts.noteShown(ids);
  const [name = ""] = readdirSync(paths.outbox);
  writeFileSync(join(paths.outbox, name.replace(/^\d/, "0")), readFileSync(join(paths.outbox, name)).subarray(0, 20));
  await mailbox.receipts.flush();
  expect(bodies("/messages/shown")).toEqual([{ reader: "mac", ids }]);
  expect(readdirSync(paths.outbox)).toEqual([expect.stringMatching(/\.damaged$/)]);
});
