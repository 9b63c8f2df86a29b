import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";

// Clients of the predecessor are deployed and do not change. They know seven routes, send no reader and no id, and read only
// these fields. Every request here has the bytes that such a client sends.

const LegacyMessage = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  project: z.string().nullable(),
  timestamp: z.string(),
  content: z.string(),
  tags: z.array(z.string()),
  read: z.boolean(),
});
const LegacyPage = z.object({ messages: z.array(LegacyMessage), count: z.number() });
const Status = z.object({ status: z.string(), count: z.number().optional(), id: z.string().optional() });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

beforeEach(() => reset());

it("sends with every field, and null for no project, no recipient", async () => {
  const response = await post(`{"content":"Deploy done","from":"mac","project":null,"to":null,"tags":[]}`);
  expect(response.status).toBe(201);
  const { id, timestamp, status } = z
    .strictObject({ id: z.string(), timestamp: z.string(), status: z.string() })
    .parse(await response.json());
  expect([id, status]).toEqual([expect.stringMatching(UUID), "sent"]);
  expect(new Date(timestamp).toISOString()).toBe(timestamp);

  const { messages, count } = await list("?limit=20");
  expect(count).toBe(1);
  expect(messages).toEqual([
    { id, from: "mac", to: null, project: null, timestamp, content: "Deploy done", tags: [], read: false },
  ]);
});

it("sends the same text twice, and both messages are stored", async () => {
  const body = `{"content":"ping","from":"mac/photon","project":"photon","to":"pc/photon","tags":["a","b"]}`;
  await post(body);
  await post(body);
  const { messages } = await list("?limit=20");
  expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
  expect(messages[0]).toMatchObject({ from: "mac/photon", project: "photon", to: "pc/photon", tags: ["a", "b"] });
});

it("lists messages newest first, 50 by default", async () => {
  for (let i = 0; i < 53; i++) await post(JSON.stringify({ content: `message ${i}`, from: "mac", tags: [] }));
  const all = await list("?limit=100");
  expect(all.messages.map(({ content }) => content)).toEqual(Array.from({ length: 53 }, (_, i) => `message ${52 - i}`));
  expect((await list("")).count).toBe(50);
  expect((await list("?limit=2")).messages.map(({ content }) => content)).toEqual(["message 52", "message 51"]);
  expect((await list("?limit=5000")).count).toBe(53);
});

describe("filters", () => {
  beforeEach(async () => {
    await post(`{"content":"1","from":"mac","project":null,"to":null,"tags":["saku"]}`);
    await post(`{"content":"2","from":"mac/yomi","project":"yomi","to":null,"tags":["yomi","wp016"]}`);
    await post(`{"content":"3","from":"pc","project":null,"to":"mac","tags":[]}`);
  });

  it.each([
    ["?limit=20&from=mac", ["2", "1"]],
    ["?limit=20&from=mac%2Fyomi", ["2"]],
    ["?limit=20&from=pc", ["3"]],
    ["?limit=20&tag=wp016", ["2"]],
    ["?limit=1&tag=saku", ["1"]],
    ["?limit=20&tag=nothing", []],
    ["?project=yomi", ["2"]],
    ["?limit=20&unread=true", ["3", "2", "1"]],
    ["?limit=20&unread=true&from=mac&tag=saku", ["1"]],
    ["?since=2099-01-01T00:00:00.000Z", []],
    ["?since=2020-01-01T00:00:00.000Z", ["3", "2", "1"]],
  ])("%s", async (query, expected) => {
    expect((await list(query)).messages.map(({ content }) => content)).toEqual(expected);
  });

  it("since excludes a message of exactly that time", async () => {
    const [newest, middle] = (await list("")).messages;
    const { messages } = await list(`?since=${middle?.timestamp}`);
    expect(messages).toEqual([newest]);
  });
});

it("marks a broadcast read for every client that sends no reader", async () => {
  await post(`{"content":"hi","from":"mac","project":null,"to":null,"tags":[]}`);
  const [message] = (await list("?limit=20")).messages;
  const response = await legacy("POST", `/messages/${message?.id}/read`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ id: message?.id, status: "marked_read" });
  expect((await list("?limit=20")).messages).toEqual([{ ...message, read: true }]);
  expect((await list("?unread=true&limit=100")).count).toBe(0);
});

it("gets an error when it marks a missing message read", async () => {
  const response = await legacy("POST", "/messages/00000000-0000-4000-8000-000000000000/read");
  expect(response.status).toBe(404);
  expect(z.object({ error: z.string() }).parse(await response.json()).error).not.toBe("");
});

it("deletes one message, and deleting it again is answered the same", async () => {
  await post(`{"content":"1","from":"mac"}`);
  await post(`{"content":"2","from":"mac"}`);
  const [newest, oldest] = (await list("")).messages;
  for (let i = 0; i < 2; i++) {
    const response = await legacy("DELETE", `/messages/${newest?.id}`);
    expect([response.status, await response.json()]).toEqual([200, { id: newest?.id, status: "deleted" }]);
  }
  expect((await list("")).messages).toEqual([oldest]);
});

it("clears everything if it confirms", async () => {
  await post(`{"content":"1","from":"mac"}`);
  await post(`{"content":"2","from":"mac"}`);
  const refused = await legacy("DELETE", "/messages");
  expect(refused.status).toBe(400);
  const cleared = await legacy("DELETE", "/messages?confirm=true");
  expect([cleared.status, Status.parse(await cleared.json())]).toEqual([200, { status: "cleared", count: 2 }]);
  expect(await list("")).toEqual({ messages: [], count: 0 });
  await post(`{"content":"3","from":"mac"}`);
  expect((await list("")).count).toBe(1);
});

it("gets an `error` if its draft has no content or its key is wrong", async () => {
  const refused = await post(`{"content":"","from":"mac","project":null,"to":null,"tags":[]}`);
  expect([refused.status, z.object({ error: z.string() }).safeParse(await refused.json()).success]).toEqual([
    400,
    true,
  ]);
  const stranger = await exports.default.fetch("https://bridge.example/messages", {
    headers: { Authorization: "Bearer wrong", "CF-Connecting-IP": "198.51.100.9" },
  });
  expect([stranger.status, z.object({ error: z.string() }).safeParse(await stranger.json()).success]).toEqual([
    401,
    true,
  ]);
});

it("shares the bridge with a current client", async () => {
  await post(`{"content":"from the old one","from":"mac","project":null,"to":"pc","tags":[]}`);
  await legacy("POST", "/messages", `{"content":"from the new one","from":"pc","kind":"task","session":"s1"}`);
  const { messages } = await list("?limit=20");
  expect(messages.map(({ content }) => content)).toEqual(["from the new one", "from the old one"]);
  const unread = await legacy("GET", "/unread?reader=pc");
  expect(z.object({ unread: z.number() }).parse(await unread.json()).unread).toBe(2);
});

function legacy(method: string, path: string, body?: string): Promise<Response> {
  return exports.default.fetch(`https://bridge.example${path}`, {
    method,
    headers: { Authorization: `Bearer ${env.BRIDGE_API_KEY}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
}

function post(body: string): Promise<Response> {
  return legacy("POST", "/messages", body);
}

async function list(query: string): Promise<z.infer<typeof LegacyPage>> {
  const response = await legacy("GET", `/messages${query}`);
  expect(response.status).toBe(200);
  return LegacyPage.parse(await response.json());
}
