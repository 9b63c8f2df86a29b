import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ROUTES } from "../contract/api.ts";
import { version } from "../package.json";
import { systemAmbient } from "./ambient.ts";
import { createApp } from "./app.ts";
import { call, problemOf, requestTo, sent, storedKeys } from "./testing/bridge.ts";

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
    ["a failure", async () => failing(() => Promise.reject(new Error(SECRET))).fetch()],
  ];

  it.each(answers)("(%s) tells browsers to run, frame, sniff and keep nothing", async (_, ask) => {
    const { headers } = await ask();
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=[0-9]{7,}/);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it.each(answers)("(%s) lets no web page read it", async (_, ask) => {
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
  it("that nobody expected is answered without a detail, and logged without the message or the key", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    // A bug in this code, not a failure of KV.
    const response = await createApp({ ...systemAmbient(), randomId: () => boom() }).fetch(draft(), env);
    expect(await problemOf(response)).toEqual({ status: 500, code: "internal", error: "The bridge failed." });
    expect(log).toHaveBeenCalledOnce();
    const logged = JSON.stringify(log.mock.calls);
    expect(logged).toContain("boom");
    expect(logged).not.toContain(SECRET);
    expect(logged).not.toContain(env.BRIDGE_API_KEY);
  });

  it.each(["list", "put"] as const)("of KV's %s is answered with 503 and when to try again", async (operation) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const quota = () => Promise.reject(new Error("KV put() limit exceeded for the day."));
    const response = await failing(quota, operation).fetch();
    expect(response.headers.get("retry-after")).toBe("60");
    expect(await problemOf(response)).toEqual({
      status: 503,
      code: "store_unavailable",
      error: "The store of the bridge cannot be used now; nothing is lost, try again later.",
    });
    expect(JSON.stringify(log.mock.calls)).toContain("limit exceeded");
    expect(JSON.stringify(log.mock.calls)).not.toContain(SECRET);
    expect(await storedKeys()).toEqual([]);
  });

  it("of KV's get is one too, and a list that needs no value works meanwhile", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await sent({ content: "short" });
    const { app, bindings } = failing(() => Promise.reject(new Error("down")), "get");
    const list = () => app.fetch(requestTo("GET", "/messages"), bindings);
    expect((await list()).status).toBe(200);
    await sent({ content: "long ".repeat(1000) });
    expect(await problemOf(await list())).toMatchObject({ status: 503, code: "store_unavailable" });
  });
});

describe("a request body that is not needed", () => {
  it.each([
    ["POST", "/messages/4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10/read", 404],
    ["DELETE", "/messages/4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10", 200],
    ["POST", "/nope", 404],
    ["PUT", "/messages", 405],
  ])("%s %s leaves none behind unread", async (method, path, status) => {
    const request = requestTo(method, path, { body: "x".repeat(100_000) });
    const response = await createApp(systemAmbient()).fetch(request, env);
    expect(response.status).toBe(status);
    expect(await request.body?.getReader().read()).toMatchObject({ done: true });
  });
});

describe("GET /unread", () => {
  it("is answered 304 without a body while nothing has changed, and 200 after a message came", async () => {
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
  it("tells which machines the bridge knows, and when it last heard of them", async () => {
    const { timestamp } = await sent({ from: "mac/photon" });
    const answer = ROUTES.machines.answer.parse(await (await call("GET", "/machines")).json());
    expect(answer).toEqual({ machines: [{ machine: "mac", seenAt: timestamp }] });
  });
});

function draft(): Request {
  return requestTo("POST", "/messages", { body: { content: SECRET, from: "mac" } });
}

function boom(): never {
  throw new Error("boom");
}

/** The Worker over the real KV, of which one operation fails. */
function failing(fail: () => Promise<never>, operation: "list" | "put" | "get" = "put") {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const kv = new Proxy(env.MESSAGES, {
    get(target, name) {
      if (name === operation) return fail;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const app = createApp(systemAmbient());
  const bindings = { ...env, MESSAGES: kv };
  const request = requestTo("POST", "/messages", {
    body: { content: SECRET, from: "mac", id: "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10" },
  });
  return { app, bindings, fetch: async () => app.fetch(request, bindings) };
}
