import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "./event-log.ts";
import { fold, type KvEntry, type Mailbox } from "./fold.ts";
import {
  anyChange,
  anyHistory,
  type Deed,
  eventOf,
  eventsOf,
  type History,
  messageAt,
  NAMES,
  type Name,
  suffixOf,
  tell,
  timeOf,
} from "./properties/history.ts";

// Laws of what the store writes. That order and repetition change nothing for any events at all is in fold.test.ts.

const RUNS = { numRuns: 500 };
/** Before, among and after what messages live. */
const anyNow = fc.integer({ min: 0, max: 120 });
const anyName = fc.constantFrom(...NAMES);

describe("fold", () => {
  it("means what was done one after another, in whatever order its events come and however often", () => {
    const histories = anyHistory.chain((history) => {
      const events = eventsOf(history);
      return fc.tuple(
        fc.constant(history),
        fc.subarray(events).chain((again) => shuffled([...events, ...again])),
      );
    });
    fc.assert(
      fc.property(histories, anyNow, ([history, events], now) => {
        expect(toldBy(fold(events, now))).toEqual(tell(history, now));
      }),
      RUNS,
    );
  });

  it("of a part of the events never has as gone, read or shown what all of them have not", () => {
    const parts = anyHistory.chain((history) => {
      const events = eventsOf(sane(history));
      return fc.tuple(fc.constant(events), fc.shuffledSubarray(events));
    });
    fc.assert(
      fc.property(parts, anyNow, ([events, seen], now) => {
        const [part, whole] = [fold(seen, now), fold(events, now)];
        for (const suffix of part.gone) expect(whole.gone).toContain(suffix);
        for (const entry of part.entries) {
          const later = whole.bySuffix.get(entry.suffix);
          if (!later) expect(whole.gone).toContain(entry.suffix);
          else expectNoEarlier(entry, later);
        }
      }),
      RUNS,
    );
  });

  it("shows nothing that a visible tombstone names, whatever else is visible, now or later", () => {
    const parts = anyHistory.chain((history) => fc.tuple(fc.constant(history), fc.shuffledSubarray(eventsOf(history))));
    fc.assert(
      fc.property(parts, anyNow, fc.subarray([...NAMES]), ([history, seen], now, names) => {
        const tombstone = eventOf({ do: "remove", names }, 1, history);
        for (const events of [seen, eventsOf(history)]) {
          const { entries, gone } = fold([tombstone, ...events], now);
          for (const suffix of names.map(suffixOf)) {
            expect(entries.map((entry) => entry.suffix)).not.toContain(suffix);
            expect(gone).toContain(suffix);
          }
        }
      }),
      RUNS,
    );
  });

  it("does not let events about one message change another", () => {
    fc.assert(
      fc.property(anyHistory, anyName, anyNow, (history, name, now) => {
        const events = eventsOf(history);
        const concerning = events.filter(isAbout(name, history));
        expect(fold(concerning, now).bySuffix.get(suffixOf(name))).toEqual(
          fold(events, now).bySuffix.get(suffixOf(name)),
        );
      }),
      RUNS,
    );
  });

  it("gives the same for marks, deletes, clears and replaces in either order", () => {
    fc.assert(
      fc.property(anyHistory, fc.tuple(anyChanging, anyChanging), anyNow, (history, [x, y], now) => {
        const events = eventsOf(history);
        const [first, second] = [timeOf(history.deeds.length), timeOf(history.deeds.length + 1)];
        const done = (x: Changing, xMs: number, y: Changing, yMs: number) =>
          fold([...events, changeAt(x, xMs, history), changeAt(y, yMs, history)], now);
        expect(factsOf(done(x, first, y, second))).toEqual(factsOf(done(x, second, y, first)));
      }),
      RUNS,
    );
  });

  it("does not change when a mark, delete or replacement is repeated later", () => {
    const repeated = anyChanging.filter((change) => change.do !== "clear");
    fc.assert(
      fc.property(anyHistory, repeated, anyNow, fc.integer({ min: 1, max: 50 }), (history, change, now, laterMs) => {
        const ms = timeOf(history.deeds.length);
        const once = [...eventsOf(history), changeAt(change, ms, history)];
        const twice = [...once, changeAt(change, ms + laterMs, history)];
        expect(toldBy(fold(twice, now))).toEqual(toldBy(fold(once, now)));
      }),
      RUNS,
    );
  });

  it("has one message of any number of copies, whatever clocks stamped them: the oldest", () => {
    const copies = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyHistory, anyName, copies, (history, name, times) => {
        const lasting = { ...history.drafts[name], lifetimeMs: undefined };
        const others = eventsOf(history).filter(({ suffix }) => suffix !== suffixOf(name));
        const [only, ...more] = fold(
          [...others, ...times.map((ms) => messageAt(ms, name, lasting))].filter(({ event }) => event.type !== "clear"),
          0,
        ).entries.filter(({ suffix }) => suffix === suffixOf(name));
        expect(more).toEqual([]);
        if (only) expect([only.ms, only.newestCopyMs]).toEqual([Math.min(...times), Math.max(...times)]);
        else expect(fold(others, 0).gone.has(suffixOf(name)) || isReplaced(name, history)).toBe(true);
      }),
      RUNS,
    );
  });
});

/** What may follow a history: a change, or a message that nobody has sent, in place of another. */
type Changing = Deed | { readonly do: "replace"; readonly name: Name };
const anyChanging: fc.Arbitrary<Changing> = fc.oneof(
  { weight: 3, arbitrary: anyChange },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const), name: anyName }) },
);

function changeAt(change: Changing, ms: number, history: History): LoggedEvent {
  if (change.do !== "replace") return eventOf(change, ms, history);
  const { from } = history.drafts[change.name];
  const replacing = messageAt(ms, change.name, { from, replaces: change.name, lifetimeMs: undefined });
  const suffix = suffixOf(`new ${change.name}`);
  return { ...replacing, key: replacing.key.replace(replacing.suffix, suffix), suffix, event: renamed(replacing) };
}

function renamed({ event }: LoggedEvent): LoggedEvent["event"] {
  return event.type === "message" ? { ...event, id: `new ${event.id}` } : event;
}

/** A message replaces only what was sent before it: what its machine knew. */
function sane(history: History): History {
  const sent = history.deeds.flatMap((deed) => (deed.do === "send" ? [deed.name] : []));
  const knew = (name: Name, other: Name | undefined) =>
    other !== undefined && sent.includes(other) && sent.indexOf(other) < sent.indexOf(name);
  const drafts = { ...history.drafts };
  for (const name of NAMES) {
    const { replaces } = drafts[name];
    if (!knew(name, replaces)) drafts[name] = { ...drafts[name], replaces: undefined };
  }
  return { ...history, drafts };
}

function isAbout(name: Name, { drafts }: History): (event: LoggedEvent) => boolean {
  const suffix = suffixOf(name);
  return ({ event }) => {
    if (event.type === "message") return event.id === name || drafts[nameOf(event.id)].replaces === name;
    if (event.type === "receipt") return [...(event.shown ?? []), ...(event.read ?? [])].includes(suffix);
    return event.type === "clear" || event.removed.includes(suffix);
  };
}

function isReplaced(name: Name, { drafts }: History): boolean {
  return NAMES.some((other) => drafts[other].replaces === name);
}

function expectNoEarlier(part: KvEntry, whole: KvEntry): void {
  expect(whole.ms).toBeLessThanOrEqual(part.ms);
  expect(whole.newestCopyMs).toBeGreaterThanOrEqual(part.newestCopyMs);
  for (const [machine, { shownMs, readMs }] of part.receipts) {
    const known = whole.receipts.get(machine);
    if (shownMs !== undefined) expect(known?.shownMs).toBeLessThanOrEqual(shownMs);
    if (readMs !== undefined) expect(known?.readMs).toBeLessThanOrEqual(readMs);
  }
}

/** A mailbox in the words of {@link tell}. */
function toldBy({ entries }: Mailbox) {
  return new Map(entries.toReversed().map((entry) => [entry.message.id, { sentMs: entry.ms, marks: marksOf(entry) }]));
}

/** Which of the first messages are there, and what was done with them; without times. */
function factsOf({ entries, gone }: Mailbox) {
  const there = entries.filter(({ message }) => NAMES.some((name) => name === message.id));
  return {
    there: there.map((entry) => [entry.message.id, Object.keys(marksOf(entry)).sort()]),
    gone: NAMES.filter((name) => gone.has(suffixOf(name))),
  };
}

function marksOf({ receipts }: KvEntry): Record<string, number> {
  const marks: Record<string, number> = {};
  for (const [machine, { shownMs, readMs }] of receipts) {
    if (shownMs !== undefined) marks[`${machine} shown`] = shownMs;
    if (readMs !== undefined) marks[`${machine} read`] = readMs;
  }
  return marks;
}

function nameOf(id: string): Name {
  return NAMES.find((name) => name === id) ?? "a";
}

function shuffled<T>(of: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...of], { minLength: of.length });
}
