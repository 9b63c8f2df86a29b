import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ROUTES } from "../../contract/api.ts";
import { problemOf, requestTo, stored } from "../../test/support/worker/bridge.ts";
import { countCalls } from "../../test/support/worker/counted-calls.ts";
import { found, invite } from "../../test/support/worker/fleet.ts";
import { createApp } from "../app.ts";

const app = createApp(Date.now);
const ID = "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10";

beforeEach(() => reset());

/** Headers that browsers add to requests of pages. */
const PAGES: readonly [string, Record<string, string>][] = [
  ["another site's page", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["a page of an older browser", { origin: "https://evil.example" }],
  ["a page in a frame of its own", { origin: "null" }],
  ["an image of a page", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
  ["a page of another port", { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site" }],
  [
    "a page whose host name now resolves to the bridge",
    { origin: "https://bridge.example", "sec-fetch-site": "same-origin" },
  ],
  ["the same with a GET", { "sec-fetch-site": "same-origin" }],
  ["an extension", { origin: "chrome-extension://abcdefghijklmnop" }],
];

describe.each(PAGES)("%s", (_, headers) => {
  it("is refused at every route, with any key or invitation, before the object or KV is asked", async () => {
    const mac = await found();
    const invitation = await invite(mac);
    const before = await stored();
    const { bindings, calls } = countCalls();
    for (const { method, path } of Object.values(ROUTES)) {
      const to = path.replace(":invite", invitation.id).replace(":id", ID).replace(":sha256", "a".repeat(64));
      const body = method === "POST" || method === "PUT" ? { body: "{}" } : {};
      for (const authorization of ["", `Bearer ${env.BRIDGE_API_KEY}`, `Bearer ${mac.machineKey}`]) {
        const response = await app.fetch(
          requestTo(method, to, { ...body, headers: { ...headers, authorization } }),
          bindings,
        );
        expect(await problemOf(response), `${method} ${to}`).toEqual({
          status: 403,
          code: "forbidden",
          error: "A web page cannot use the bridge.",
        });
      }
    }
    expect(calls()).toEqual({ object: 0, kv: 0 });
    expect(await stored()).toEqual(before);
  });

  it("opens no socket", async () => {
    const mac = await found();
    const socket = { authorization: `Bearer ${mac.machineKey}`, upgrade: "websocket", ...headers };
    const response = await app.fetch(requestTo("GET", "/live?reader=mac", { headers: socket }), env);
    expect([response.status, response.webSocket ?? null]).toEqual([403, null]);
  });
});

it.each([
  ["curl", {}],
  ["Node's fetch", { "sec-fetch-mode": "cors" }],
  ["a person who types the address", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }],
])("%s is answered", async (_, headers: Record<string, string>) => {
  const bare = { ...headers, authorization: "" };
  expect((await app.fetch(requestTo("GET", "/health", { headers: bare }), env)).status).toBe(200);
  expect((await app.fetch(requestTo("GET", "/messages", { headers }), env)).status).toBe(200);
});
