import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../contract/address.ts";
import { MESSAGE_KINDS, MessageDraft } from "../../../contract/message.ts";
import { manualAmbient } from "../../testing/manual-ambient.ts";
import type { Filter } from "../message-store.ts";
import { eventKey, suffixOfId } from "./event-key.ts";
import { KvStore } from "./kv-store.ts";
import { isReadBy, isThere, naiveList, type Wanted } from "./properties/naive-list.ts";
import {
  anyMailbox,
  fill,
  idOf,
  nowAfter,
  type RandomMailbox,
  START_MS,
  textOf,
  timesOf,
  UNKNOWN_ID,
} from "./properties/random-mailbox.ts";
import { withSmallLists } from "./properties/small-lists.ts";

const RUNS = { numRuns: 300 };
const TIMEOUT_MS = 120_000;
/** Keys of one list of KV: the log of a small mailbox is read in one part, or in many. */
const anyKeysPerList = fc.constantFrom(3, 5, 1000);
const anyLimit = fc.integer({ min: 1, max: 6 });

describe("the pages of a list", () => {
  it(
    "have what every filter lets through, newest first and once each, as if all messages had been looked at",
    async () => {
      await fc.assert(
        fc.asyncProperty(anyMailbox, anyWanted, anyLimit, anyKeysPerList, async (mailbox, wanted, limit, keys) => {
          const store = await storeOf(mailbox, keys);
          const seen: { id: string; content: string; read: boolean }[] = [];
          for await (const page of pagesOf(store, withSince(wanted, mailbox), limit)) {
            expect(page.length).toBeLessThanOrEqual(limit);
            seen.push(...page);
          }
          const { reader } = wanted;
          const expected = naiveList(mailbox, withSince(wanted, mailbox)).map((i) => {
            const mail = mailbox.mails[i];
            if (!mail) throw new Error("A message that is not there was found.");
            const machine = reader === undefined ? undefined : parseAddress(reader)?.machine;
            return { id: idOf(i), content: textOf(i, mail), read: isReadBy(mail, machine) };
          });
          expect(seen.map(({ id, content, read }) => ({ id, content, read }))).toEqual(expected);
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );

  it("have a message with a tag behind as many without it as fill the part of the log that is read first", async () => {
    await reset();
    ambient = manualAmbient();
    const store = new KvStore(withSmallLists(env.MESSAGES, 3), ambient);
    for (const tags of [["a"], [], [], [], [], []]) {
      await store.send(MessageDraft.parse({ content: `mail ${tags}`, from: "mac", tags }));
      ambient.time += 60 * 60_000;
    }
    const found: string[] = [];
    for await (const page of pagesOf(store, { tag: "a" }, 1)) found.push(...page.map(({ content }) => content));
    expect(found).toEqual(["mail a"]);
  });

  it(
    "have what was there from the first to the last, once each, whatever is sent, marked, deleted or found meanwhile",
    async () => {
      await fc.assert(
        fc.asyncProperty(walks, async ({ mailbox, isUnread, limit, keys, meanwhile }) => {
          const store = await storeOf(mailbox, keys);
          const wanted: Wanted = isUnread ? { unread: true, reader: "pc" } : { reader: "pc" };
          const before = naiveList(mailbox, wanted).map(idOf);
          const seen: string[] = [];
          /** Not there any more for this list. */
          const ended = new Set<string>();
          /** Older copies of these came to light, which puts them further down. */
          const moved = new Set<string>();
          let pages = 0;
          for await (const page of pagesOf(store, wanted, limit)) {
            const ids = page.map(({ id }) => id);
            for (const id of ids) expect(ended).not.toContain(id);
            seen.push(...ids);
            for (const { what, index } of meanwhile.filter(({ after }) => after === pages)) {
              const id = idOf(index);
              if (what === "remove" || (what === "mark" && isUnread)) ended.add(id);
              if (what === "find") moved.add(id);
              await doMeanwhile(store, mailbox, what, index);
            }
            pages++;
          }
          const still = new Set(before.filter((id) => !ended.has(id) && !moved.has(id)));
          expect(seen.filter((id) => still.has(id))).toEqual([...still]);
          const once = seen.filter((id) => !moved.has(id));
          expect(new Set(once).size).toBe(once.length);
          for (const id of moved) if (before.includes(id) && !ended.has(id)) expect(seen).toContain(id);
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );
});

const anyIndex = fc.nat(14);
/** A filter, and a moment about one of the messages. */
type WantedSince = Wanted & { readonly sinceIndex?: number | undefined; readonly sinceMs: number };
const anyWanted: fc.Arbitrary<WantedSince> = fc.record({
  reader: option(fc.constantFrom("pc", "PC/photon", "mac/yomi", "nas"), 2),
  unread: option(fc.boolean(), 2),
  from: option(fc.constantFrom("mac", "MAC/Photon", "pc", "machine"), 7),
  to: option(fc.constantFrom("pc", "pc/photon", "Mac", "*/photon"), 9),
  project: option(fc.constantFrom("photon", "YOMI"), 7),
  tag: option(fc.constantFrom("a", "A", "t".repeat(64), "c"), 5),
  kind: option(fc.constantFrom(...MESSAGE_KINDS), 8),
  thread: option(fc.oneof({ weight: 6, arbitrary: anyIndex.map(idOf) }, fc.constant(UNKNOWN_ID)), 7),
  session: option(fc.constantFrom("s1", "s2"), 4),
  sinceIndex: option(anyIndex, 2),
  sinceMs: fc.constantFrom(-1, 0, 0, 1),
});

function withSince({ sinceIndex, sinceMs, ...wanted }: WantedSince, mailbox: RandomMailbox): Wanted {
  const times = timesOf(mailbox);
  const ms = sinceIndex === undefined ? undefined : times[sinceIndex];
  return ms === undefined ? wanted : { ...wanted, since: new Date(ms + sinceMs).toISOString() };
}

const walks = fc.record({
  mailbox: anyMailbox,
  isUnread: fc.boolean(),
  limit: anyLimit,
  keys: anyKeysPerList,
  meanwhile: fc.array(
    fc.record({
      /** Pages. */
      after: fc.nat(3),
      what: fc.constantFrom("send" as const, "send late" as const, "mark" as const, "remove" as const, "find" as const),
      index: anyIndex,
    }),
    { maxLength: 6 },
  ),
});

let ambient = manualAmbient();

async function storeOf(mailbox: RandomMailbox, keysPerList: number): Promise<KvStore> {
  await reset();
  ambient = manualAmbient(nowAfter(mailbox));
  await fill(env.MESSAGES, mailbox);
  return new KvStore(withSmallLists(env.MESSAGES, keysPerList), ambient);
}

async function* pagesOf(store: KvStore, { reader, ...wanted }: Wanted, limit: number) {
  const filter: Filter = { ...wanted, unread: wanted.unread ?? false };
  const address = reader === undefined ? null : parseAddress(reader);
  let cursor: string | undefined;
  let pages = 0;
  do {
    expect(pages++).toBeLessThan(100);
    const listing = await store.list(address, filter, { limit, cursor });
    yield listing.messages;
    cursor = listing.cursor;
  } while (cursor !== undefined);
}

async function doMeanwhile(store: KvStore, mailbox: RandomMailbox, what: string, index: number): Promise<void> {
  const pc = { machine: "pc", project: null };
  ambient.time += 1000;
  if (what === "mark") await store.record(pc, "read", [idOf(index)]);
  else if (what === "remove") await store.remove([idOf(index)]);
  else if (what === "find") await findOlderCopy(mailbox, index);
  else {
    // A clock that is behind puts a new message among the old ones.
    const late = what === "send late" ? ambient.time - START_MS : 0;
    ambient.time -= late;
    await store.send(MessageDraft.parse({ content: "new", from: "mac" }));
    ambient.time += late;
  }
}

/** A list that was behind shows at last that a message had come some minutes before. */
async function findOlderCopy(mailbox: RandomMailbox, index: number): Promise<void> {
  const ms = timesOf(mailbox)[index];
  // What was received before a clear is not found, but gone.
  if (ms === undefined || !isThere(mailbox, index) || mailbox.cleared > 0) return;
  const suffix = await suffixOfId(idOf(index));
  const { value, metadata } = await env.MESSAGES.getWithMetadata(eventKey({ ms, suffix }));
  await env.MESSAGES.put(eventKey({ ms: ms - 5 * 60_000, suffix }), value ?? "", { metadata });
}

function option<T>(arbitrary: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: freq, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
