import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiClient } from "../bridge/api-client.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import type { HttpAnswer, HttpRequest } from "../network/http-client.ts";
import { NetworkFailure } from "../network/network-failure.ts";
import { loadConfig } from "../settings/config.ts";
import { Mailbox } from "./mailbox.ts";
import { enqueue, readFailed, readOutbox } from "./outbox-folder.ts";
import { addReceipts, removeReceipts } from "./receipts.ts";

const BRIDGE = "http://bridge.test";
const ID = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";
const TIME = "2026-11-23T09:00:00.000Z";

/** Written on a machine that knew no bridge. */
const ANY = { workerUrl: null, mustEncrypt: false };

let home: string;
let paths: Paths;
/** What the bridge does with the next requests: each step answers the first request that it is for. */
let steps: Step[];

interface Step {
  readonly to: string;
  readonly answer: (request: HttpRequest) => Answer | "lost";
}

interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}
let mailbox: Mailbox;
/** The contents that the bridge received, in order. */
let received: string[];

const config = (env: NodeJS.ProcessEnv = {}) =>
  loadConfig({
    env: {
      BRIDGE_WORKER_URL: BRIDGE,
      BRIDGE_API_KEY: "key",
      BRIDGE_MACHINE_ID: "mac",
      BRIDGE_PROJECT: "photon",
      ...env,
    },
    paths,
    folder: home,
  });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon mailbox "));
  paths = photonPaths({ PHOTON_HOME: home });
  steps = [];
  received = [];
  mailbox = new Mailbox(config(), paths, {
    api: new ApiClient({ workerUrl: BRIDGE, apiKey: "key" }, { request: answer, close: async () => {} }),
  });
});
afterEach(() => {
  hold = null;
  rmSync(home, { recursive: true, force: true });
});

/** The bridge's answers wait for this. */
let hold: Promise<void> | null = null;

/** @returns a function that lets the bridge answer */
function holdAnswers(): () => void {
  let open = () => {};
  hold = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

async function answer(request: HttpRequest): Promise<HttpAnswer> {
  await hold;
  const asked = `${request.method} ${request.url.pathname}${request.url.search}`;
  const at = steps.findIndex(({ to }) => to === asked);
  const answered = at === -1 ? "lost" : steps.splice(at, 1)[0]?.answer(request);
  if (answered === undefined || answered === "lost") throw new NetworkFailure("cut");
  const { status, json, headers = {} } = answered;
  return { status, headers, body: Buffer.from(json === undefined ? "" : JSON.stringify(json)) };
}

/** The bridge answers the next sends with these statuses; `"lost"` means without an answer, `"page"` with a block page. */
function bridgeAnswers(...statuses: (number | "lost" | "page")[]) {
  for (const status of statuses) {
    steps.push({
      to: "POST /messages",
      answer: ({ body }) => {
        if (status === "lost") return "lost";
        if (status === "page") return { status: 403, headers: { "content-type": "text/html" } };
        const draft = JSON.parse(String(body));
        if (status < 300) received.push(draft.content);
        const refusals: Record<number, string> = {
          400: "invalid_request",
          401: "unauthorized",
          403: "forbidden",
          413: "too_large",
          500: "internal",
        };
        const json =
          status < 300 ? { id: draft.id, timestamp: TIME, status: "sent" } : { error: "No.", code: refusals[status] };
        return { status, json };
      },
    });
  }
}

describe("Mailbox.send", () => {
  it("is stored when the bridge acknowledges the message, and leaves nothing on this disk", async () => {
    bridgeAnswers(201);
    expect(await mailbox.outbox.send({ content: "hi", to: "pc" })).toMatchObject({ state: "stored", timestamp: TIME });
    expect(mailbox.outbox.waiting).toBe(0);
  });

  it("queues when the bridge cannot be reached, and the next call delivers in order, with the same ids", async () => {
    bridgeAnswers("lost", "lost");
    const first = await mailbox.outbox.send({ content: "one" });
    const second = await mailbox.outbox.send({ content: "two" });
    expect(first).toMatchObject({ state: "queued", waiting: 1 });
    expect(second).toMatchObject({ state: "queued", waiting: 2 });
    const ids = readOutbox(paths).map((entry) => Reflect.get(Object(entry.draft), "id"));
    expect(ids).toEqual([first.id, second.id]);

    bridgeAnswers(201, 201, 201);
    expect(await mailbox.outbox.send({ content: "three" })).toMatchObject({ state: "stored" });
    expect(received).toEqual(["one", "two", "three"]);
    expect(mailbox.outbox.waiting).toBe(0);
  });

  it("waits for the key to be fixed", async () => {
    bridgeAnswers(401);
    expect(await mailbox.outbox.send({ content: "hi" })).toMatchObject({
      state: "queued",
      reason: expect.stringContaining("does not accept this machine's key"),
    });
  });

  it("keeps a message that a block page answers, and sends the others", async () => {
    bridgeAnswers("page", "page", 201);
    expect(await mailbox.outbox.send({ content: "blocked" })).toMatchObject({
      state: "queued",
      code: "offline",
      reason: expect.stringContaining("something else answered in its place (a web page, status 403)"),
    });
    expect(await mailbox.outbox.send({ content: "good" })).toMatchObject({ state: "stored" });
    expect(received).toEqual(["good"]);
    expect(mailbox.outbox.waiting).toBe(1);
    expect(readFailed(paths)).toEqual([]);
  });

  it("keeps a message on which the bridge fails, and sends the others", async () => {
    bridgeAnswers(500, 500, 201);
    expect(await mailbox.outbox.send({ content: "bad" })).toMatchObject({ state: "queued", code: "internal" });
    expect(await mailbox.outbox.send({ content: "good" })).toMatchObject({ state: "stored" });
    expect([received, mailbox.outbox.waiting]).toEqual([["good"], 1]);
    expect(await mailbox.outbox.flush()).toMatchObject({ stoppedBy: { code: "offline" }, waiting: 1 });
  });

  it("does not wait for the messages before it longer than the caller wants, and delivers all of them later", async () => {
    const open = holdAnswers();
    enqueue(paths, { content: "first", from: "mac", id: crypto.randomUUID() }, ANY);
    bridgeAnswers(201, 201, 201);
    const sent = await mailbox.outbox.send({ content: "second" }, { withinMs: 10 });
    expect(sent).toMatchObject({ state: "queued", code: null, waiting: 2, reason: expect.stringContaining("Earlier") });
    expect(await mailbox.outbox.flush({ withinMs: 10 })).toMatchObject({ stored: new Map(), waiting: 2 });
    open();
    expect(await mailbox.outbox.send({ content: "third" })).toMatchObject({ state: "stored" });
    expect(received).toEqual(["first", "second", "third"]);
  });

  it("waits for its own delivery as long as that takes", async () => {
    const open = holdAnswers();
    bridgeAnswers(201);
    const sent = mailbox.outbox.send({ content: "slow" }, { withinMs: 1 });
    setTimeout(open, 50);
    expect(await sent).toMatchObject({ state: "stored" });
  });

  it("answers a question although the messages before it are not all sent", async () => {
    for (const content of ["one", "two"]) enqueue(paths, { content, from: "mac", id: crypto.randomUUID() }, ANY);
    bridgeAnswers(201);
    const open = holdAnswers();
    expect(await mailbox.outbox.afterDelivery(async () => mailbox.outbox.waiting)).toBe(2);
    open();
    await mailbox.outbox.flush({ withinMs: 0 });
    expect(received).toEqual(["one"]); // the time for further messages is over
  });

  it("ends a pass behind one that the bridge stopped with the same error, without another timeout", async () => {
    enqueue(paths, { content: "one", from: "mac", id: crypto.randomUUID() }, ANY);
    bridgeAnswers("lost", 201);
    const both = await Promise.all([mailbox.outbox.flush(), mailbox.outbox.flush()]);
    expect(both).toMatchObject([{ stoppedBy: { code: "offline" } }, { stoppedBy: { code: "offline" } }]);
    expect(steps).toHaveLength(1);
    expect(await mailbox.outbox.flush()).toMatchObject({ stoppedBy: null, waiting: 0 });
  });

  it("stops after a few block pages, because then the network blocks the bridge", async () => {
    for (let i = 0; i < 30; i++) enqueue(paths, { content: "hi", from: "mac", id: crypto.randomUUID() }, ANY);
    bridgeAnswers(...Array<"page">(30).fill("page"));
    expect(await mailbox.outbox.flush()).toMatchObject({ stoppedBy: { code: "offline" }, waiting: 30, failed: 0 });
    expect(steps).toHaveLength(20);
  });

  it.each<500 | "page">([500, "page"])(
    "delivers the good messages behind any number of bad ones, answered with %s, in the next pass",
    async (refusal) => {
      const queue = (...contents: string[]) => {
        for (const content of contents) enqueue(paths, { content, from: "mac", id: crypto.randomUUID() }, ANY);
      };
      steps = Array.from({ length: 1_000 }, () => ({ to: "POST /messages", answer: answerByContent }));
      function answerByContent({ body }: HttpRequest): Answer {
        const { id, content } = JSON.parse(String(body));
        if (content === "bad" && refusal === "page") return { status: 403, headers: { "content-type": "text/html" } };
        if (content === "bad") return { status: 500, json: { error: "No.", code: "internal" } };
        received.push(content);
        return { status: 201, json: { id, timestamp: TIME, status: "sent" } };
      }
      queue(...Array<string>(10).fill("bad"), "one", "two");
      await mailbox.outbox.flush();
      await mailbox.outbox.flush();
      expect([received, mailbox.outbox.waiting]).toEqual([["one", "two"], 10]);
      queue(...Array<string>(9).fill("bad"));
      for (let pass = 0; pass < 4; pass++) await mailbox.outbox.flush();
      queue("three", "four");
      await mailbox.outbox.flush();
      expect([received, mailbox.outbox.waiting]).toEqual([["one", "two", "three", "four"], 19]);
    },
  );

  it("keeps the order of messages if the bridge failed on all of them", async () => {
    const all = Array.from({ length: 15 }, (_, at) => `message ${at}`);
    for (const content of all) enqueue(paths, { content, from: "mac", id: crypto.randomUUID() }, ANY);
    bridgeAnswers(...Array<number>(40).fill(500));
    await mailbox.outbox.flush();
    steps = [];
    bridgeAnswers(...Array<number>(15).fill(201));
    expect(await mailbox.outbox.flush()).toMatchObject({ waiting: 0, stoppedBy: null });
    expect(received).toEqual(all);
  });

  it("fails with the reason when the bridge refuses the message permanently, and does not block the rest", async () => {
    bridgeAnswers(413, 201);
    expect(await mailbox.outbox.send({ content: "bad" })).toMatchObject({
      state: "failed",
      reason: "The bridge refused it because it is too large.",
    });
    expect(await mailbox.outbox.send({ content: "good" })).toMatchObject({ state: "stored" });
    expect(readFailed(paths)).toMatchObject([{ reason: expect.stringContaining("too large") }]);
  });

  it("queues only the message that the bridge does not allow, such as one in another machine's name", async () => {
    bridgeAnswers(403, 403, 201);
    const kept = await mailbox.outbox.send({ content: "in another name" });
    expect(kept).toMatchObject({ state: "queued", code: "forbidden", waiting: 1 });
    expect(await mailbox.outbox.send({ content: "good" })).toMatchObject({ state: "stored" });
    expect([received, mailbox.outbox.waiting]).toEqual([["good"], 1]);
  });

  it("refuses a malformed address before anything is kept", async () => {
    await expect(mailbox.outbox.send({ content: "hi", to: "my pc" })).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(mailbox.outbox.waiting).toBe(0);
  });

  it("queues on a machine that is not set up", async () => {
    const unset = new Mailbox(config({ BRIDGE_API_KEY: "" }), paths);
    expect(await unset.outbox.send({ content: "hi" })).toMatchObject({
      state: "queued",
      reason: expect.stringContaining("Not set up"),
    });
    bridgeAnswers(201);
    await mailbox.outbox.flush();
    expect(received).toEqual(["hi"]);
  });

  it("is stored, not queued, when another process on this machine has delivered the message", async () => {
    steps.push({
      to: "POST /messages",
      answer: () => {
        for (const { file } of readOutbox(paths)) rmSync(file);
        return { status: 503, json: { error: "Later.", code: "store_unavailable" } };
      },
    });
    expect(await mailbox.outbox.send({ content: "hi" })).toMatchObject({ state: "stored", timestamp: null });
  });

  it("sends even if this disk cannot be written, and fails instead of queueing if the bridge is away too", async () => {
    writeFileSync(join(home, "outbox"), "a file where the folder should be");
    bridgeAnswers(201, "lost");
    expect(await mailbox.outbox.send({ content: "hi" })).toMatchObject({ state: "stored", timestamp: TIME });
    expect(await mailbox.outbox.send({ content: "hi" })).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("could not be kept"),
    });
  });
});

describe("Mailbox.flush", () => {
  it("sends no entry twice when two calls flush at once", async () => {
    enqueue(paths, { content: "one", from: "mac", id: "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11" }, ANY);
    bridgeAnswers(201, 201);
    await Promise.all([mailbox.outbox.flush(), mailbox.outbox.flush()]);
    expect(received).toEqual(["one"]);
  });

  it("moves an entry that violates the contract to the failed ones and continues", async () => {
    enqueue(paths, { content: "", from: "mac", id: "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11" }, ANY);
    enqueue(paths, { content: "good", from: "mac", id: "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c12" }, ANY);
    bridgeAnswers(201);
    expect(await mailbox.outbox.flush()).toMatchObject({ failed: 1, waiting: 0, stoppedBy: null });
    expect(received).toEqual(["good"]);
    expect(readFileSync(readFailed(paths)[0]?.file ?? "", "utf8")).toContain("must not be empty");
  });
});

describe("Mailbox.unread", () => {
  const summary = (unread: number) => ({
    unread,
    handovers: 0,
    groups: [{ from: "pc", kind: "task", unread, latest: { id: ID, timestamp: TIME } }],
  });
  const bridgeSays = (status: number, json: object, etag: string) =>
    steps.push({ to: "GET /unread?reader=mac%2Fphoton", answer: () => ({ status, json, headers: { etag } }) });

  it("keeps the bridge's last answer, and asks only whether it has changed", async () => {
    bridgeSays(200, summary(2), '"1"');
    expect(await mailbox.unread.fetch()).toMatchObject(summary(2));
    steps.push({
      to: "GET /unread?reader=mac%2Fphoton",
      answer: ({ headers }) =>
        headers["if-none-match"] === '"1"' ? { status: 304, headers: { etag: '"1"' } } : "lost",
    });
    expect(await mailbox.unread.check()).toMatchObject(summary(2));
  });

  it("does not count messages that were marked read here while the bridge is away", async () => {
    addReceipts(paths, { workerUrl: BRIDGE, reader: "mac", read: [ID] });
    steps.push({
      to: "POST /messages/read",
      answer: () => ({ status: 503, json: { error: "No.", code: "store_unavailable" } }),
    });
    bridgeSays(200, summary(2), '"1"');
    expect(await mailbox.unread.fetch()).toMatchObject({ unread: 1, groups: [{ unread: 1 }] });
    bridgeSays(200, summary(1), '"2"');
    expect(await mailbox.unread.fetch()).toMatchObject({ unread: 0, groups: [] });
  });

  it("lists no message that was marked read here, even if another process sends the mark meanwhile", async () => {
    const file = addReceipts(paths, { workerUrl: BRIDGE, reader: "mac", read: [ID] });
    const message = {
      id: ID,
      from: "pc",
      to: "mac",
      project: null,
      timestamp: TIME,
      content: "hi",
      tags: [],
      read: false,
    };
    steps.push({
      to: "GET /messages?unread=true&reader=mac%2Fphoton",
      answer: () => {
        removeReceipts([file]); // the bridge got the mark after it had made this answer
        return { status: 200, json: { messages: [message], count: 1 } };
      },
    });
    expect((await mailbox.inbox.list({ unread: "true" })).messages).toEqual([]);
  });

  it("says what is missing on a machine that is not set up", async () => {
    const unset = new Mailbox(config({ BRIDGE_WORKER_URL: "" }), paths);
    await expect(unset.unread.fetch()).rejects.toMatchObject({
      code: "not_set_up",
      message: expect.stringContaining("BRIDGE_WORKER_URL"),
    });
  });
});
