import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../contract/address.ts";
import { ListQuery } from "../../../contract/api.ts";
import { MESSAGE_KINDS, MessageDraft } from "../../../contract/message.ts";
import { manualAmbient } from "../../testing/manual-ambient.ts";
import { KvStore } from "../kv/kv-store.ts";
import type { Mark, MessageStore } from "../message-store.ts";
import { MailroomStore } from "./mailroom-store.ts";

const IDS = Array.from({ length: 8 }, (_, i) => `10000000-0000-4000-8000-00000000000${i}`);
const anyId = fc.constantFrom(...IDS);
const anyParty = fc.constantFrom("mac", "MAC/Photon", "pc", "pc/photon", "box/yomi");
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const anySend = fc.record({
  op: fc.constant("send" as const),
  draft: fc.record({
    id: anyId,
    from: anyParty,
    to: fc.constantFrom(null, "pc", "PC/photon", "mac", "*/photon", "box"),
    project: fc.constantFrom(null, "photon", "yomi"),
    kind: fc.constantFrom(...MESSAGE_KINDS),
    tags: fc.constantFrom([], ["a"], ["a", "b"]),
    content: fc.constantFrom("hi", "x".repeat(1100), "é\u0000\ud800"),
    replyTo: some(anyId),
    replaces: some(anyId),
    session: some(fc.constantFrom("s1", "s2")),
    expiresInSeconds: some(fc.constantFrom(60, 3600)),
    hops: some(fc.nat(40)),
  }),
});
const anyStep = fc.oneof(
  { weight: 6, arbitrary: anySend },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("mark" as const),
      reader: fc.option(anyParty),
      what: fc.constantFrom<Mark>("shown", "read", "taken"),
      ids: fc.array(anyId, { minLength: 1, maxLength: 3 }),
      shown: fc.array(anyId, { maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("remove" as const), id: anyId }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("clear" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant("wait" as const), ms: fc.constantFrom(1, 61_000, 16 * 60_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("unread" as const),
      reader: anyParty,
      except: fc.array(anyId, { maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("get" as const), id: anyId, reader: fc.option(anyParty) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("list" as const),
      reader: fc.option(anyParty),
      query: fc.record(
        {
          unread: fc.constantFrom("true", "false"),
          from: fc.constantFrom("mac", "mac/photon"),
          to: fc.constantFrom("pc", "pc/photon", "*/photon"),
          project: fc.constant("Photon"),
          tag: fc.constantFrom("a", "b"),
          kind: fc.constantFrom(...MESSAGE_KINDS),
          thread: anyId,
          since: fc.constant("2026-11-23T09:00:10.000Z"),
          session: fc.constant("s1"),
        },
        { requiredKeys: [] },
      ),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
);
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

const address = (text: string | null) => (text === null ? null : parseAddress(text));

/** What a call came to, whether it answered or refused. */
async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error instanceof Error ? error.name : "?";
  }
}

/** Every page, without what only one store means: its cursors. */
async function pages(store: MessageStore, { reader, query, limit }: Extract<Step, { op: "list" }>) {
  const { limit: _, cursor: __, reader: ___, ...filter } = ListQuery.parse(query);
  const found: unknown[][] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await store.list(address(reader), filter, { limit, cursor });
    found.push(page.messages);
    cursor = page.cursor;
    if (cursor === undefined || found.length > 20) return found.flat();
  }
}

async function take(store: MessageStore, step: Step): Promise<unknown> {
  switch (step.op) {
    case "send":
      return store.send(MessageDraft.parse(step.draft));
    case "mark":
      return store.record(address(step.reader), step.what, step.ids, { shown: step.shown });
    case "remove":
      return store.remove([step.id]);
    case "clear":
      return store.clear();
    case "unread": {
      const answer = await store.unread(
        parseAddress(step.reader) ?? { machine: "x", project: null },
        undefined,
        step.except,
      );
      if (answer === "not-modified") return answer;
      // Only a handover is taken over; of another kind the Mailroom does not look who did.
      const groups = answer.summary.groups.map(({ latest: { takenBy, ...latest }, ...group }) => {
        return { ...group, latest: group.kind === "handover" ? { ...latest, takenBy } : latest };
      });
      return { ...answer.summary, groups };
    }
    case "get":
      return store.get(step.id, address(step.reader));
    case "list":
      return pages(store, step);
    case "wait":
      return null;
  }
}

/** What led to a difference, short enough to be read. */
function history(steps: readonly Step[], last: Step): string {
  const until = steps.slice(0, steps.indexOf(last) + 1).filter(({ op }) => !["get", "list", "unread"].includes(op));
  return [...until, last].map((step) => JSON.stringify(step, short)).join("\n");
}

function short(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.replace(IDS[0]?.slice(0, -1) ?? "", "#").slice(0, 30) : value;
}

describe("the Mailroom", () => {
  it("answers whatever it is asked as KV does that is not behind", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { minLength: 5, maxLength: 30 }),
        fc.constantFrom(0, 2, 50),
        async (steps, floorAfter) => {
          await reset();
          await runInDurableObject(env.MAILROOM.getByName("mailroom"), async (_, { storage }) => {
            const ambient = manualAmbient();
            const stores = [
              new KvStore(env.MESSAGES, ambient),
              new MailroomStore(storage.sql, ambient, () => {}, floorAfter),
            ] as const;
            const sent = new Set<string>();
            for (const step of steps) {
              if (step.op === "send") sent.add(step.draft.id);
              // Only KV, where a message may be there and not be seen yet, remembers that an unknown one was deleted.
              if (step.op === "remove" && !sent.has(step.id)) continue;
              ambient.time += step.op === "wait" ? step.ms : 1000;
              const [kv, mailroom] = [
                await outcome(() => take(stores[0], step)),
                await outcome(() => take(stores[1], step)),
              ];
              expect(mailroom, history(steps, step)).toEqual(kv);
            }
            expect(await stores[1].machines()).toEqual(await stores[0].machines());
          });
        },
      ),
      { numRuns: 150, endOnFailure: true },
    );
  });
});
