import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ROUTES } from "../contract/api.ts";
import { BRIDGE_HEADER } from "../contract/own-answer.ts";
import { version } from "../package.json";
import { bridgeObject, call, problemOf, requestTo, sent, storedTexts } from "../test/support/worker/bridge.ts";
import { createApp } from "./app.ts";
import type { Env } from "./env.ts";
import type { BridgeCall } from "./object/calls.ts";

const SECRET = "the text of a private message";

beforeEach(() => reset());
afterEach(() => vi.restoreAllMocks());

describe("GET /health", () => {
  it("needs no key and says which version runs", async () => {
    const response = await call("GET", "/health?anything=1", { headers: { authorization: "" } });
    expect(response.status).toBe(200);
    expect(ROUTES.health.answer.parse(await response.json())).toMatchObject({ status: "ok", version });
  });

  it("answers HEAD with no body", async () => {
    const response = await call("HEAD", "/health", { headers: { authorization: "" } });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});

describe("every answer", () => {
  const answers: [string, () => Promise<Response>][] = [
    ["a success", () => call("GET", "/messages")],
    ["health", () => call("GET", "/health")],
    ["OPTIONS", () => call("OPTIONS", "/messages", { headers: { authorization: "", origin: "https://evil.example" } })],
    ["a refusal", () => call("GET", "/messages?limit=0")],
    ["a wrong key", () => call("GET", "/messages", { headers: { authorization: "" } })],
    ["an unknown path", () => call("GET", "/nope")],
    ["a wrong method", () => call("PUT", "/messages")],
    [
      "a failure",
      async () => {
        vi.spyOn(console, "error").mockImplementation(() => undefined); // it is logged, as is tested below
        return createApp(Date.now, () => boom()).fetch(requestTo("GET", "/messages"), env);
      },
    ],
  ];

  it.each(answers)("(%s) forbids browsers to run, frame, sniff or cache it", async (_, ask) => {
    const { headers } = await ask();
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=[0-9]{7,}/);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it.each(answers)("(%s) says that it is the bridge's own", async (_, ask) => {
    expect((await ask()).headers.get(BRIDGE_HEADER)).toBe(version);
  });

  it.each(answers)("(%s) has no CORS header, so no web page can read it", async (_, ask) => {
    const names = [...(await ask()).headers.keys()];
    expect(names.filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});

it.each(["/messages", "/health", "/nope"])("OPTIONS %s is answered without a key, and grants nothing", async (path) => {
  const headers = {
    authorization: "",
    origin: "https://evil.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization",
  };
  const response = await call("OPTIONS", path, { headers });
  expect([response.status, await response.text()]).toEqual([204, ""]);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
});

describe("a failure", () => {
  it("that is unexpected is answered without details, and logged without the message or the key", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await sent({ content: SECRET });
    const broken = createApp(Date.now, () => boom());
    const response = await broken.fetch(requestTo("GET", "/messages"), env);
    expect(await problemOf(response)).toEqual({ status: 500, code: "internal", error: "The bridge failed." });
    expect(log).toHaveBeenCalledOnce();
    const logged = JSON.stringify(log.mock.calls);
    expect(logged).toContain("boom");
    expect(logged).not.toContain(SECRET);
    expect(logged).not.toContain(env.BRIDGE_API_KEY);
  });

  it("of the object is a 503 that says when to retry, and stores nothing", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await runInDurableObject(bridgeObject(), (_, { storage }) => storage.sql.exec("DROP TABLE last_seen"));
    // Called from inside: workerd itself logs what a call from outside fails with.
    const ask = (asked: BridgeCall) => runInDurableObject(bridgeObject(), (bridge) => bridge.ask(asked));
    const bindings = { ...env, BRIDGE: { getByName: () => ({ ask }) } } as unknown as Env;
    const request = requestTo("POST", "/messages", { body: { content: SECRET, from: "mac" } });
    const response = await createApp(Date.now).fetch(request, bindings);
    expect(response.headers.get("retry-after")).toBe("60");
    expect(await problemOf(response)).toEqual({
      status: 503,
      code: "store_unavailable",
      error: expect.stringContaining("try again later"),
    });
    expect(JSON.stringify(log.mock.calls)).not.toContain(SECRET);
    expect(await storedTexts()).toEqual({});
  });

  it("of KV affects neither sending nor listing", async () => {
    const { app, bindings } = withoutKv();
    const body = { content: "hi", from: "mac" };
    expect((await app.fetch(requestTo("POST", "/messages", { body }), bindings)).status).toBe(201);
    expect(await (await app.fetch(requestTo("GET", "/messages"), bindings)).json()).toMatchObject({ count: 1 });
  });

  it("of KV is a 503 for a capsule, and retries do not count toward the quota again", async () => {
    const { app, bindings } = withoutKv();
    const put = () => {
      const path = "/capsules/6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
      const headers = { authorization: `Bearer ${env.BRIDGE_API_KEY}`, "content-type": "application/octet-stream" };
      return new Request(`https://bridge.example${path}`, { method: "PUT", headers, body: new Uint8Array(1) });
    };
    for (let times = 0; times < 2; times++) expect((await app.fetch(put(), bindings)).status).toBe(503);
    expect((await createApp(Date.now).fetch(put(), env)).status).toBe(201);
  });
});

describe("an unused request body", () => {
  it.each([
    ["POST", "/messages/4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10/read", 404],
    ["DELETE", "/messages/4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10", 200],
    ["POST", "/nope", 404],
    ["PUT", "/messages", 405],
  ])("is read to its end (%s %s)", async (method, path, status) => {
    const request = requestTo(method, path, { body: "x".repeat(100_000) });
    const response = await createApp(Date.now).fetch(request, env);
    expect(response.status).toBe(status);
    expect(await request.body?.getReader().read()).toMatchObject({ done: true });
  });
});

describe("GET /unread", () => {
  it("is answered 304 without a body while nothing changes, and 200 after a new message", async () => {
    const first = await call("GET", "/unread?reader=pc");
    const etag = first.headers.get("etag") ?? "";
    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"[^"]+"$/)]);
    const again = await call("GET", "/unread?reader=pc", { headers: { "if-none-match": etag } });
    expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
    expect(again.headers.get("cache-control")).toBe("no-store");
    await sent({ to: "pc" });
    const changed = await call("GET", "/unread?reader=pc", { headers: { "if-none-match": etag } });
    expect(ROUTES.unread.answer.parse(await changed.json())).toMatchObject({ unread: 1 });
    expect(changed.headers.get("etag")).not.toBe(etag);
  });
});

describe("GET /machines", () => {
  it("lists the machines that the bridge knows and when each was last seen", async () => {
    const { timestamp } = await sent({ from: "mac/photon" });
    const answer = ROUTES.machines.answer.parse(await (await call("GET", "/machines")).json());
    expect(answer).toEqual({ machines: [{ machine: "mac", seenAt: timestamp }] });
  });
});

function boom(): never {
  throw new Error("boom");
}

/** The Worker with a KV that is down. */
function withoutKv() {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const kv = new Proxy(env.MESSAGES, { get: () => () => Promise.reject(new Error("KV is down.")) });
  return { app: createApp(Date.now), bindings: { ...env, MESSAGES: kv } };
}
