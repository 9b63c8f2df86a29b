import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MessageDraft } from "../../../contract/message.ts";
import { storedKeys } from "../../testing/bridge.ts";
import { manualAmbient } from "../../testing/manual-ambient.ts";
import { IdTaken } from "../message-store.ts";
import { eventKey, LAST_MS, suffixOfId } from "./event-key.ts";
import { KvStore } from "./kv-store.ts";

// What is in KV beside what this Worker wrote: each is skipped and logged by its key, and hides nothing else.

const PC = { machine: "pc", project: null };
const HOUR_MS = 60 * 60_000;
let ambient = manualAmbient();
let store = new KvStore(env.MESSAGES, ambient);
let log = vi.spyOn(console, "warn");

beforeEach(async () => {
  await reset();
  ambient = manualAmbient();
  store = new KvStore(env.MESSAGES, ambient);
  log = vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const send = (draft: Readonly<Record<string, unknown>> = {}) =>
  store.send(MessageDraft.parse({ content: "hi", from: "mac", ...draft }));
const told = async (etag?: string) => {
  const answer = await store.unread(PC, etag);
  if (answer === "not-modified") throw new Error("Something was expected.");
  return answer;
};
const unreadOfPc = async () => (await told()).summary.unread;
const contents = async () =>
  (await store.list(null, { unread: false }, { limit: 50, cursor: undefined })).messages.map(({ content }) => content);
const keyAt = (ms: number, suffix: string) => eventKey({ ms, suffix: suffix.padEnd(14, "0") });
const key = (suffix: string) => keyAt(manualAmbient().time, suffix);

/** By its key, and with nothing of what was in it. */
function expectLogged(name: string): void {
  const logged = JSON.stringify(log.mock.calls);
  expect(logged).toContain(name);
  expect(logged.replaceAll(name, "")).not.toContain("mail");
}

describe("an event that is none", () => {
  const mail = { v: 1, type: "message", id: uuid(7), from: "mac", content: "mail", tags: [] };

  it.each([
    ["an event of a newer version", key("v2"), { ...mail, v: 2 }],
    ["an event of an unknown type", key("poll"), { v: 1, type: "poll", secret: "mail" }],
    ["an event without metadata", key("none"), null],
    ["metadata of something else", key("else"), ["mail"]],
    ["a message that lacks its sender", key("half"), { ...mail, from: undefined }],
    ["a message that ends at no possible time", key("end"), { ...mail, expiresAt: 1e300 }],
    ["a receipt of something else", key("what"), { v: 1, type: "receipt", machine: "pc", read: "mail" }],
    ["another application's key under the same prefix", "e:mail", { v: 1, type: "clear" }],
    ["a clear under a key that is no event's", "e:9", { v: 1, type: "clear" }],
  ])("is skipped: %s", async (_, name, metadata) => {
    await send();
    await env.MESSAGES.put(name, "mail", { metadata });
    expect(await contents()).toEqual(["hi"]);
    expect(await unreadOfPc()).toBe(1);
    expectLogged(name);
    await store.clear();
    expect(await contents()).toEqual([]);
  });

  it("is not taken for the first copy of a message", async () => {
    await env.MESSAGES.put(keyAt(ambient.time, await suffixOfId(uuid(1))), "", { metadata: { v: 2, type: "message" } });
    ambient.time += 1000;
    expect(await send({ id: uuid(1) })).toMatchObject({ duplicate: false });
    expect(await contents()).toEqual(["hi"]);
  });

  it("of the predecessor, or of another application, is neither read nor touched", async () => {
    const others = ["index", "msg:4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10", "h:mac", "f:mac", "zzz"];
    for (const name of others) await env.MESSAGES.put(name, "[]");
    await send();
    expect(await contents()).toEqual(["hi"]);
    await store.clear();
    expect(await storedKeys()).toEqual(expect.arrayContaining(others));
    expect(log).not.toHaveBeenCalled();
  });

  it("hides nothing though there is a whole list of them before the first message", async () => {
    await send();
    const foreign = Array.from({ length: 1001 }, (_, i) => `e:0${String(i).padStart(4, "0")}`);
    await Promise.all(foreign.map((name) => env.MESSAGES.put(name, "")));
    expect(await contents()).toEqual(["hi"]);
    expect(await unreadOfPc()).toBe(1);
  }, 20_000);
});

describe("a value that is none", () => {
  it.each([
    ["is missing", null],
    ["is no JSON", "{"],
    ["is something else", '{"content":7}'],
    ["lacks the content", "{}"],
  ])("leaves out its message and no other, when it %s", async (_, value) => {
    await send({ id: uuid(1), content: "x".repeat(2000) });
    const [name = ""] = await storedKeys();
    const { metadata } = await env.MESSAGES.getWithMetadata(name);
    await (value === null
      ? env.MESSAGES.put(name, "", { metadata: { ...Object(metadata) } })
      : env.MESSAGES.put(name, value, { metadata }));
    ambient.time++;
    await send({ content: "y".repeat(2000) });
    expect(await contents()).toEqual(["y".repeat(2000)]);
    await expect(store.get(uuid(1), null)).rejects.toThrow("cannot be read now");
  });
});

describe("a floor that is none", () => {
  const message = { v: 1, type: "message", id: uuid(9), from: "mac", content: "mail", tags: [] };
  const floor = (fields: object) => ({ v: 1, ms: 1, kept: [], ...fields });

  it.each([
    ["text", "mail"],
    ["nothing", ""],
    ["another application's", ["mail"]],
    ["of a newer version", floor({ v: 2, ms: manualAmbient().time + 1 })],
    ["no time", floor({ ms: "mail" })],
    ["half a millisecond", floor({ ms: 0.5 })],
    ["a time that has not come", floor({ ms: manualAmbient().time + HOUR_MS + 1 })],
    ["a message under a key that is no event's", floor({ kept: [{ key: "e:1", event: message }] })],
    ["a message of a newer version", floor({ kept: [{ key: key("a"), event: { ...message, v: 2 } }] })],
  ])("hides nothing: %s", async (_, value) => {
    await send();
    await env.MESSAGES.put("f:pc", typeof value === "string" ? value : JSON.stringify(value));
    expect(await unreadOfPc()).toBe(1);
    expectLogged("f:pc");
    expect(await store.record(PC, "read", [(await send({ id: uuid(1) })).id])).toEqual({ marked: 1 });
    expect(await unreadOfPc()).toBe(1);
  });

  it("hides nothing when a clock was set back by hours after it was set", async () => {
    await env.MESSAGES.put("f:pc", JSON.stringify(floor({ ms: ambient.time })));
    ambient.time -= 3 * HOUR_MS;
    await send();
    expect(await unreadOfPc()).toBe(1);
  });
});

describe("a hint that is none", () => {
  const future = manualAmbient().time + 2 * HOUR_MS;
  const values = ["", "[]", "mail", '{"v":2,"t":1}', '{"v":1,"t":"mail"}', '{"v":1,"t":-1}', '{"v":1,"t":1e300}'];

  it.each([...values, `{"v":1,"t":${future}}`])("costs nothing and gets replaced: %j", async (value) => {
    await env.MESSAGES.put("h:pc", value);
    const { etag } = await told();
    expectLogged("h:pc");
    ambient.time += 60_000;
    expect(await store.unread(PC, etag)).toBe("not-modified");
    await send({ to: "pc" });
    expect(await env.MESSAGES.get("h:pc", "json")).toEqual({ v: 1, t: ambient.time });
    expect((await told(etag)).summary.unread).toBe(1);
  });
});

describe("an id that collides", () => {
  /** As if the ids had the same hash. */
  const sendUnder = async (suffix: string, id: string, from: string, content: string) => {
    ambient.time += 1000;
    const name = eventKey({ ms: ambient.time, suffix });
    const metadata = { v: 1, type: "message", id, from, kind: "note", content, tags: [] };
    await env.MESSAGES.put(name, "", { metadata });
    return name;
  };

  it.each([
    ["another id has its suffix", uuid(2), "mac"],
    ["another machine has sent it", uuid(1), "box"],
  ])("keeps the older message when %s, and logs the key of the newer", async (_, id, from) => {
    const suffix = await suffixOfId(uuid(1));
    await sendUnder(suffix, uuid(1), "mac/photon", "first");
    const name = await sendUnder(suffix, id, from, "mail");
    await send({ content: "other" });
    expect(await contents()).toEqual(["other", "first"]);
    expect(await unreadOfPc()).toBe(2);
    expectLogged(name);
    expect((await store.get(uuid(1), null))?.content).toBe("first");
  });

  it("is not acknowledged when it is another machine's, or stands for another id's suffix", async () => {
    await send({ id: uuid(1), from: "mac/photon" });
    await expect(send({ id: uuid(1), from: "pc" })).rejects.toThrow(IdTaken);
    expect(await send({ id: uuid(1), from: "MAC/yomi" })).toMatchObject({ duplicate: true });
    await sendUnder(await suffixOfId(uuid(2)), uuid(3), "mac", "first");
    await expect(send({ id: uuid(2) })).rejects.toThrow(IdTaken);
  });
});

describe("a time that is none", () => {
  it("is marked, deleted and cleared like any other, though no time is later", async () => {
    const metadata = { v: 1, type: "message", id: uuid(1), from: "mac", content: "hi", tags: [] };
    const suffix = await suffixOfId(uuid(1));
    await env.MESSAGES.put(eventKey({ ms: LAST_MS, suffix }), "", { metadata });
    expect(await unreadOfPc()).toBe(1);
    await store.record(PC, "read", [uuid(1)]);
    expect(await unreadOfPc()).toBe(0);
    await store.remove([uuid(1)]);
    expect(await contents()).toEqual([]);
  });

  it("does not let a message that comes after a clear go with it, when the clock went back", async () => {
    await send();
    await store.clear();
    ambient.time -= HOUR_MS;
    await send({ id: uuid(1), content: "later" });
    expect(await contents()).toEqual(["later"]);
  });

  it("does not leave the older of two versions, when the clock went back", async () => {
    const { id } = await send({ id: uuid(1), content: "version 1" });
    ambient.time -= HOUR_MS;
    await send({ id: uuid(2), content: "version 2", replaces: id });
    expect(await contents()).toEqual(["version 2"]);
  });
});

function uuid(n: number): string {
  return `10000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}
