import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiClient } from "./api-client.ts";
import { fetchUnread } from "./fetch-unread.ts";
import { PhotonError } from "./photon-error.ts";

/** The server answers each request with the next step, and repeats the last one. */
type Step = (request: IncomingMessage, response: ServerResponse) => void;
let steps: Step[];
let requests: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}[];
let client: ApiClient;
let url: string;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    const step = steps.length > 1 ? steps.shift() : steps[0];
    step?.(request, response);
  });
});

beforeEach(async () => {
  requests = [];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new ApiClient({ workerUrl: url, apiKey: "key" });
});
afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Step =>
  (_, response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const cut: Step = (request) => request.socket.destroy();

const ID = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";
const SENT = { id: ID, timestamp: "2026-11-23T09:00:00.000Z", status: "sent" };
const draft = { content: "hi", from: "mac", id: ID };

describe("ApiClient", () => {
  it("checks unread mail with the etag of the last answer, and returns null if nothing changed", async () => {
    const summary = { unread: 0, handovers: 0, groups: [] };
    steps = [json(200, summary, { etag: '"a"' }), (_, response) => response.writeHead(304, { etag: '"a"' }).end()];
    expect(await client.unreadIfChanged("mac/photon")).toEqual({ summary, etag: '"a"' });
    expect(await client.unreadIfChanged("mac/photon", '"a"')).toBeNull();
    expect(requests.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"a"']);
  });

  it("calls the contract's route with the key, the query and the body", async () => {
    steps = [json(201, SENT)];
    expect(await client.call("sendMessage", { body: draft })).toMatchObject({ id: ID });
    steps = [json(200, { id: ID, status: "marked_read" })];
    await client.call("markRead", { id: ID, query: { reader: "mac/my app" } });
    expect(requests).toMatchObject([
      {
        method: "POST",
        url: "/messages",
        headers: { authorization: "Bearer key", "content-type": "application/json" },
      },
      { method: "POST", url: `/messages/${ID}/read?reader=mac%2Fmy%20app` },
    ]);
    expect(JSON.parse(requests[0]?.body ?? "")).toEqual(draft);
  });

  it("reuses its connection", async () => {
    const ports = new Set<number | undefined>();
    steps = [
      (request, response) => {
        ports.add(request.socket.remotePort);
        json(200, { status: "ok", timestamp: SENT.timestamp })(request, response);
      },
    ];
    for (let call = 0; call < 10; call++) await client.call("health");
    expect(ports.size).toBeLessThanOrEqual(2); // the second call may start before the first socket is free again
  });

  it("retries a send with the same id if the answer was lost", async () => {
    steps = [cut, json(200, SENT)];
    expect(await client.call("sendMessage", { body: draft })).toMatchObject({ id: ID });
    expect(requests.map(({ body }) => JSON.parse(body).id)).toEqual([ID, ID]);
  });

  it("retries after a short Retry-After", async () => {
    steps = [json(503, { error: "busy", code: "store_unavailable" }, { "retry-after": "1" }), json(201, SENT)];
    const start = performance.now();
    await client.call("sendMessage", { body: draft });
    expect(performance.now() - start).toBeGreaterThanOrEqual(950);
    expect(requests).toHaveLength(2);
  });

  it("does not wait for a long Retry-After, but returns it in the error", async () => {
    steps = [json(429, { error: "Too many.", code: "rate_limited" }, { "retry-after": "60" })];
    const error = await client.call("sendMessage", { body: draft }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 60_000, retryable: true });
    expect(requests).toHaveLength(1);
  });

  it("gives up after three attempts", async () => {
    steps = [json(503, { error: "The store is away.", code: "store_unavailable" })];
    await expect(client.call("unread", { query: { reader: "mac" } })).rejects.toMatchObject({
      code: "store_unavailable",
      message: "The bridge cannot use its store at the moment.",
    });
    expect(requests).toHaveLength(3);
  });

  it.each([
    [400, "invalid_request", false],
    [413, "too_large", false],
    [401, "unauthorized", true],
    [404, "not_found", true],
    [500, "internal", true],
  ])("does not retry a refusal at once: status %i, %s, retryable later: %s", async (status, code, retryable) => {
    steps = [json(status, { error: "No.", code })];
    const error = await client.call("sendMessage", { body: draft }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, retryable, message: expect.stringMatching(/^The bridge .*\.$/) });
    expect(JSON.stringify([error, String(error)])).not.toContain("No.");
    expect(requests).toHaveLength(1);
  });

  it("explains a refusal according to its route", async () => {
    steps = [json(403, { error: "No.", code: "forbidden" })];
    const refused = async (call: Promise<unknown>) => (await call.catch((error: unknown) => error)) as Error;
    expect((await refused(client.call("sendMessage", { body: draft }))).message).toContain("unset BRIDGE_API_KEY");
    expect((await refused(client.call("clearMessages", { query: { confirm: "true" } }))).message).toContain("an owner");
    expect((await refused(client.call("invitation", { invite: "x" }))).message).toContain("invitation has expired");
  });

  it("limits Retry-After to a day", async () => {
    steps = [json(429, { error: "No.", code: "rate_limited" }, { "retry-after": "1e300" })];
    await expect(client.call("sendMessage", { body: draft })).rejects.toMatchObject({ retryAfterMs: 86_400_000 });
  });

  it("names the address if it is not a bridge", async () => {
    steps = [(_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Hello</h1>")];
    await expect(client.call("unread", { query: { reader: "mac" } })).rejects.toThrow(
      `${url} did not answer like a Photon bridge: something else answered in its place (a web page, status 200).`,
    );
  });

  const text =
    (status: number, body: string, headers: Record<string, string> = {}): Step =>
    (_, response) =>
      response.writeHead(status, headers).end(body);
  const html = { "content-type": "text/html; charset=UTF-8" };
  const cloudflare = { server: "cloudflare", "content-type": "text/plain" };

  it.each([
    ["a portal's page", text(200, "<html>Sign in</html>", html), "(a web page, status 200)"],
    ["a way to a sign-in page", text(302, "", { location: "http://portal.test/" }), "(status 302)"],
    ["a block page", text(403, "<html>Blocked</html>", html), "(a web page, status 403)"],
    ["a page for a missing page", text(404, "<!doctype html>", html), "(a web page, status 404)"],
    ["a page that wants a password", text(401, "<html>Who?</html>", html), "(a web page, status 401)"],
    ["a page that forbids its size", text(413, "<html>Too large</html>", html), "(a web page, status 413)"],
    ["a page of a gateway", text(502, "bad gateway"), "(status 502)"],
    ["an empty answer", text(200, ""), "(status 200)"],
    ["an empty answer without content", text(204, ""), "(status 204)"],
    ["an answer to a question that was not asked", text(304, ""), "(status 304)"],
    ["somebody else's JSON", json(200, { login: "https://portal.test" }), "(status 200)"],
    ["somebody else's refusal", json(401, { error: "invalid_token" }), "(status 401)"],
    ["somebody else's code", json(403, { error: "No.", code: "session_expired" }), "(status 403)"],
    [
      "Cloudflare's limit",
      text(429, "error code: 1015", cloudflare),
      "Cloudflare answered in its place (error 1015, status 429)",
    ],
    ["Cloudflare's outage", text(503, "error code: 1102", cloudflare), "(error 1102, status 503)"],
    [
      "Cloudflare's page",
      text(429, '<html><title>Limit</title><h1><span>Error</span> <span class="x">1027</span></h1>', {
        ...cloudflare,
        ...html,
      }),
      "(error 1027, status 429)",
    ],
  ])("tells %s from a refusal by the bridge", async (_, step, words) => {
    steps = [step];
    const error = await client.call("getMessage", { id: ID }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "offline", retryable: true });
    expect(String(error)).toContain(`${url} did not answer like a Photon bridge: `);
    expect(String(error)).toContain(words);
    expect(String(error)).not.toMatch(/portal|html|session/);
    const unread = await fetchUnread(
      { workerUrl: url, apiKey: "key", machine: "mac", project: null },
      new Set(),
      5_000,
    ).catch((thrown: unknown) => thrown);
    expect(unread).toMatchObject({ code: "offline", message: expect.stringContaining(words) });
  });

  it("tells a page from the bytes of a capsule", async () => {
    steps = [text(200, "<html>Sign in</html>", html)];
    await expect(client.call("getCapsule", { sha256: "a".repeat(64) })).rejects.toMatchObject({ code: "offline" });
    steps = [text(200, "bytes", { "content-type": "application/octet-stream" })];
    expect(Buffer.from(await client.call("getCapsule", { sha256: "a".repeat(64) })).toString()).toBe("bytes");
  });

  it("knows a newer bridge by its header, even if it does not know the code or the answer", async () => {
    const marked = { "photon-bridge": "9.0.0" };
    steps = [json(403, { error: "No.", code: "a_new_code" }, marked)];
    await expect(client.call("health")).rejects.toMatchObject({ code: "internal" });
    steps = [json(200, { hello: 1 }, marked)];
    await expect(client.call("health")).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("did not answer like a Photon bridge of this version"),
    });
    steps = [(_, response) => response.writeHead(304, marked).end()];
    expect(await client.unreadIfChanged("mac", '"a"')).toBeNull();
  });

  it("takes an unchanged summary only with the tag that it sent, also if Cloudflare made it a weak one", async () => {
    steps = [(_, response) => response.writeHead(304, { etag: 'W/"a"' }).end()];
    expect(await client.unreadIfChanged("mac", '"a"')).toBeNull();
    await expect(client.unreadIfChanged("mac", '"b"')).rejects.toMatchObject({ code: "offline" });
  });

  it("returns how long a page asks to wait", async () => {
    steps = [text(429, "error code: 1015", { ...cloudflare, "retry-after": "60" })];
    await expect(client.call("health")).rejects.toMatchObject({ code: "offline", retryAfterMs: 60_000 });
  });

  it("is offline, and names the address, if no server listens there", async () => {
    const nowhere = new ApiClient({ workerUrl: "http://127.0.0.1:1", apiKey: "key" });
    const error = await nowhere.call("health").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PhotonError);
    expect(error).toMatchObject({ code: "offline", retryable: true });
    expect(String(error)).toContain("http://127.0.0.1:1");
    await nowhere.close();
  });
});
