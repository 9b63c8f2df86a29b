import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { ROUTES, type Route } from "../contract/api.ts";
import { Problem } from "../contract/problem.ts";
import type { Env } from "./env.ts";
import { createApp } from "./http/app.ts";
import { stored } from "./testing/bridge.ts";
import { found, invite, joined, rosterFor } from "./testing/fleet.ts";

/** Requests of one run: 27 batches of 300. */
const BATCHES = 27;
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
}

/** A value of JSON that is what a schema wants, nearly, or anything. */
const names = fc.constantFrom("mac", "MAC/photon", "pc", "lamp", "*/photon", "*", "", "../x", "mac\n", "a".repeat(70));
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

/** Entries of the roster, right ones, mutated ones and none at all. */
function rosterBodies(right: readonly object[]): fc.Arbitrary<unknown> {
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

function cases(keys: readonly string[], rosterRights: readonly object[], inviteId: string): fc.Arbitrary<Case> {
  const all = anyCase(keys, rosterRights, inviteId);
  return fc.oneof(
    { weight: 3, arbitrary: all },
    { weight: 1, arbitrary: fc.tuple(all, aimed).map(([each, right]) => ({ ...each, ...right })) },
  );
}

function anyCase(keys: readonly string[], rosterRights: readonly object[], inviteId: string): fc.Arbitrary<Case> {
  const body = fc.oneof(draft, marks, rosterBodies(rosterRights), anything).map((value) => JSON.stringify(value) ?? "");
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
  });
}

/** A right message, or nearly, of somebody who may send it, or not: what the door lets through more often. */
const aimed: fc.Arbitrary<Pick<Case, "method" | "path" | "type" | "body">> = fc
  .record(
    {
      content: fc.string({ minLength: 1 }),
      from: fc.constantFrom("lamp", "mac", "pc/photon"),
      to: names,
      tags: fc.array(fc.string()),
      id: fc.uuid(),
    },
    { requiredKeys: ["content", "from"] },
  )
  .map((body) => ({ method: "POST", path: "/messages", type: "application/json", body: JSON.stringify(body) }));

function requestOf({ method, path, key, type, body, header }: Case): Request {
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
  const mayCarry = body !== null && method !== "GET" && method !== "HEAD";
  return new Request(`https://bridge.example${path}`, { method, headers, ...(mayCarry && { body }) });
}

/** A success is what its route says; anything else is a problem with a sentence, or has no body at all. */
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

it(`answers ${BATCHES * BATCH} requests of every kind without failing, and stores nothing of what it refuses`, async () => {
  const mac = await found();
  const pc = await joined("pc", mac);
  const open = await invite(mac);
  const roster = await rosterFor(mac);
  const entry = await mac.entry(roster, { type: "rename", name: "mini" });
  const stale = await pc.entry({ hashes: [] }, { type: "lock" });
  const rights = [{ entry }, { entry: stale }, { entry, keyHash: mac.keyHash() }];
  const keys = [env.BRIDGE_API_KEY, mac.machineKey, pc.machineKey, `photon_${"A".repeat(43)}`, ""];
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
        const after = await stored();
        if (response.status >= 400) expect(after, `${each.method} ${each.path}`).toEqual(before);
        before = after;
      }
    }),
    { numRuns: BATCHES, endOnFailure: true },
  );
  // The cases reach into the routes, and not only to the door.
  for (const status of [200, 201, 400, 401, 403, 404, 405, 415])
    expect(seen.get(status) ?? 0, String(status)).toBeGreaterThan(5);
}, 120_000);
