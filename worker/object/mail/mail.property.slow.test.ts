import { reset, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { parseAddress } from "../../../contract/address.ts";
import { MESSAGE_KINDS } from "../../../contract/constants.ts";
import { MessageDraft } from "../../../contract/message.ts";
import { bridgeObject } from "../../../test/support/worker/bridge.ts";
import { ALONE, manualAmbient } from "../../../test/support/worker/manual-ambient.ts";
import { isReadBy, naiveList, type Wanted } from "../../../test/support/worker/naive-list.ts";
import {
  anyMailbox,
  fill,
  idOf,
  type RandomMailbox,
  timesOf,
  UNKNOWN_ID,
} from "../../../test/support/worker/random-mailbox.ts";
import { Database } from "../database.ts";
import { Quota } from "../machines/quota.ts";
import { Mail } from "./mail.ts";
import type { Filter } from "./select.ts";
import type { KeptMessage } from "./wire-message.ts";

const RUNS = { numRuns: 300 };
const TIMEOUT_MS = 120_000;
const anyLimit = fc.integer({ min: 1, max: 6 });
const PC = { machine: "pc", project: null };

beforeEach(() => reset());

describe("the pages of a list", () => {
  it(
    "have what every filter lets through, newest first and once each, as if all messages had been looked at",
    () =>
      inObject((fresh) =>
        fc.assert(
          fc.property(anyMailbox, anyWanted, anyLimit, (mailbox, wanted, limit) => {
            const { mail } = fresh(mailbox);
            const seen: Pick<KeptMessage, "id" | "content" | "read">[] = [];
            for (const page of pagesOf(mail, withSince(wanted, mailbox), limit)) {
              expect(page.length).toBeLessThanOrEqual(limit);
              seen.push(...page.map(({ id, content, read }) => ({ id, content, read })));
            }
            const machine = wanted.reader === undefined ? undefined : parseAddress(wanted.reader)?.machine;
            const expected = naiveList(mailbox, withSince(wanted, mailbox)).map((i) => {
              const random = mailbox.mails[i];
              if (!random) throw new Error("A message that is not there was found.");
              return { id: idOf(i), content: `mail ${i}`, read: isReadBy(random, machine) };
            });
            expect(seen).toEqual(expected);
          }),
          RUNS,
        ),
      ),
    TIMEOUT_MS,
  );

  it(
    "have what was there from the first to the last, once each, whatever is sent, marked or deleted meanwhile",
    () =>
      inObject((fresh) =>
        fc.assert(
          fc.property(walks, ({ mailbox, isUnread, limit, meanwhile }) => {
            const { mail, wait } = fresh(mailbox);
            const wanted: Wanted = isUnread ? { unread: true, reader: "pc" } : { reader: "pc" };
            const before = naiveList(mailbox, wanted).map(idOf);
            const seen: string[] = [];
            const ended = new Set<string>();
            let pages = 0;
            for (const page of pagesOf(mail, wanted, limit)) {
              for (const { id } of page) expect(ended).not.toContain(id);
              seen.push(...page.map(({ id }) => id));
              for (const { what, index } of meanwhile.filter(({ after }) => after === pages)) {
                wait(1000);
                if (what === "send") mail.add(MessageDraft.parse({ content: "new", from: "mac" }));
                if (what === "mark") mail.record(PC, "read", [idOf(index)], {});
                if (what === "remove") mail.delete(idOf(index));
                if (what === "remove" || (what === "mark" && isUnread)) ended.add(idOf(index));
              }
              pages++;
            }
            const still = before.filter((id) => !ended.has(id));
            expect(seen.filter((id) => still.includes(id))).toEqual(still);
            expect(new Set(seen).size).toBe(seen.length);
          }),
          RUNS,
        ),
      ),
    TIMEOUT_MS,
  );
});

it(
  "the count of unread messages is the length of the unread list, for every reader, wherever its floor is",
  () =>
    inObject((fresh) =>
      fc.assert(
        fc.property(anyMailbox, fc.constantFrom("pc", "PC/photon", "mac", "mac/yomi", "nas"), (mailbox, reader) => {
          const { mail } = fresh(mailbox);
          const address = parseAddress(reader);
          if (address === null) throw new Error("A reader is not an address.");
          const expected = naiveList(mailbox, { reader, unread: true }).length;
          const first = mail.unread(address, undefined);
          expect(first.summary?.unread).toBe(expected);
          expect(mail.unread(address, undefined).summary).toEqual(first.summary); // the floor may have moved
        }),
        RUNS,
      ),
    ),
  TIMEOUT_MS,
);

it(
  "clearing counts the messages that were there",
  () =>
    inObject((fresh) =>
      fc.assert(
        fc.property(anyMailbox, (mailbox) => {
          const { mail } = fresh(mailbox);
          expect(mail.clear()).toBe(naiveList(mailbox, {}).length);
          expect(mail.clear()).toBe(0);
        }),
        RUNS,
      ),
    ),
  TIMEOUT_MS,
);

type Fresh = (mailbox: RandomMailbox) => { mail: Mail; wait: (ms: number) => void };

/** Runs in a real object. Each mailbox starts with empty tables. */
function inObject(run: (fresh: Fresh) => void): Promise<void> {
  return runInDurableObject(bridgeObject(), (_, { storage }) => {
    const db = new Database(storage.sql);
    run((mailbox) => {
      const tables = ["messages", "receipts", "last_seen", "floors", "state", "accounts", "kv_deletes"];
      for (const table of tables) storage.sql.exec(`DELETE FROM ${table}`);
      const ambient = manualAmbient();
      const mail = new Mail(db, ambient, ALONE);
      fill(mail, new Quota(db), ambient, mailbox);
      return {
        mail,
        wait: (ms) => {
          ambient.time += ms;
        },
      };
    });
  });
}

function* pagesOf(mail: Mail, { reader, ...wanted }: Wanted, limit: number): Generator<KeptMessage[]> {
  const filter: Filter = { ...wanted, unread: wanted.unread ?? false };
  const address = reader === undefined ? null : parseAddress(reader);
  let cursor: string | undefined;
  let pages = 0;
  do {
    expect(pages++).toBeLessThan(100);
    const listing = mail.list(address, filter, { limit, cursor });
    yield listing.messages;
    cursor = listing.cursor;
  } while (cursor !== undefined);
}

const anyIndex = fc.nat(40);
/** A filter, and a time near one of the messages. */
type WantedSince = Wanted & { readonly sinceIndex?: number | undefined; readonly sinceMs: number };
const anyWanted: fc.Arbitrary<WantedSince> = fc.record({
  reader: option(fc.constantFrom("pc", "PC/photon", "mac/yomi", "nas"), 2),
  unread: option(fc.boolean(), 2),
  from: option(fc.constantFrom("mac", "MAC/Photon", "pc", "machine"), 7),
  to: option(fc.constantFrom("pc", "pc/photon", "Mac", "*/photon"), 9),
  project: option(fc.constantFrom("photon", "YOMI"), 7),
  tag: option(fc.constantFrom("a", "A", "c"), 5),
  kind: option(fc.constantFrom(...MESSAGE_KINDS), 8),
  thread: option(fc.oneof({ weight: 6, arbitrary: anyIndex.map(idOf) }, fc.constant(UNKNOWN_ID)), 7),
  session: option(fc.constantFrom("s1", "s2"), 4),
  sinceIndex: option(anyIndex, 2),
  sinceMs: fc.constantFrom(-1, 0, 0, 1),
});

function withSince({ sinceIndex, sinceMs, ...wanted }: WantedSince, mailbox: RandomMailbox): Wanted {
  const ms = sinceIndex === undefined ? undefined : timesOf(mailbox)[sinceIndex];
  return ms === undefined ? wanted : { ...wanted, since: new Date(ms + sinceMs).toISOString() };
}

const walks = fc.record({
  mailbox: anyMailbox,
  isUnread: fc.boolean(),
  limit: anyLimit,
  meanwhile: fc.array(
    fc.record({
      /** Pages. */
      after: fc.nat(3),
      what: fc.constantFrom("send" as const, "mark" as const, "remove" as const),
      index: anyIndex,
    }),
    { maxLength: 6 },
  ),
});

function option<T>(arbitrary: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: freq, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
