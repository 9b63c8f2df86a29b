import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_CONTENT_BYTES, MAX_REQUEST_BYTES } from "../../contract/message.ts";
import { createApp } from "../../worker/app.ts";
import { call, problemOf, requestTo, sent, stored, storedTexts } from "../support/worker/bridge.ts";

const ID = "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10";
const DRAFT = { content: "hi", from: "mac" };

beforeEach(() => reset());

describe("POST /messages refuses", () => {
  it.each([
    ["no content", { from: "mac" }, "`content` is missing."],
    ["empty content", { ...DRAFT, content: "" }, "`content` must not be empty."],
    ["content that is a number", { ...DRAFT, content: 7 }, "`content` must be a string."],
    ["content that is null", { ...DRAFT, content: null }, "`content` must be a string."],
    ["no sender", { content: "hi" }, "`from` is missing."],
    ["a sender with a space", { ...DRAFT, from: "my mac" }, /^`from` must be a machine, or/],
    ["a sender that climbs", { ...DRAFT, from: "/../" }, /^`from` must be a machine, or/],
    ["a sender that is everyone", { ...DRAFT, from: "*/photon" }, /^`from` must be a machine, or/],
    ["a recipient that climbs", { ...DRAFT, to: "mac/../x" }, /^`to` must be an address/],
    ["a recipient that is only a star", { ...DRAFT, to: "*" }, /^`to` must be an address/],
    ["a recipient with a line break", { ...DRAFT, to: "pc\n" }, /^`to` must be an address/],
    ["a project that is a path", { ...DRAFT, project: "a/b" }, /^`project` must be a project name/],
    ["tags that are a string", { ...DRAFT, tags: "a" }, "`tags` must be an array."],
    ["17 tags", { ...DRAFT, tags: Array(17).fill("a") }, "`tags` must hold at most 16 tags."],
    ["an empty tag", { ...DRAFT, tags: ["a", ""] }, "`tags.1` must not be empty."],
    ["a tag of 65 characters", { ...DRAFT, tags: ["a".repeat(65)] }, "`tags.0` must have at most 64 characters."],
    ["an id that is no UUID", { ...DRAFT, id: "1" }, "`id` must be a message id (a UUID)."],
    ["a kind that is not known", { ...DRAFT, kind: "order" }, /^`kind` must be one of note, task/],
    ["a reply to what is no id", { ...DRAFT, replyTo: "x" }, "`replyTo` must be a message id (a UUID)."],
    ["a replacement of what is no id", { ...DRAFT, replaces: 1 }, "`replaces` must be a string."],
    ["a session with a slash", { ...DRAFT, session: "a/b" }, /^`session` must be a session id/],
    ["an end too soon", { ...DRAFT, expiresInSeconds: 59 }, "`expiresInSeconds` must be at least 60."],
    ["an end too late", { ...DRAFT, expiresInSeconds: 2_592_001 }, /^`expiresInSeconds` must be at most 2592000/],
    ["an end beyond all time", { ...DRAFT, expiresInSeconds: 1e300 }, "`expiresInSeconds` is too large."],
    ["an end at half a second", { ...DRAFT, expiresInSeconds: 60.5 }, "`expiresInSeconds` must be a whole number."],
    ["an unknown field", { ...DRAFT, admin: true }, "The body has an unknown field: `admin`."],
    [
      "many unknown fields",
      { ...DRAFT, a: 1, b: 1, c: 1, d: 1 },
      "The body has unknown fields: `a`, `b`, `c` and 1 more.",
    ],
    ["a field of every object", `{"content":"hi","from":"mac","__proto__":{}}`, /unknown field: `__proto__`/],
    ["an array", [], "The body must be an object."],
    ["null", "null", "The body must be an object."],
    ["broken JSON", `{"content":`, "The body is not valid JSON."],
    ["no body", undefined, "The body is not valid JSON."],
    ["a hundred thousand arrays in each other", "[".repeat(100_000) + "]".repeat(100_000), /^The body /],
  ])("%s", async (_, body, sentence) => {
    const problem = await problemOf(await call("POST", "/messages", { body }));
    expect(problem).toMatchObject({ status: 400, code: "invalid_request" });
    expect(problem.error).toMatch(sentence instanceof RegExp ? sentence : new RegExp(`^${escaped(sentence)}$`));
    expect(await stored()).toEqual([]);
  });

  it("bytes that are not UTF-8", async () => {
    const body = new Uint8Array([0x22, 0xff, 0x22]);
    const problem = await problemOf(await exports.default.fetch(new Request(requestTo("POST", "/messages"), { body })));
    expect(problem).toEqual({ status: 400, code: "invalid_request", error: "The body is not valid UTF-8." });
    expect(await stored()).toEqual([]);
  });

  it("content that is one byte too large, and accepts it without that byte", async () => {
    const content = "é".repeat(MAX_CONTENT_BYTES / 2);
    const problem = await problemOf(await call("POST", "/messages", { body: { ...DRAFT, content: `${content}.` } }));
    expect(problem).toEqual({
      status: 413,
      code: "too_large",
      error: "`content` is larger than 262144 bytes (256 KiB).",
    });
    expect(await stored()).toEqual([]);
    expect((await call("POST", "/messages", { body: { ...DRAFT, content } })).status).toBe(201);
  });

  it("a request that announces too many bytes", async () => {
    const body = " ".repeat(MAX_REQUEST_BYTES + 1);
    const problem = await problemOf(await call("POST", "/messages", { body }));
    expect(problem).toEqual({
      status: 413,
      code: "too_large",
      error: `The request is larger than ${MAX_REQUEST_BYTES} bytes.`,
    });
  });

  it("a request that does not announce its bytes, without reading all of it", async () => {
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks++;
        controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
      },
    });
    // In the same isolate, because workerd logs an error if the reader of a pipe goes away.
    const request = new Request(requestTo("POST", "/messages"), { body });
    expect(await problemOf(await createApp(Date.now).fetch(request, env))).toMatchObject({
      status: 413,
      code: "too_large",
    });
    expect(chunks).toBeLessThan(200);
  });

  it("a body without a JSON content type", async () => {
    for (const type of ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
      const problem = await problemOf(
        await call("POST", "/messages", { body: DRAFT, headers: { "content-type": type } }),
      );
      expect(problem).toEqual({
        status: 415,
        code: "unsupported_media_type",
        error: "The body must be JSON, sent with `Content-Type: application/json`.",
      });
    }
    expect(await stored()).toEqual([]);
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await call("POST", "/messages", { body: DRAFT, headers })).status).toBe(201);
  });

  it("an unknown query parameter", async () => {
    const problem = await problemOf(await call("POST", "/messages?to=pc", { body: DRAFT }));
    expect(problem).toMatchObject({ status: 400, error: "The query has an unknown field: `to`." });
    expect(await stored()).toEqual([]);
  });
});

describe("GET /messages refuses", () => {
  it.each([
    ["limit=0", "`limit` must be a whole number from 1."],
    ["limit=-1", "`limit` must be a whole number from 1."],
    ["limit=abc", "`limit` must be a whole number from 1."],
    ["limit=1.5", "`limit` must be a whole number from 1."],
    ["limit=", "`limit` must be a whole number from 1."],
    ["limit=5&limit=6", "`limit` is given more than once."],
    ["since=yesterday", "`since` must be an ISO date or time, like 2026-11-23T09:00:00Z."],
    ["since=2026-13-01", "`since` must be an ISO date or time, like 2026-11-23T09:00:00Z."],
    ["unread=yes", "`unread` must be true or false."],
    ["from=my%20mac", /^`from` must be a machine/],
    ["reader=*/photon", /^`reader` must be a machine/],
    ["reader=", /^`reader` must be a machine/],
    ["to=/../", /^`to` must be an address/],
    ["project=/etc", /^`project` must be a project name/],
    ["kind=order", /^`kind` must be one of/],
    ["tag=", "`tag` must not be empty."],
    ["thread=1", "`thread` must be a message id (a UUID)."],
    ["cursor=nonsense", "`cursor` is invalid."],
    ["cursor=%F0%9F%92%A5", "`cursor` is invalid."],
    [`cursor=${"a".repeat(201)}`, "`cursor` is too large."],
    ["offset=5", "The query has an unknown field: `offset`."],
    ["__proto__=5", "The query has an unknown field: `__proto__`."],
  ])("?%s", async (query, sentence) => {
    const problem = await problemOf(await call("GET", `/messages?${query}`));
    expect(problem).toMatchObject({ status: 400, code: "invalid_request" });
    expect(problem.error).toMatch(sentence instanceof RegExp ? sentence : new RegExp(`^${escaped(sentence)}$`));
  });
});

describe("routes with an id refuse", () => {
  it.each([
    ["POST", "/messages/abc/read"],
    ["POST", "/messages/%20/read"],
    ["POST", "/messages/%ff/read"],
    ["POST", `/messages/${ID}x/read`],
    ["GET", "/messages/abc"],
    ["GET", "/messages/..%2f..%2fhealth"],
    ["DELETE", "/messages/index"],
  ])("%s %s, which has none", async (method, path) => {
    expect(await problemOf(await call(method, path))).toEqual({
      status: 400,
      code: "invalid_request",
      error: "The id in the path must be a message id (a UUID).",
    });
    expect(await stored()).toEqual([]);
  });

  it.each([
    ["POST", `/messages/${ID}/read`],
    ["POST", `/messages/${ID}/read?reader=pc`],
    ["GET", `/messages/${ID}`],
  ])("%s %s, of which there is no message", async (method, path) => {
    const problem = await problemOf(await call(method, path));
    expect(problem).toEqual({ status: 404, code: "not_found", error: `There is no message ${ID}.` });
    expect(await stored()).toEqual([]);
  });
});

describe("POST /messages/read and /messages/shown refuse", () => {
  it.each([
    ["no reader", { ids: [ID] }, "`reader` is missing."],
    ["a reader with a space", { reader: "my mac", ids: [ID] }, /^`reader` must be a machine/],
    ["no ids", { reader: "mac" }, "`ids` is missing."],
    ["an empty list", { reader: "mac", ids: [] }, "`ids` must name at least one message."],
    ["101 ids", { reader: "mac", ids: Array(101).fill(ID) }, "`ids` must hold at most 100 ids."],
    ["a bad id among them", { reader: "mac", ids: [ID, "x"] }, "`ids.1` must be a message id (a UUID)."],
    ["an unknown field", { reader: "mac", ids: [ID], all: true }, "The body has an unknown field: `all`."],
  ])("%s", async (_, body, sentence) => {
    for (const path of ["/messages/read", "/messages/shown"]) {
      const problem = await problemOf(await call("POST", path, { body }));
      expect(problem).toMatchObject({ status: 400, code: "invalid_request" });
      expect(problem.error).toMatch(sentence instanceof RegExp ? sentence : new RegExp(`^${escaped(sentence)}$`));
    }
    expect(await stored()).toEqual([]);
  });
});

describe("other refusals", () => {
  it.each(["", "?confirm=false", "?confirm=1", "?confirm=TRUE"])("clearing with %j deletes nothing", async (query) => {
    await sent({});
    expect(await problemOf(await call("DELETE", `/messages${query}`))).toEqual({
      status: 400,
      code: "invalid_request",
      error: "`confirm` must be true: pass ?confirm=true to delete every message.",
    });
    expect(Object.keys(await storedTexts())).toHaveLength(1);
  });

  it("GET /unread without a reader", async () => {
    expect(await problemOf(await call("GET", "/unread"))).toEqual({
      status: 400,
      code: "invalid_request",
      error: "`reader` is missing.",
    });
  });

  it.each(["/", "/nope", "/messages/", `/messages/${ID}/unread`, "/Messages", "//messages"])(
    "nothing is at %s",
    async (path) => {
      expect(await problemOf(await call("GET", path))).toEqual({
        status: 404,
        code: "not_found",
        error: "There is nothing at this path.",
      });
    },
  );

  it.each([
    ["PUT", "/messages", "GET, HEAD, POST, DELETE, OPTIONS"],
    ["PATCH", `/messages/${ID}`, "GET, HEAD, DELETE, OPTIONS"],
    ["GET", `/messages/${ID}/read`, "POST, OPTIONS"],
    ["GET", "/messages/shown", "POST, OPTIONS"],
    ["DELETE", "/messages/read", "POST, OPTIONS"],
    ["POST", "/unread", "GET, HEAD, OPTIONS"],
    ["POST", "/health", "GET, HEAD, OPTIONS"],
  ])("%s %s names what is possible", async (method, path, allow) => {
    const response = await call(method, path);
    expect(response.headers.get("allow")).toBe(allow);
    expect(await problemOf(response)).toEqual({
      status: 405,
      code: "method_not_allowed",
      error: expect.stringContaining(allow),
    });
    expect(await stored()).toEqual([]);
  });
});

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}
