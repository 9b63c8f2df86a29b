import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MessageDraft } from "../../../contract/message.ts";
import { manualAmbient } from "../../testing/manual-ambient.ts";
import { StoredEvent } from "./event.ts";
import { eventKey, suffixOfBytes } from "./event-key.ts";
import { KvStore } from "./kv-store.ts";
import { isReadBy, naiveList } from "./properties/naive-list.ts";
import { anyMailbox, fill, idOf, nowAfter, START_MS } from "./properties/random-mailbox.ts";
import { withSmallLists } from "./properties/small-lists.ts";

const RUNS = { numRuns: 300 };
const TIMEOUT_MS = 120_000;
const HOUR_MS = 60 * 60_000;
const PC = { machine: "pc", project: null };
const EVERYTHING = [{ unread: false }, { limit: 100, cursor: undefined }] as const;

beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

describe("KvStore", () => {
  it(
    "tells the same whatever else lies in the namespace",
    async () => {
      await fc.assert(
        fc.asyncProperty(anyMailbox, fc.array(anyNoise, { maxLength: 12 }), async (mailbox, noise) => {
          await reset();
          await fill(env.MESSAGES, mailbox);
          for (const { key, value, metadata } of noise) await env.MESSAGES.put(key, value, { metadata });
          const store = new KvStore(withSmallLists(env.MESSAGES, 7), manualAmbient(nowAfter(mailbox)));
          const { messages, cursor } = await store.list(PC, ...EVERYTHING);
          expect(messages.map(({ id }) => id)).toEqual(naiveList(mailbox, { reader: "pc" }).map(idOf));
          expect(cursor).toBeUndefined();
          const answer = await store.unread(PC);
          const waiting = naiveList(mailbox, { reader: "pc", unread: true });
          expect(answer).toMatchObject({ summary: { unread: waiting.length } });
          for (const i of waiting.slice(0, 1)) expect(await store.get(idOf(i), PC)).toMatchObject({ read: false });
          const read = mailbox.mails.filter((mail) => isReadBy(mail, "pc")).length;
          expect(messages.filter((message) => message.read).length).toBeLessThanOrEqual(read);
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );

  it(
    "keeps to what was done, one after another, whatever the clocks say: each message once, gone for good, read for good",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyDeed, { maxLength: 10 }), async (deeds) => {
          await reset();
          const ambient = manualAmbient(START_MS);
          const store = new KvStore(env.MESSAGES, ambient);
          const model = { times: new Map<string, string>(), there: new Set<string>(), read: new Set<string>() };
          for (const { what, index, clockMs } of deeds) {
            ambient.time = START_MS + clockMs;
            await doBoth(store, model, what, index);
          }
          ambient.time = START_MS + 2 * HOUR_MS;
          const { messages } = await store.list(PC, ...EVERYTHING);
          expect(messages.map(({ id }) => id).sort()).toEqual([...model.there].sort());
          for (const { id, timestamp, read } of messages)
            expect([timestamp, read]).toEqual([model.times.get(id), model.read.has(id)]);
          const waiting = [...model.there].filter((id) => !model.read.has(id)).length;
          expect(await store.unread(PC)).toMatchObject({ summary: { unread: waiting } });
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );
});

const anyMs = fc.integer({ min: START_MS - HOUR_MS, max: START_MS + 30 * HOUR_MS });
const anyJson = fc.oneof(
  fc.constantFrom("", "null", "[]", '{"v":2}', '{"v":1}', '{"v":2,"type":"clear"}'),
  fc.json({ maxDepth: 2 }),
  fc.string({ maxLength: 20 }),
);

/** What is no event of this version, whatever its key; or no event's key, whatever it holds. */
const anyNoise = fc.oneof(
  fc
    .record({
      ms: anyMs,
      bytes: fc.uint8Array({ minLength: 14, maxLength: 14 }),
      metadata: fc.oneof(fc.constant({ v: 2, type: "clear" }), fc.jsonValue({ maxDepth: 2 })),
      value: anyJson,
    })
    .filter(({ metadata }) => !StoredEvent.safeParse(metadata).success)
    .map(({ ms, bytes, ...rest }) => ({ ...rest, key: eventKey({ ms, suffix: suffixOfBytes(bytes) }) })),
  fc
    .tuple(fc.constantFrom("e:", "e:8204", "h:", "f:", "index", "msg:"), fc.string({ maxLength: 20 }), anyJson)
    .map(([prefix, name, value]) => ({ key: `${prefix}~${name}`, value, metadata: { v: 1, type: "clear" } })),
  fc
    .tuple(fc.constantFrom("h:pc", "h:*", "f:pc"), anyJson)
    .map(([key, value]) => ({ key, value, metadata: { v: 1, type: "clear" } })),
);

const anyDeed = fc.record({
  what: fc.constantFrom("send", "send", "send", "mark", "remove", "clear"),
  index: fc.nat(3),
  clockMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
});

interface Model {
  /** The time of each that was ever sent. */
  readonly times: Map<string, string>;
  readonly there: Set<string>;
  readonly read: Set<string>;
}

/** Does it in the store, checks the answer, and does it in the model. */
async function doBoth(store: KvStore, { times, there, read }: Model, what: string, index: number): Promise<void> {
  const id = idOf(index);
  if (what === "send") {
    const { timestamp, duplicate } = await store.send(MessageDraft.parse({ content: "hi", from: "mac", id }));
    expect(duplicate).toBe(times.has(id));
    if (duplicate) expect(timestamp).toBe(times.get(id));
    else there.add(id);
    times.set(id, timestamp);
  } else if (what === "mark") {
    expect(await store.record(PC, "read", [id])).toEqual({ marked: there.has(id) ? 1 : 0 });
    if (there.has(id)) read.add(id);
  } else if (what === "remove") {
    // Not what was never sent: that id would be gone before it comes.
    if (times.has(id)) await store.remove([id]);
    there.delete(id);
  } else {
    expect(await store.clear()).toEqual({ count: there.size });
    there.clear();
  }
}
