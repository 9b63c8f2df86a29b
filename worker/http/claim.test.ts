import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Env } from "../env.ts";
import { call, problemOf, requestTo, stored } from "../testing/bridge.ts";
import { createApp } from "./app.ts";

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

it("the scheme may be written in any case", async () => {
  const headers = { authorization: `bearer ${env.BRIDGE_API_KEY}` };
  expect((await call("GET", "/messages", { headers })).status).toBe(200);
});

it("wrong keys from one address are limited, the right key and other addresses are not", async () => {
  const attempt = (address: string, authorization: string) =>
    call("GET", "/messages", { headers: from(address, authorization) });

  // The limit counts by the clock's minute: when one ends meanwhile, the next begins with none.
  const answers = [];
  for (let i = 0; i < 50; i++) answers.push(await attempt("203.0.113.7", "Bearer wrong"));
  expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(Array(20).fill(401));
  const limited = answers.find(({ status }) => status !== 401);
  if (!limited) throw new Error("50 wrong keys were not limited");
  expect(limited.headers.get("retry-after")).toBe("60");
  expect(await problemOf(limited)).toEqual({
    status: 429,
    code: "rate_limited",
    error: "Too many requests with a wrong key came from this address.",
  });
  expect((await attempt("203.0.113.7", `Bearer ${env.BRIDGE_API_KEY}`)).status).toBe(200);
  expect((await attempt("203.0.113.8", "Bearer wrong")).status).toBe(401);
});

describe("a Worker that is not wholly set up", () => {
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

  it("checks the key without a limiter too, and when the limiter fails", async () => {
    const broken: RateLimit = { limit: () => Promise.reject(new Error("down")) };
    const bindings = { MESSAGES: env.MESSAGES, BRIDGE: env.BRIDGE, BRIDGE_API_KEY: "k" };
    for (const given of [bindings, { ...bindings, FAILED_KEYS: broken }]) {
      expect((await fetchWith(given, { authorization: "Bearer x" })).status).toBe(401);
      expect((await fetchWith(given, { authorization: "Bearer k" })).status).toBe(200);
    }
  });
});

it("refuses everything with 503 without the object, and lets nobody in", async () => {
  const { BRIDGE: _, ...bindings } = env;
  const response = await createApp(Date.now).fetch(requestTo("GET", "/messages"), bindings);
  expect(await problemOf(response)).toMatchObject({ status: 503, code: "not_configured" });
});

function from(address: string, authorization: string): Record<string, string> {
  return { "cf-connecting-ip": address, authorization };
}
