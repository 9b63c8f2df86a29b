import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { bridgeObject, type Init, requestTo, stored } from "../../test/support/worker/bridge.ts";
import { type Calls, countCalls } from "../../test/support/worker/counted-calls.ts";
import { countRows, type Rows } from "../../test/support/worker/counted-rows.ts";
import { found, join, joined, machineListFor } from "../../test/support/worker/fleet.ts";
import { fillLog } from "../../test/support/worker/full-audit-log.ts";
import { JoiningMachine, newInvite } from "../../test/support/worker/joining-machine.ts";
import { createApp } from "../app.ts";
import type { Env } from "../env.ts";
import { SCHEMA } from "./schema.ts";

beforeEach(() => reset());

const app = createApp(Date.now);
const BIG = "[".repeat(1_500_000);
const shaped = () => `Bearer photon_${crypto.randomUUID()}${"x".repeat(7)}`;

/** Requests that a stranger can send: the path, and a key that differs in each request. */
const KINDS: Record<string, { status: number; method: string; path: string; init?: Init; key?: () => string }> = {
  health: { status: 200, method: "GET", path: "/health" },
  "OPTIONS of any path": { status: 204, method: "OPTIONS", path: "/messages" },
  "a web page's request": { status: 403, method: "GET", path: "/messages", init: { headers: { origin: "null" } } },
  "no key": { status: 401, method: "GET", path: "/unread?reader=pc" },
  "no key, a large body": { status: 401, method: "POST", path: "/messages", init: { body: BIG } },
  "no key, an unknown path": { status: 401, method: "GET", path: "/nope" },
  "no key, a socket": {
    status: 401,
    method: "GET",
    path: "/live?reader=pc",
    init: { headers: { upgrade: "websocket" } },
  },
  "a wrong key": { status: 401, method: "GET", path: "/unread?reader=pc", key: () => `Bearer ${crypto.randomUUID()}` },
  "a wrong key as machines have": { status: 401, method: "GET", path: "/unread?reader=pc", key: shaped },
  "the same, a socket": {
    ...{ status: 401, method: "GET", path: "/live?reader=pc", key: shaped },
    init: { headers: { upgrade: "websocket" } },
  },
  "the same, a broken body": { status: 401, method: "POST", path: "/messages", init: { body: "{" }, key: shaped },
  "the same, a large body": { status: 401, method: "POST", path: "/messages", init: { body: BIG }, key: shaped },
  "the same, a large capsule": {
    ...{ status: 401, method: "PUT", path: `/capsules/${"a".repeat(64)}`, key: shaped },
    init: { body: BIG, headers: { "content-type": "application/octet-stream" } },
  },
  "the same, a wrong query": { status: 401, method: "GET", path: "/messages?limit=0", key: shaped },
  "the same, an unknown path": { status: 401, method: "GET", path: "/nope", key: shaped },
  "the same, a wrong method": { status: 401, method: "PATCH", path: "/messages", key: shaped },
  "an invitation that is guessed": { status: 403, method: "GET", path: `/invites/${"2".repeat(32)}` },
  "what is no invitation": { status: 400, method: "GET", path: "/invites/2" },
  "a joining with a large body": {
    ...{ status: 413, method: "POST", path: `/invites/${"2".repeat(32)}/join` },
    init: { body: " ".repeat(64 * 1024 + 1) },
  },
  "a joining with a broken body": {
    status: 400,
    method: "POST",
    path: `/invites/${"2".repeat(32)}/join`,
    init: { body: "{" },
  },
};

/** What each request costs: the first one of a day, and each one after the audit log's daily limit. */
const NOTHING = { object: 0, kv: 0, read: 0, written: 0 };
const ASKED = { object: 1, kv: 0, read: 0, written: 0 };
const NOTED = { first: { object: 1, kv: 0, read: 10, written: 7 }, later: { object: 1, kv: 0, read: 2, written: 0 } };
const COSTS: Record<keyof typeof KINDS, { first: Calls & Rows; later: Calls & Rows }> = {
  ...Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, { first: NOTHING, later: NOTHING }])),
  ...Object.fromEntries(
    Object.entries(KINDS)
      .filter(([, { key }]) => key !== undefined)
      .map(([kind]) => [kind, NOTED]),
  ),
  "an invitation that is guessed": { first: ASKED, later: ASKED },
};

/** A machine list as long as after years, and an object that hibernates: the request that wakes it pays for reading the list. */
async function bridgeOf(machines: number): Promise<JoiningMachine> {
  const mac = await found();
  for (let i = 0; i < machines; i++) await joined(`box${i}`, mac);
  await fillLog();
  return mac;
}

async function measure(bindings: Env, calls: () => Calls, kind: string): Promise<Calls & Rows> {
  const { status, method, path, init = {}, key } = KINDS[kind] ?? { status: 0, method: "", path: "" };
  await evictDurableObject(bridgeObject());
  const spent = await countRows();
  calls();
  const headers = { ...init.headers, authorization: key?.() ?? "" };
  const response = await app.fetch(requestTo(method, path, { ...init, headers }), bindings);
  expect([kind, response.status]).toEqual([kind, status]);
  return { ...calls(), ...(await spent()) };
}

describe.each([1, 8])("with %i joined machines, a request by a stranger", (machines) => {
  it.each(Object.keys(KINDS))(
    "(%s) costs what docs/reference/security.md says, wakes nothing that has to be read, and leaves nothing",
    async (kind) => {
      await bridgeOf(machines);
      const before = await stored();
      const { FAILED_KEYS: _1, JOINS: _2, ...unlimited } = countCalls().bindings;
      const counting = countCalls();
      const bindings = { ...unlimited, BRIDGE: counting.bindings.BRIDGE, MESSAGES: counting.bindings.MESSAGES } as Env;
      const first = await measure(bindings, counting.calls, kind);
      for (let times = 0; times < 20; times++) await bridgeObject().noteWrongKey(undefined);
      const later = await measure(bindings, counting.calls, kind);
      expect({ first, later }).toEqual(COSTS[kind]);
      expect(await stored()).toEqual(before);
    },
  );
});

it("waking the object reads no rows", async () => {
  await bridgeOf(3);
  const read = await runInDurableObject(bridgeObject(), (_, { storage }) => storage.sql.exec(SCHEMA).rowsRead);
  expect(read).toBe(0);
});

it("a join with a guessed invitation costs one call and no rows, whatever it contains", async () => {
  const mac = await bridgeOf(3);
  const machineList = await machineListFor(mac);
  const thief = await JoiningMachine.make("thief");
  await evictDurableObject(bridgeObject());
  const spent = await countRows();
  expect((await join(thief, await newInvite(), machineList)).status).toBe(403);
  expect(await spent()).toEqual({ read: 0, written: 0 });
});
