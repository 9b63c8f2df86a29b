import { reset, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { type Address, formatAddress, parseAddress } from "../../../contract/address.ts";
import { ListQuery } from "../../../contract/api.ts";
import { MAX_PAGE, MessageDraft } from "../../../contract/message.ts";
import { bridgeObject } from "../../../test/support/worker/bridge.ts";
import { ALONE, type ManualAmbient, manualAmbient } from "../../../test/support/worker/manual-ambient.ts";
import { Database } from "../database.ts";
import { Quota } from "../machines/quota.ts";
import { Mail } from "./mail.ts";
import type { Filter } from "./select.ts";
import type { Mark } from "./writer.ts";

/** The mail of a real object. Each call uses the same storage. */
class Store {
  readonly #ambient: ManualAmbient;

  constructor(ambient: ManualAmbient) {
    this.#ambient = ambient;
  }

  send(draft: MessageDraft, installation?: string) {
    return this.#in((mail, quota) => {
      const repeated = mail.repeated(draft);
      if (repeated !== null) return { ...repeated, duplicate: true };
      quota.spendMessage("shared", 1, 60, this.#ambient.now());
      return { ...mail.add(draft, { installation }), duplicate: false };
    });
  }

  get(id: string, reader: Address | null) {
    return this.#in((mail) => mail.get(id, reader));
  }

  unread(reader: Address, etag?: string) {
    return this.#in((mail) => mail.unread(reader, etag));
  }

  list(reader: Address | null, filter: Filter, page: { limit: number; cursor: string | undefined }) {
    return this.#in((mail) => mail.list(reader, filter, page));
  }

  record(reader: Address | null, what: Mark, ids: readonly string[], also: Parameters<Mail["record"]>[3] = {}) {
    return this.#in((mail) => mail.record(reader, what, ids, also));
  }

  remove(id: string) {
    return this.#in((mail) => mail.delete(id));
  }

  machines() {
    return this.#in((mail) => mail.machines([], []));
  }

  clear() {
    return this.#in((mail) => mail.clear());
  }

  #in<T>(work: (mail: Mail, quota: Quota) => T): Promise<T> {
    return runInDurableObject(bridgeObject(), (_, { storage }) => {
      const db = new Database(storage.sql);
      return work(new Mail(db, this.#ambient, ALONE), new Quota(db));
    });
  }
}

describe("mail", () => {
  let ambient: ManualAmbient;
  let store: Store;

  beforeEach(async () => {
    await reset();
    ambient = manualAmbient();
    store = new Store(ambient);
  });

  /** Sends a message a second after the previous event. */
  const send = async (draft: Readonly<Record<string, unknown>> = {}) => {
    ambient.time += 1000;
    return store.send(MessageDraft.parse({ content: "hi", from: "mac", ...draft }));
  };
  const told = async (reader: string) => {
    const answer = await store.unread(address(reader));
    if (answer.summary === null) throw new Error("Nobody said what is known.");
    return { ...answer, summary: answer.summary };
  };
  const unread = async (reader: Address) => (await told(formatAddress(reader))).summary;
  const list = async (reader: string | null, query: Readonly<Record<string, string>> = {}) => {
    const { limit, cursor, reader: _, ...filter } = ListQuery.parse(query);
    return store.list(reader === null ? null : address(reader), filter satisfies Filter, { limit, cursor });
  };
  const contents = async (reader: string | null, query?: Readonly<Record<string, string>>) =>
    (await list(reader, query)).messages.map(({ content }) => content);

  describe("sending", () => {
    it("keeps every field and gives the time of receipt", async () => {
      const first = await send();
      const whole = {
        id: uuid(1),
        content: "Please look at\nthe build 🚧 \u0000\uD800",
        from: "Mac/Photon",
        to: "*/photon",
        project: "photon",
        tags: ["build", "ß"],
        kind: "task",
        replyTo: first.id,
        session: "s-1",
        hops: 3,
      };
      const { id, timestamp, duplicate } = await send({ ...whole, expiresInSeconds: 60 });
      expect({ id, timestamp, duplicate }).toEqual({ id: uuid(1), timestamp: isoTime(ambient), duplicate: false });
      const expiresAt = new Date(ambient.time + 60_000).toISOString();
      const expected = { ...whole, timestamp, read: false, expiresAt };
      expect((await list(null)).messages[0]).toEqual(expected);
      expect(await store.get(id, null)).toEqual({ ...expected, receipts: [] });
    });

    it("creates a new id for each message without one", async () => {
      const ids = [(await send()).id, (await send()).id];
      expect(new Set(ids).size).toBe(2);
      expect((await list(null)).messages.map(({ id }) => id)).toEqual(ids.toReversed());
    });

    it("stores a repeated id once, and returns the first time", async () => {
      const first = await send({ id: uuid(1), content: "first" });
      const again = await send({ id: uuid(1), content: "again" });
      expect(again).toEqual({ ...first, duplicate: true });
      expect(await contents(null)).toEqual(["first"]);
    });

    it("does not bring a deleted message back when its send is repeated", async () => {
      await send({ id: uuid(1) });
      await store.remove(uuid(1));
      expect((await send({ id: uuid(1) })).duplicate).toBe(true);
      expect(await contents(null)).toEqual([]);
    });

    it.each([1, 900, 5000, 256 * 1024])("keeps content of %i bytes as it is", async (bytes) => {
      const content = "é".repeat(bytes / 2) + "x".repeat(bytes % 2);
      const tags = Array.from({ length: 16 }, (_, i) => `${i}`.padEnd(64, "t"));
      const { id } = await send({ content, tags });
      expect(await store.get(id, null)).toMatchObject({ content, tags });
      expect((await list(null, { tag: `7${"t".repeat(63)}` })).messages).toMatchObject([{ content, tags }]);
      expect(await contents(null, { tag: "7" })).toEqual([]);
    });

    it("keeps many sends at once", async () => {
      const drafts = Array.from({ length: 40 }, (_, i) => ({ content: `${i}`, id: uuid(i) }));
      await Promise.all(drafts.map((draft) => send(draft)));
      expect(new Set(await contents(null, { limit: "100" }))).toEqual(new Set(drafts.map(({ content }) => content)));
    });
  });

  describe("who sees what", () => {
    beforeEach(async () => {
      await send({ content: "everyone" });
      await send({ content: "everyone in photon", project: "photon" });
      await send({ content: "pc", to: "pc" });
      await send({ content: "pc in photon", to: "pc/photon" });
      await send({ content: "all machines in photon", to: "*/photon" });
      await send({ content: "box", to: "box", project: "photon" });
    });

    it.each([
      ["pc", ["all machines in photon", "pc in photon", "pc", "everyone in photon", "everyone"]],
      ["PC/Photon", ["all machines in photon", "pc in photon", "pc", "everyone in photon", "everyone"]],
      ["pc/yomi", ["pc", "everyone"]],
      ["box/photon", ["box", "all machines in photon", "everyone in photon", "everyone"]],
      ["nas/yomi", ["everyone"]],
    ])("%s", async (reader, expected) => {
      expect(await contents(reader)).toEqual(expected);
      expect((await unread(address(reader))).unread).toBe(expected.length);
    });
  });

  describe("filters", () => {
    beforeEach(async () => {
      await send({ id: uuid(1), content: "1", from: "mac/photon", project: "photon", tags: ["a"] });
      await send({ id: uuid(2), content: "2", from: "mac", to: "pc", kind: "task", tags: ["a", "b"] });
      await send({ id: uuid(3), content: "3", from: "pc", to: "mac/photon", kind: "reply", replyTo: uuid(2) });
      await send({ id: uuid(4), content: "4", from: "machine", kind: "handover", session: "s1" });
    });

    it.each([
      [{ from: "mac" }, ["2", "1"]],
      [{ from: "MAC/Photon" }, ["1"]],
      [{ from: "mac/yomi" }, []],
      [{ to: "mac" }, ["3"]],
      [{ to: "pc" }, ["2"]],
      [{ to: "pc/photon" }, []],
      [{ project: "Photon" }, ["1"]],
      [{ tag: "a" }, ["2", "1"]],
      [{ tag: "A" }, []],
      [{ kind: "task" }, ["2"]],
      [{ kind: "note" }, ["1"]],
      [{ thread: uuid(2) }, ["3", "2"]],
      [{ thread: uuid(3) }, ["3", "2"]],
      [{ thread: uuid(9) }, []],
      [{ since: "2026-11-23T09:00:02.000Z" }, ["4", "3"]],
      [{ since: "2026-11-23T10:00:02+01:00" }, ["4", "3"]],
      [{ from: "mac", tag: "b", kind: "task" }, ["2"]],
      [{ tag: "a", limit: "1" }, ["2"]],
      [{ unread: "true", session: "s1" }, ["3", "2", "1"]],
      [{ session: "s1" }, ["4", "3", "2", "1"]],
    ])("%j", async (query, expected) => {
      expect(await contents(null, query)).toEqual(expected);
    });

    it("find a whole thread, whatever the order in which its messages arrived", async () => {
      await send({ id: uuid(11), content: "answer to the answer", replyTo: uuid(12) });
      await send({ id: uuid(12), content: "answer", replyTo: uuid(13) });
      await send({ id: uuid(13), content: "question" });
      for (const id of [uuid(11), uuid(12), uuid(13)]) {
        expect(await contents(null, { thread: id })).toEqual(["question", "answer", "answer to the answer"]);
      }
    });

    it("apply before the limit", async () => {
      for (let i = 0; i < 60; i++) await send({ content: `noise ${i}` });
      expect(await contents(null, { tag: "a", limit: "1" })).toEqual(["2"]);
    });
  });

  describe("pages", () => {
    it("list everything once, newest first, even if new messages arrive in between", async () => {
      for (let i = 0; i < 7; i++) await send({ content: `${i}` });
      const first = await list(null, { limit: "3" });
      await send({ content: "new" });
      const second = await list(null, { limit: "3", cursor: first.cursor ?? "" });
      const third = await list(null, { limit: "3", cursor: second.cursor ?? "" });
      const seen = [first, second, third].map(({ messages }) => messages.map(({ content }) => content).join(""));
      expect(seen).toEqual(["654", "321", "0"]);
      expect(third).not.toHaveProperty("cursor");
    });

    it(`have at most ${MAX_PAGE} messages, and a cursor only if there are more`, async () => {
      for (let i = 0; i < MAX_PAGE; i++) await send({ content: `${i}` });
      const all = await list(null, { limit: "5000" });
      expect([all.messages.length, all.cursor]).toEqual([MAX_PAGE, undefined]);
      await send();
      const page = await list(null, { limit: "5000" });
      expect([page.messages.length, typeof page.cursor]).toEqual([MAX_PAGE, "string"]);
      expect(await contents(null, { limit: "5000", cursor: page.cursor ?? "" })).toEqual(["0"]);
    });

    it("continue after a message that was deleted in between", async () => {
      const ids = [await send({ content: "0" }), await send({ content: "1" }), await send({ content: "2" })];
      const { cursor = "" } = await list(null, { limit: "2" });
      await store.remove(ids[1]?.id ?? "");
      expect(await contents(null, { limit: "2", cursor })).toEqual(["0"]);
    });

    it("end early instead of becoming too large, and lose nothing", async () => {
      for (let i = 0; i < 40; i++) await send({ content: `${i} ${"x".repeat(256 * 1024 - 10)}` });
      const seen: string[] = [];
      let pages = 0;
      for (let cursor: string | undefined; pages === 0 || cursor !== undefined; pages++) {
        const page = await list(null, { limit: "100", ...(cursor && { cursor }) });
        seen.push(...page.messages.map(({ content }) => content?.split(" ")[0] ?? ""));
        cursor = page.cursor;
      }
      expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => `${39 - i}`));
      expect(pages).toBe(2);
    });

    it.each(["x", "e:", "AAAA", "ODIwNDU3NTU5OTk5OQ"])("do not continue from %j", async (cursor) => {
      await expect(list(null, { cursor })).rejects.toThrow("cursor");
    });
  });

  describe("read state", () => {
    it("belongs to the machine in every project, and to no other machine", async () => {
      const { id } = await send();
      expect(await store.record(address("PC/photon"), "read", [id])).toBe(1);
      expect((await list("pc/photon")).messages).toMatchObject([{ read: true }]);
      expect((await list("pc/yomi")).messages).toMatchObject([{ read: true }]);
      expect((await list("box")).messages).toMatchObject([{ read: false }]);
      expect((await list(null)).messages).toMatchObject([{ read: true }]);
      expect(await contents("pc", { unread: "true" })).toEqual([]);
      expect(await contents("box", { unread: "true" })).toEqual(["hi"]);
      expect(await contents(null, { unread: "true" })).toEqual([]);
    });

    it("does not change when messages are listed or shown", async () => {
      const { id } = await send({ to: "pc" });
      await list("pc");
      await store.get(id, address("pc"));
      await unread(address("pc"));
      await store.record(address("pc"), "shown", [id]);
      expect((await unread(address("pc"))).unread).toBe(1);
      expect((await list("pc")).messages).toMatchObject([{ read: false }]);
    });

    it("records which machines were shown a message and read it, each with the first time", async () => {
      const { id } = await send();
      const times: string[] = [];
      for (const [machine, what] of [
        ["pc", "shown"],
        ["pc", "read"],
        ["box", "read"],
        ["PC", "read"],
      ] as const) {
        ambient.time += 1000;
        times.push(isoTime(ambient));
        await store.record(address(machine), what, [id]);
      }
      expect((await store.get(id, null))?.receipts).toEqual([
        { machine: "box", readAt: times[2] },
        { machine: "pc", shownAt: times[0], readAt: times[1] },
      ]);
    });

    it("records read and shown messages in one call", async () => {
      const [a, b] = [await send({ to: "pc" }), await send({ to: "pc" })];
      const also = { shown: [a.id, b.id] };
      expect(await store.record(address("pc"), "read", [a.id], also)).toBe(1);
      const at = expect.any(String);
      expect((await list(null)).messages.map(({ receipts }) => receipts)).toEqual([
        [{ machine: "pc", shownAt: at }],
        [{ machine: "pc", shownAt: at, readAt: at }],
      ]);
    });

    it("set by a client without a name counts for the addressed machine", async () => {
      const ids = [(await send({ to: "pc/photon" })).id, (await send()).id, (await send({ to: "*/photon" })).id];
      expect(await store.record(null, "read", ids)).toBe(3);
      expect((await list(null)).messages.map(({ read }) => read)).toEqual([true, true, true]);
      expect((await list("PC")).messages.map(({ read }) => read)).toEqual([false, false, true]);
      expect((await store.get(ids[0] ?? "", null))?.receipts).toMatchObject([{ machine: "*" }]);
    });

    it("counts what exists and is marked, once each, and repeats harmlessly", async () => {
      const a = await send();
      const b = await send();
      const ids = [a.id, b.id, a.id, uuid(9)];
      expect(await store.record(address("pc"), "read", ids)).toBe(2);
      expect(await store.record(address("pc"), "read", ids)).toBe(2);
      expect(await store.record(address("pc"), "read", [uuid(9)])).toBe(0);
    });

    it("of a hundred messages is marked in one call", async () => {
      const ids = [];
      for (let i = 0; i < 100; i++) ids.push((await send()).id);
      expect(await store.record(address("m".repeat(63)), "read", ids)).toBe(100);
      expect((await unread(address("m".repeat(63)))).unread).toBe(0);
    });

    it("holds when the clock of the place that marks is behind", async () => {
      const { id } = await send();
      ambient.time -= 3_600_000;
      await store.record(address("pc"), "read", [id]);
      expect((await unread(address("pc"))).unread).toBe(0);
    });
  });

  describe("unread", () => {
    it("is counted by sender and kind, newest first", async () => {
      await send({ from: "mac/photon" });
      await send({ from: "box", kind: "handover" });
      const { id, timestamp } = await send({ from: "MAC/photon" });
      const newest = await send({ from: "mac/photon", kind: "task" });
      await send({ from: "mac", to: "nas" });
      expect(await unread(address("pc"))).toEqual({
        unread: 4,
        handovers: 1,
        latest: { id: newest.id, from: "mac/photon", kind: "task", timestamp: newest.timestamp },
        groups: [
          {
            from: "mac/photon",
            kind: "task",
            unread: 1,
            latest: { id: newest.id, timestamp: newest.timestamp },
          },
          { from: "MAC/photon", kind: "note", unread: 2, latest: { id, timestamp } },
          { from: "box", kind: "handover", unread: 1, latest: expect.anything() },
        ],
      });
    });

    it("is also grouped by session if the reader's own machine sent it", async () => {
      for (const session of ["s1", "s2", "s1", undefined]) await send({ session });
      const { groups } = await unread(address("Mac"));
      expect(groups.map(({ session, unread }) => [session, unread])).toEqual([
        [undefined, 1],
        ["s1", 2],
        ["s2", 1],
      ]);
      expect((await unread(address("pc"))).groups).toMatchObject([{ from: "mac", unread: 4 }]);
      expect((await list("mac", { unread: "true", session: "s1" })).messages).toHaveLength(2);
    });

    it("is not sent again while nothing changes", async () => {
      const marked = await send({ to: "pc" });
      const removed = await send({ to: "pc" });
      for (const change of [
        async () => undefined,
        () => send({ to: "PC/photon" }),
        () => send(),
        () => send({ to: "*/photon" }),
        () => store.record(null, "read", [marked.id]),
        () => store.remove(removed.id),
        () => store.clear(),
      ]) {
        ambient.time += 120_000;
        const { etag, summary } = await told("pc/photon");
        expect((await store.unread(address("PC/Photon"), etag)).summary).toBeNull();
        await change();
        const next = await store.unread(address("pc/photon"), etag);
        if (next.summary !== null) expect(next.summary).not.toEqual(summary);
        else expect(change.toString()).toContain("undefined");
      }
    });

    it.each(["", "*", '"x"', '"pc:1:2"', 'W/"pc:1:2:3:4"', '"pc:99999999999999999999:0:0"'])(
      "is told to a reader that says it knows %j",
      async (etag) => {
        await send();
        expect(await store.unread(address("pc"), etag)).toMatchObject({ summary: { unread: 1 } });
      },
    );

    it("is sent to a reader that has another reader's ETag", async () => {
      await send();
      ambient.time += 120_000;
      const { etag } = await told("pc/yomi");
      expect(await store.unread(address("pc"), etag)).toMatchObject({ summary: { unread: 1 } });
      expect((await store.unread(address("pc/yomi"), `W/${etag}`)).summary).toBeNull();
    });

    it("is sent again when a message becomes 30 days old, though nothing else changed", async () => {
      await send();
      const { etag } = await told("pc");
      ambient.time += 30 * 24 * 60 * 60_000;
      expect((await store.unread(address("pc"), etag)).summary).toMatchObject({ unread: 0 });
    });

    it("is zero without messages", async () => {
      expect(await unread(address("pc"))).toEqual({ unread: 0, handovers: 0, groups: [] });
    });

    it("has at most fifty groups, and counts all messages", async () => {
      for (let i = 0; i < 60; i++) await send({ from: `m${i}` });
      const { unread: all, groups } = await unread(address("pc"));
      expect([all, groups.length, groups[0]?.from]).toEqual([60, 50, "m59"]);
    });
  });

  describe("machines", () => {
    it("are those that sent, were shown or read messages, most recently seen first", async () => {
      const { id } = await send({ from: "mac/photon" });
      const times: string[] = [isoTime(ambient)];
      for (const change of [
        () => store.record(address("pc/yomi"), "shown", [id]),
        () => store.record(null, "read", [id]),
        () => store.record(address("box"), "read", [id]),
        () => store.remove(id),
      ]) {
        ambient.time += 1000;
        times.push(isoTime(ambient));
        await change();
      }
      await send({ from: "MAC" });
      expect(await store.machines()).toEqual([
        { machine: "MAC", seenAt: isoTime(ambient) },
        { machine: "box", seenAt: times[3] },
        { machine: "pc", seenAt: times[1] },
      ]);
    });

    it("are listed with the computers that use their name", async () => {
      const { id } = await store.send(MessageDraft.parse({ content: "hi", from: "mac" }), "00000001");
      ambient.time += 1000;
      await store.record(address("MAC"), "read", [id], { installation: "00000002" });
      ambient.time += 1000;
      await store.record(address("pc"), "read", [id]);
      expect(await store.machines()).toMatchObject([
        { machine: "pc" },
        { machine: "MAC", installations: [{ id: "00000002" }, { id: "00000001" }] },
      ]);
    });

    it("are an empty list at first", async () => {
      expect(await store.machines()).toEqual([]);
    });
  });

  describe("endings", () => {
    it("removes a deleted message from every list, count and look-up", async () => {
      const { id } = await send({ content: "gone" });
      await send({ content: "stays" });
      await store.remove(id);
      expect(await contents(null)).toEqual(["stays"]);
      expect(await store.get(id, null)).toBeNull();
      expect((await unread(address("pc"))).unread).toBe(1);
      expect(await store.record(address("pc"), "read", [id])).toBe(0);
    });

    it("does nothing for a missing message", async () => {
      await expect(store.remove(uuid(9))).resolves.toBeUndefined();
    });

    it("clears existing messages, and no later ones", async () => {
      await send({ id: uuid(1) });
      await send();
      expect(await store.clear()).toBe(2);
      expect(await store.clear()).toBe(0);
      await send({ content: "later" });
      expect(await contents(null)).toEqual(["later"]);
      expect((await send({ id: uuid(1) })).duplicate).toBe(true);
      expect(await contents(null)).toEqual(["later"]);
    });

    it("clears messages stamped by a clock that was ahead", async () => {
      ambient.time += 3_600_000;
      await send();
      ambient.time -= 3_600_000;
      expect(await store.clear()).toBe(1);
      expect(await contents(null)).toEqual([]);
    });

    it("ends a message at its time", async () => {
      const { id } = await send({ expiresInSeconds: 60 });
      ambient.time += 59_999;
      expect(await contents(null)).toEqual(["hi"]);
      ambient.time += 1;
      expect(await contents(null)).toEqual([]);
      expect(await store.get(id, null)).toBeNull();
      expect((await unread(address("pc"))).unread).toBe(0);
      expect(await store.clear()).toBe(0);
    });

    it("lets a newer message replace an older one of the same machine", async () => {
      const { id } = await send({ content: "version 1", kind: "handover" });
      await send({ content: "version 2", kind: "handover", from: "mac/photon", replaces: id });
      await send({ content: "not mine", from: "pc", replaces: id });
      expect(await contents(null)).toEqual(["not mine", "version 2"]);
      expect((await unread(address("box"))).handovers).toBe(1);
      const other = await send({ content: "safe" });
      await send({ content: "thief", from: "pc", replaces: other.id });
      expect(await contents(null)).toContain("safe");
    });
  });
});

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`${text} is not an address`);
  return parsed;
}

function isoTime({ time }: ManualAmbient): string {
  return new Date(time).toISOString();
}

function uuid(n: number): string {
  return `10000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}
