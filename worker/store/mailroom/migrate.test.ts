import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { MessagePage } from "../../../contract/api.ts";
import { type Message, MessageDraft } from "../../../contract/message.ts";
import { call, storedKeys } from "../../testing/bridge.ts";
import { manualAmbient } from "../../testing/manual-ambient.ts";
import { KvStore } from "../kv/kv-store.ts";

let ambient = manualAmbient();
let old: KvStore;
beforeEach(async () => {
  await reset();
  ambient = manualAmbient(Date.now() - 60_000);
  old = new KvStore(env.MESSAGES, ambient);
});

const PC = { machine: "pc", project: "photon" };

async function send(draft: Readonly<Record<string, unknown>> = {}) {
  ambient.time += 10;
  return (await old.send(MessageDraft.parse({ content: "hi", from: "mac", ...draft }))).id;
}

interface Page {
  readonly count: number;
  readonly copied: number;
  readonly differing: string[];
  readonly sha256: string;
  readonly cursor?: string;
}

/** Every page, as `photon migrate` asks for them. */
async function migrate(maxPages = 10): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | undefined; pages.length < maxPages; ) {
    const response = await call("POST", "/migrate", { body: cursor === undefined ? {} : { cursor } });
    if (response.status !== 200) throw new Error(await response.text());
    const page: Page = await response.json();
    pages.push(page);
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return pages;
}

async function all(query = ""): Promise<Message[]> {
  const { messages } = await (await call("GET", `/messages?limit=100${query}`)).json<MessagePage>();
  return messages;
}
const allOld = async () => (await old.list(null, { unread: false }, { limit: 100, cursor: undefined })).messages;

describe("moving from KV to the Mailroom", () => {
  it("takes every message with its time, its receipts and its thread, and leaves KV as it is", async () => {
    const first = await send({ to: "pc/photon", project: "photon", tags: ["a", "ß"], kind: "task", session: "s1" });
    const answer = await send({
      from: "pc",
      to: "mac",
      kind: "reply",
      replyTo: first,
      content: "\u0000 🚧".repeat(2000),
    });
    await send({ kind: "handover", work: { branch: "main", files: 2 }, expiresInSeconds: 3600 });
    const removed = await send({ content: "removed" });
    await old.record(PC, "read", [first], { shown: [first, answer] });
    await old.record({ machine: "Box", project: null }, "taken", [first]);
    await old.remove([removed]);
    const [before, keys] = [await allOld(), await storedKeys()];
    const [page] = await migrate();
    expect(page).toMatchObject({ count: 3, copied: 3, differing: [] });
    expect(await all()).toEqual(before);
    expect((await all(`&thread=${first}`)).map(({ id }) => id)).toEqual([answer, first]);
    expect(await storedKeys()).toEqual(keys);
    const unread = await (await call("GET", "/unread?reader=pc/photon")).json();
    expect(unread).toMatchObject({ unread: 1, handovers: 1 }); // one is pc's own answer to mac
    const { machines } = await (await call("GET", "/machines")).json<{ machines: { machine: string }[] }>();
    expect(machines.map(({ machine }) => machine).sort()).toEqual(["Box", "mac", "pc"]);
  });

  it("copies nothing twice, and goes on where it was interrupted", async () => {
    for (let i = 0; i < 230; i++) await send({ content: `${i}` });
    expect(await migrate(1)).toMatchObject([{ count: 100, copied: 100 }]);
    const pages = await migrate();
    expect(pages.map(({ count, copied }) => [count, copied])).toEqual([
      [100, 0],
      [100, 100],
      [30, 30],
    ]);
    const again = await migrate();
    expect(again.map(({ copied, differing }) => [copied, differing])).toEqual([
      [0, []],
      [0, []],
      [0, []],
    ]);
    expect(again.map(({ sha256 }) => sha256)).toEqual(pages.map(({ sha256 }) => sha256));
    expect((await all()).map(({ content }) => content)).toEqual(Array.from({ length: 100 }, (_, i) => `${229 - i}`));
  });

  it("keeps apart what was received in one millisecond", async () => {
    for (let i = 0; i < 5; i++) {
      await send({ content: `${i}` });
      ambient.time -= 10;
    }
    await migrate();
    expect(await all()).toHaveLength(5);
  });

  it("leaves alone what happened here since: newer mail, marks, deletions", async () => {
    const [a, b] = [await send({ content: "a", to: "pc" }), await send({ content: "b", to: "pc" })];
    await migrate();
    await call("POST", "/messages/read", { body: { reader: "pc", ids: [a] } });
    await call("DELETE", `/messages/${b}`);
    await call("POST", "/messages", { body: { content: "new", from: "mac", to: "pc" } });
    expect(await migrate()).toMatchObject([{ count: 2, copied: 0, differing: [] }]);
    expect((await all("&reader=pc")).map(({ content, read }) => [content, read])).toEqual([
      ["new", false],
      ["a", true],
    ]);
  });

  it("brings old mail to a machine whose floor was above it already", async () => {
    await send({ to: "pc", content: "old" });
    for (let i = 0; i < 60; i++) await call("POST", "/messages", { body: { content: "new", from: "mac", to: "pc" } });
    const unread = async () => (await (await call("GET", "/unread?reader=pc")).json<{ unread: number }>()).unread;
    expect(await unread()).toBe(60);
    await migrate();
    expect(await unread()).toBe(61);
  });

  it("names what is not the same in both", async () => {
    const id = await send({ content: "as it was" });
    await migrate();
    await runInDurableObject(env.MAILROOM.getByName("mailroom"), (_, { storage }) =>
      storage.sql.exec(`UPDATE messages SET content = '"changed"'`),
    );
    expect(await migrate()).toMatchObject([{ differing: [id] }]);
  });
});
