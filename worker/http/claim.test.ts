import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { call, problemOf, requestTo, stored } from "../../test/support/worker/bridge.ts";
import { countCalls } from "../../test/support/worker/counted-calls.ts";
import { extend, found } from "../../test/support/worker/fleet.ts";
import { createApp } from "../app.ts";
import type { Env } from "../env.ts";

const DRAFT = { content: "hi", from: "mac" };
const EVERY_ROUTE = [
  ["POST", "/messages"],
  ["GET", "/messages"],
  ["DELETE", "/messages?confirm=true"],
  ["POST", "/messages/shown"],
  ["POST", "/messages/read"],
  ["GET", "/messages/4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10"],
  ["POST", "/messages/4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10/read"],
  ["DELETE", "/messages/4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10"],
  ["GET", "/unread?reader=mac"],
  ["GET", "/nope"],
  ["PUT", "/messages"],
  ["POST", "/health"],
] as const;

beforeEach(() => reset());

describe("without the right key", () => {
  it.each(EVERY_ROUTE)("%s %s does nothing", async (method, path) => {
    const body = method === "POST" ? DRAFT : undefined;
    const missing = await call(method, path, { body, headers: from("198.51.100.1", "") });
    expect(missing.headers.get("www-authenticate")).toBe("Bearer");
    expect(await problemOf(missing)).toEqual({
      status: 401,
      code: "unauthorized",
      error: "The request has no key: send `Authorization: Bearer <key>`.",
    });
    const wrong = await call(method, path, { body, headers: from("198.51.100.2", "Bearer wrong") });
    expect(await problemOf(wrong)).toEqual({
      status: 401,
      code: "unauthorized",
      error: "Wrong key for this bridge: send `Authorization: Bearer <key>`.",
    });
    expect(await stored()).toEqual([]);
  });

  it("a part of the key, more than the key, or the key in another scheme is a wrong key", async () => {
    const key = env.BRIDGE_API_KEY;
    const wrong = [
      "Bearer",
      "Bearer ",
      key,
      `Basic ${key}`,
      `Bearer ${key}x`,
      `Bearer ${key.slice(1)}`,
      `Bearer ${key.toUpperCase()}`,
    ];
    for (const authorization of wrong) {
      const response = await call("GET", "/messages", {
        headers: { authorization, "cf-connecting-ip": "198.51.100.3" },
      });
      expect([authorization, response.status]).toEqual([authorization, 401]);
    }
  });
});

it("the scheme is case-insensitive", async () => {
  const headers = { authorization: `bearer ${env.BRIDGE_API_KEY}` };
  expect((await call("GET", "/messages", { headers })).status).toBe(200);
});

it("wrong keys from one address are limited; the right key and other addresses are not", async () => {
  const attempt = (address: string, authorization: string) =>
    call("GET", "/messages", { headers: from(address, authorization) });

  // The limit counts per minute of the clock. If a minute ends during the test, the count starts again.
  const answers = [];
  for (let i = 0; i < 50; i++) answers.push(await attempt("203.0.113.7", "Bearer wrong"));
  expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(Array(20).fill(401));
  const limited = answers.find(({ status }) => status !== 401);
  if (!limited) throw new Error("50 wrong keys were not limited");
  expect(limited.headers.get("retry-after")).toBe("60");
  expect(await problemOf(limited)).toEqual({
    status: 429,
    code: "rate_limited",
    error: "Too many requests with a wrong key from this address.",
  });
  expect((await attempt("203.0.113.7", `Bearer ${env.BRIDGE_API_KEY}`)).status).toBe(200);
  expect((await attempt("203.0.113.8", "Bearer wrong")).status).toBe(401);
});

describe("a key that is not accepted", () => {
  const shaped = `Bearer photon_${"x".repeat(43)}`;
  const app = createApp(Date.now);
  /** The status, and the address counted for a wrong key. */
  const counting = async (request: Request) => {
    const counted: string[] = [];
    const limit = async ({ key = "" }) => ({ success: counted.push(key) < 3 });
    const bindings = { ...env, FAILED_KEYS: { limit } };
    return { response: await app.fetch(request, bindings), counted, bindings };
  };

  it.each(EVERY_ROUTE)(
    "of a machine's shape is refused and counted before what %s %s asks for",
    async (method, path) => {
      const wrong: [string, Record<string, string>][] = [
        ["{}", {}],
        ["{", {}],
        ["[".repeat(100_000), {}],
        ["x", { "content-type": "text/plain" }],
      ];
      for (const [text, headers] of method === "GET" ? wrong.slice(0, 1) : wrong) {
        const body = method === "GET" ? {} : { body: text };
        const size: Record<string, string> = method === "GET" ? {} : { "content-length": String(text.length) };
        const request = requestTo(method, path, {
          ...body,
          headers: { ...headers, ...size, ...from("198.51.100.4", shaped) },
        });
        const { response, counted } = await counting(request);
        expect(await problemOf(response)).toEqual({
          status: 401,
          code: "unauthorized",
          error: "This key does not belong to a machine of this bridge.",
        });
        expect([counted, response.headers.get("allow")]).toEqual([["198.51.100.4"], null]);
      }
      expect(await stored()).toEqual([]);
    },
  );

  it("is refused before a large body is read", async () => {
    let chunks = 0;
    let atFirstCall: number | null = null;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks++;
        controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
        if (chunks === 100) controller.close();
      },
    });
    const { bindings } = countCalls(() => {
      atFirstCall ??= chunks;
    });
    const request = new Request(requestTo("POST", "/messages", { headers: { authorization: shaped } }), { body });
    expect((await app.fetch(request, bindings)).status).toBe(401);
    expect(atFirstCall).toBeLessThan(3);
  });

  it("is also counted if it is the shared key and that is switched off", async () => {
    const mac = await found();
    await extend(mac, { type: "lock" });
    for (const path of ["/messages", "/nope", "/messages?limit=0"]) {
      const { response, counted } = await counting(requestTo("GET", path));
      expect([path, response.status, counted]).toEqual([path, 401, ["unknown"]]);
    }
  });

  it.each([
    ["198.51.100.7", "198.51.100.7"],
    ["::ffff:198.51.100.7", "198.51.100.7"],
    ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["2001:0DB8:0000:0001:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"],
    ["2001:db8::5", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("is counted for the network of its address: %s", async (address, network) => {
    const wrong = await counting(requestTo("GET", "/messages", { headers: from(address, "Bearer wrong") }));
    expect(wrong.counted).toEqual([network]);
    const joins: string[] = [];
    const JOINS = { limit: async ({ key = "" }) => ({ success: joins.push(key) > 0 }) };
    const request = requestTo("GET", `/invites/${"2".repeat(32)}`, { headers: from(address, "") });
    await app.fetch(request, { ...env, JOINS });
    expect(joins).toEqual([network]);
  });
});

describe("a Worker that is not completely set up", () => {
  const app = createApp(Date.now);
  const fetchWith = (bindings: Env, headers = {}) => app.fetch(requestTo("GET", "/messages", { headers }), bindings);

  it.each([undefined, "", "  "])("lets nobody in when its key is %j", async (key) => {
    const bindings = { MESSAGES: env.MESSAGES, ...(key === undefined ? {} : { BRIDGE_API_KEY: key }) };
    for (const authorization of ["", "Bearer", "Bearer ", "Bearer undefined", `Bearer ${env.BRIDGE_API_KEY}`]) {
      expect(await problemOf(await fetchWith(bindings, { authorization }))).toEqual({
        status: 503,
        code: "not_configured",
        error: "The bridge has no key yet: set the secret BRIDGE_API_KEY.",
      });
    }
  });

  it("checks the key even if the limiter is missing or fails", async () => {
    const broken: RateLimit = { limit: () => Promise.reject(new Error("down")) };
    const bindings = { MESSAGES: env.MESSAGES, BRIDGE: env.BRIDGE, BRIDGE_API_KEY: "k" };
    for (const given of [bindings, { ...bindings, FAILED_KEYS: broken }]) {
      expect((await fetchWith(given, { authorization: "Bearer x" })).status).toBe(401);
      expect((await fetchWith(given, { authorization: "Bearer k" })).status).toBe(200);
    }
  });
});

it("without the object, every request is refused with 503", async () => {
  const { BRIDGE: _, ...bindings } = env;
  const response = await createApp(Date.now).fetch(requestTo("GET", "/messages"), bindings);
  expect(await problemOf(response)).toMatchObject({ status: 503, code: "not_configured" });
});

function from(address: string, authorization: string): Record<string, string> {
  return { "cf-connecting-ip": address, authorization };
}
