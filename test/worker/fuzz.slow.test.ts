import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { ROUTES, type Route } from "../../contract/api.ts";
import { encryptedText } from "../../contract/encrypted.ts";
import { Problem } from "../../contract/problem.ts";
import { createApp } from "../../worker/app.ts";
import type { Env } from "../../worker/env.ts";
import { bridgeObject, stored } from "../support/worker/bridge.ts";
import { callAs, extend, found, invite, joined, machineListFor } from "../support/worker/fleet.ts";

/** The batches of requests, and the requests in each. */
const BATCHES = 9;
const BATCH = 300;

const ID = "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10";

beforeEach(() => reset());

interface Case {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly type: string;
  readonly body: string | null;
  readonly header: string;
  /** The browser's headers about the page; empty for other clients. */
  readonly origin: string;
}

/** A JSON value that fits a schema, nearly fits it, or is random. */
const names = fc.constantFrom(
  "mac",
  "MAC/photon",
  "pc",
  "Desk",
  "lamp",
  "ghost/photon",
  "*/photon",
  "*",
  "",
  "../x",
  "mac\n",
  "a".repeat(70),
);
const ids = fc.constantFrom(ID, ID.toUpperCase(), "1", "", "00000000-0000-4000-8000-000000000000");
const anything = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue());
const fields = (known: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(
    Object.fromEntries(
      Object.entries(known).map(([name, value]) => [name, fc.oneof({ weight: 6, arbitrary: value }, anything)]),
    ),
    {
      requiredKeys: [],
    },
  );

const draft = fields({
  content: fc.oneof(fc.string(), fc.constant("x".repeat(2_000)), fc.string({ unit: "binary" })),
  from: names,
  to: names,
  project: names,
  tags: fc.array(fc.string(), { maxLength: 20 }),
  id: ids,
  kind: fc.constantFrom("note", "task", "reply", "handover", "order"),
  replyTo: ids,
  replaces: ids,
  session: fc.string(),
  expiresInSeconds: fc.oneof(fc.integer(), fc.constant(3_600)),
  hops: fc.integer(),
  work: fields({ branch: fc.string(), files: fc.integer(), capsule: anything }),
});
const marks = fields({ reader: names, ids: fc.array(ids), shown: fc.array(ids) });

/** Entries of the machine list: valid, mutated, or random values. */
function machineListBodies(right: readonly object[]): fc.Arbitrary<unknown> {
  const whole = fc.constantFrom(...right);
  const mutated = fc.tuple(whole, fc.nat(), fc.string({ maxLength: 3 })).map(([body, at, text]) => {
    const json = JSON.stringify(body);
    const place = at % json.length;
    const broken = json.slice(0, place) + text + json.slice(place + 1);
    try {
      return JSON.parse(broken);
    } catch {
      return broken;
    }
  });
  return fc.oneof(
    whole,
    mutated,
    fields({ entry: fields({ body: fc.string(), signature: fc.string() }), keyHash: fc.string() }),
  );
}

const query = fc
  .dictionary(
    fc.constantFrom(
      ...["reader", "limit", "cursor", "unread", "from", "to", "tag", "kind", "thread", "since", "confirm"],
      "after",
      "x",
      "machine",
      "except",
    ),
    fc.oneof(
      names,
      ids,
      fc.string(),
      fc.constantFrom("true", "false", "0", "1", "99999999999", "2026-11-23", "NaN", "-1"),
    ),
    { maxKeys: 4 },
  )
  .map((record) => new URLSearchParams(record).toString());

const paths = [...new Set(Object.values(ROUTES).map(({ path }) => path)), "/", "/nope", "/messages/x/y", "//messages"];

function cases(keys: readonly string[], machineListRights: readonly object[], inviteId: string): fc.Arbitrary<Case> {
  const all = anyCase(keys, machineListRights, inviteId);
  return fc.oneof(
    { weight: 3, arbitrary: all },
    {
      weight: 1,
      arbitrary: fc.tuple(all, fc.oneof(aimed, aimedMarks)).map(([each, right]) => ({ ...each, ...right })),
    },
  );
}

function anyCase(keys: readonly string[], machineListRights: readonly object[], inviteId: string): fc.Arbitrary<Case> {
  const body = fc
    .oneof(draft, marks, machineListBodies(machineListRights), anything)
    .map((value) => JSON.stringify(value) ?? "");
  return fc.record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"),
    path: fc
      .tuple(fc.constantFrom(...paths), ids, query, fc.constantFrom(inviteId, "0".repeat(32), "x"))
      .map(([path, id, text, invite]) => {
        const filled = path
          .replace(":id", encodeURIComponent(id))
          .replace(":sha256", "a".repeat(64))
          .replace(":invite", invite);
        return text === "" ? filled : `${filled}?${text}`;
      }),
    key: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...keys) }, fc.string({ unit: "grapheme-ascii" })),
    type: fc.constantFrom(
      "application/json",
      "application/json",
      "application/json; charset=x",
      "text/plain",
      "application/octet-stream",
      "",
    ),
    body: fc.oneof({ weight: 8, arbitrary: body }, fc.string(), fc.constant(null)),
    header: fc.constantFrom("", "websocket", '"etag"', "0123abcd"),
    origin: fc.oneof(
      { weight: 9, arbitrary: fc.constant("") },
      fc.constantFrom("null", "https://evil.example", "http://127.0.0.1:3000"),
    ),
  });
}

/** A valid or nearly valid message by an allowed or other sender, which more often passes the first checks. */
const aimed: fc.Arbitrary<Pick<Case, "method" | "path" | "type" | "body">> = fc
  .record(
    {
      content: fc.string({ minLength: 1 }),
      from: fc.constantFrom("lamp", "mac", "pc/photon", "DESK", "Mini"),
      to: names,
      tags: fc.array(fc.string()),
      id: fc.uuid(),
      replaces: fc.constant(ID),
    },
    { requiredKeys: ["content", "from"] },
  )
  .map((body) => ({ method: "POST", path: "/messages", type: "application/json", body: JSON.stringify(body) }));

/** Marks on an existing message, by an allowed or other reader. */
const aimedMarks: fc.Arbitrary<Pick<Case, "method" | "path" | "type" | "body">> = fc
  .record({ reader: names, ids: fc.constant([ID]), what: fc.constantFrom("shown", "read", "taken") })
  .map(({ what, ...body }) => ({
    ...{ method: "POST", path: `/messages/${what}`, type: "application/json" },
    body: JSON.stringify(body),
  }));

function requestOf({ method, path, key, type, body, header, origin }: Case): Request {
  const headers = new Headers();
  const set = (name: string, value: string) => {
    try {
      if (value !== "") headers.set(name, value);
    } catch {
      // no request could carry it
    }
  };
  set("authorization", `Bearer ${key}`);
  set("content-type", type);
  set("if-none-match", header);
  set("photon-installation", header);
  set("photon-version", header);
  set("origin", origin);
  const mayCarry = body !== null && method !== "GET" && method !== "HEAD";
  return new Request(`https://bridge.example${path}`, { method, headers, ...(mayCarry && { body }) });
}

/** A success must match its route's schema. Any other answer must be a problem with a sentence, or have no body. */
async function check(request: Request, response: Response): Promise<void> {
  const { method, url } = request;
  expect(response.status, `${method} ${url}`).not.toBe(500);
  if (method === "HEAD" || method === "OPTIONS" || response.status === 304) return;
  const text = await response.clone().text();
  if (response.status >= 400) {
    expect(Problem.strict().safeParse(JSON.parse(text)).error, `${method} ${url}: ${text}`).toBeUndefined();
    return;
  }
  const path = new URL(url).pathname.split("/");
  const fits = (route: Route) => {
    const parts = route.path.split("/");
    return (
      route.method === method &&
      parts.length === path.length &&
      parts.every((part, at) => part.startsWith(":") || part === path[at])
    );
  };
  // `/messages/read` fits `/messages/:id` too: the one without a parameter is meant.
  const [route] = Object.values<Route>(ROUTES)
    .filter(fits)
    .sort((a, b) => a.path.split(":").length - b.path.split(":").length);
  expect(route, `${method} ${url}`).toBeDefined();
  if (route?.bytes !== "answer")
    expect(route?.answer.safeParse(JSON.parse(text)).error, `${method} ${url}`).toBeUndefined();
}

/** A request without a key, or from a web page, must get only that refusal. Public routes refuse pages too. */
function checkStranger({ method, path, origin }: Case, { status }: Response): void {
  if (method === "OPTIONS") return;
  const isPublic = /^\/(?:health|invites\/[^/?]+(?:\/join)?)(?:\?|$)/.test(path);
  if (origin !== "") expect(status, `${method} ${path}`).toBe(403);
  else if (isPublic) expect([200, 400, 401, 403, 413, 415], `${method} ${path}`).toContain(status);
  else expect(status, `${method} ${path}`).toBe(401);
}

/** Stored data under the name of a joined or revoked machine that did not come with its own key. */
function forged(): Promise<unknown[]> {
  return runInDurableObject(bridgeObject(), (_, { storage }) => {
    const joined = "('mac', 'pc', 'desk')";
    return [
      `SELECT * FROM receipts WHERE own_key = 0 AND machine IN ${joined}`,
      `SELECT * FROM last_seen WHERE own_key = 0 AND machine IN ${joined}`,
      `SELECT * FROM messages WHERE sender IN ${joined} AND json_extract(head, '$.hasOwnKey') IS NULL`,
    ].flatMap((query) => storage.sql.exec(query).toArray());
  });
}

it(`answers ${BATCHES * BATCH} requests of every kind without failing, and stores nothing of what it refuses`, async () => {
  const mac = await found();
  const pc = await joined("pc", mac);
  const desk = await joined("desk", mac);
  await extend(mac, { type: "revoke", machine: desk.fingerprint });
  await callAs(mac, "POST", "/messages", { id: ID, content: encryptedText("QUFBQQ=="), from: "mac" });
  const open = await invite(mac);
  const machineList = await machineListFor(mac);
  const entry = await mac.entry(machineList, { type: "rename", name: "mini" });
  const stale = await pc.entry({ hashes: [] }, { type: "lock" });
  const rights = [{ entry }, { entry: stale }, { entry, keyHash: mac.keyHash() }];
  const known = [env.BRIDGE_API_KEY, mac.machineKey, pc.machineKey];
  // Mostly with the shared key, to find things that it must not be able to do.
  const keys = [...known, env.BRIDGE_API_KEY, env.BRIDGE_API_KEY, desk.machineKey, `photon_${"A".repeat(43)}`, ""];
  const { FAILED_KEYS: _1, REQUESTS: _2, JOINS: _3, ...bindings }: Env = env;
  const app = createApp(Date.now);
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(cases(keys, rights, open.id), { minLength: BATCH, maxLength: BATCH }), async (batch) => {
      let before = await stored();
      for (const each of batch) {
        const request = requestOf(each);
        const response = await app.fetch(request.clone() as Request, bindings);
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
        await check(request, response);
        if (!known.includes(each.key) || each.origin !== "") checkStranger(each, response);
        const after = await stored();
        if (response.status >= 400) expect(after, `${each.method} ${each.path}`).toEqual(before);
        before = after;
      }
      expect(await forged()).toEqual([]);
    }),
    { numRuns: BATCHES, endOnFailure: true },
  );
  // The cases must reach the routes and not fail only at the first checks.
  for (const status of [200, 201, 400, 401, 403, 404, 405, 415])
    expect(seen.get(status) ?? 0, String(status)).toBeGreaterThan(5);
}, 120_000);
