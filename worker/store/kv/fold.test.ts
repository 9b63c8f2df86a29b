import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewEvent } from "./event.ts";
import { StoredEvent } from "./event.ts";
import { eventKey, suffixOfBytes } from "./event-key.ts";
import type { LoggedEvent } from "./event-log.ts";
import { fold, type Mailbox } from "./fold.ts";

/** Milliseconds; the tests speak of small numbers. */
const NOW = 1000;

describe("fold", () => {
  it("gives the newest message first, whatever the order of the events", () => {
    const events = [at(1, "a", message("a")), at(3, "c", message("c")), at(2, "b", message("b"))];
    expect(ids(fold(events, NOW))).toEqual(["c", "b", "a"]);
  });

  it("folds copies of a message into the oldest, and knows when the newest came", () => {
    const first = at(1, "a", message("a", { content: "first" }));
    const again = at(5, "a", message("a", { content: "again" }));
    for (const events of [
      [first, again],
      [again, first],
    ]) {
      const [entry, ...others] = fold(events, NOW).entries;
      expect(others).toEqual([]);
      expect(entry).toMatchObject({ ms: 1, newestCopyMs: 5, message: { content: "first" } });
    }
  });

  it.each([1, 2, 3])("applies a receipt at millisecond %i to a message at 2", (ms) => {
    const events = [at(2, "a", message("a")), at(ms, "r", receipt("pc", "read", "a"))];
    for (const order of [events, events.toReversed()]) {
      expect(fold(order, NOW).entries[0]?.receipts.get("pc")).toMatchObject({ readMs: ms, shownMs: undefined });
    }
  });

  it("keeps the first time of every receipt, by machine in any case, spelled as it was first", () => {
    const { entries } = fold(
      [
        at(1, "a", message("a")),
        at(9, "r", receipt("PC", "read", "a")),
        at(4, "s", receipt("Pc", "shown", "a")),
        at(6, "t", receipt("pc", "read", "a")),
        at(5, "u", receipt("mac", "read", "a")),
      ],
      NOW,
    );
    expect([...(entries[0]?.receipts.values() ?? [])].sort((a, b) => (a.machine < b.machine ? -1 : 1))).toMatchObject([
      { machine: "Pc", shownMs: 4, readMs: 6 },
      { machine: "mac", shownMs: undefined, readMs: 5 },
    ]);
  });

  it("hides a message with a tombstone, also a copy that comes after it", () => {
    const mailbox = fold(
      [at(1, "a", message("a")), at(2, "t", tombstone("a", "z")), at(3, "a", message("a")), at(1, "b", message("b"))],
      NOW,
    );
    expect(ids(mailbox)).toEqual(["b"]);
    expect([...mailbox.gone].sort()).toEqual([suffix("a"), suffix("z")].sort());
  });

  it("hides what is older than a clear, and copies of it, but not what came in its millisecond or later", () => {
    const mailbox = fold(
      [
        at(5, "x", { v: 1, type: "clear" }),
        at(2, "y", { v: 1, type: "clear" }),
        at(4, "a", message("a")),
        at(7, "a", message("a")),
        at(5, "b", message("b")),
        at(6, "c", message("c")),
      ],
      NOW,
    );
    expect(ids(mailbox)).toEqual(["c", "b"]);
    expect(mailbox.newestMs).toBe(7);
  });

  it("hides a message from the millisecond in which it expires", () => {
    const events = [at(1, "a", message("a", { expiresAt: 500 }))];
    expect(ids(fold(events, 499))).toEqual(["a"]);
    expect(ids(fold(events, 500))).toEqual([]);
  });

  describe("of a message that replaces another", () => {
    const old = at(1, "a", message("a", { from: "mac/photon" }));
    const replacing = (from: string, ms = 2) => at(ms, "b", message("b", { from, replaces: "a" }));

    it("hides the older one of the same machine, in whatever project", () => {
      expect(ids(fold([old, replacing("MAC/other")], NOW))).toEqual(["b"]);
    });

    it("does not let another machine hide it, nor a message older than it, nor itself", () => {
      expect(ids(fold([old, replacing("pc")], NOW))).toEqual(["b", "a"]);
      expect(ids(fold([at(3, "a", message("a")), replacing("mac", 2)], NOW))).toEqual(["a", "b"]);
      expect(ids(fold([at(1, "a", message("a", { replaces: "a" }))], NOW))).toEqual(["a"]);
    });

    it("keeps it hidden when the newer one is deleted or expires", () => {
      expect(ids(fold([old, replacing("mac"), at(3, "t", tombstone("b"))], NOW))).toEqual([]);
      const brief = at(2, "b", message("b", { replaces: "a", expiresAt: 500 }));
      expect(ids(fold([old, brief], NOW))).toEqual([]);
    });
  });

  describe("of a thread", () => {
    const events = [
      at(1, "a", message("a")),
      at(2, "b", message("b", { replyTo: "a" })),
      at(3, "c", message("c", { replyTo: "b" })),
      at(4, "d", message("d", { replyTo: "b" })),
      at(5, "e", message("e")),
    ];

    it("knows the first message from each of the others", () => {
      const { threadOf } = fold(events, NOW);
      expect(["a", "b", "c", "d", "e"].map(threadOf)).toEqual(["a", "a", "a", "a", "e"]);
    });

    it("holds together when its first message is deleted or was never there", () => {
      expect(["b", "c", "d"].map(fold([...events, at(6, "t", tombstone("a"))], NOW).threadOf)).toEqual(["a", "a", "a"]);
      expect(["b", "c", "d"].map(fold(events.slice(1), NOW).threadOf)).toEqual(["a", "a", "a"]);
    });

    it("ends where replies go in a circle", () => {
      const circle = [
        at(1, "b", message("b", { replyTo: "c" })),
        at(2, "c", message("c", { replyTo: "b" })),
        at(3, "d", message("d", { replyTo: "c" })),
        at(4, "e", message("e", { replyTo: "e" })),
      ];
      expect(["d", "c", "b", "e"].map(fold(circle, NOW).threadOf)).toEqual(["b", "b", "b", "e"]);
    });

    it("of ten thousand replies is worked out in one go", () => {
      const chain = Array.from({ length: 10_000 }, (_, i) =>
        at(i, String(i), message(String(i), i === 0 ? {} : { replyTo: String(i - 1) })),
      );
      expect(fold(chain, NOW).threadOf("9999")).toBe("0");
    });
  });

  it("gives one state for one set of events, in any order and with any of them repeated", () => {
    const reordered = anyLog.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: events.length, maxLength: 2 * events.length }),
      ),
    );
    fc.assert(
      fc.property(reordered, fc.integer({ min: 0, max: 12 }), ([events, shuffled], now) => {
        const all = [...shuffled, ...events.toReversed()];
        expect(stateOf(fold(all, now))).toEqual(stateOf(fold(events, now)));
      }),
      { numRuns: 500 },
    );
  });
});

const NAMES = ["a", "b", "c", "d"];
const anyName = fc.constantFrom(...NAMES);
const anyMessage = fc.record(
  {
    from: fc.constantFrom("mac", "MAC/photon", "pc"),
    replyTo: anyName,
    replaces: anyName,
    expiresAt: fc.integer({ min: 0, max: 12 }),
  },
  { requiredKeys: [] },
);
const anyMs = fc.integer({ min: 0, max: 10 });

/** Few names and few times, so that events meet. A key stands for one event only, as in KV. */
const anyEvent: fc.Arbitrary<LoggedEvent> = fc.oneof(
  fc
    .tuple(
      anyMs,
      anyName,
      fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: anyName }),
      anyMessage,
    )
    .map(([ms, name, otherId, fields]) =>
      at(ms, name, message(otherId ?? name, { content: `${name}${ms}`, ...fields })),
    ),
  fc
    .tuple(anyMs, fc.constantFrom("mac", "Mac", "pc", "*"), fc.constantFrom("shown", "read"), fc.subarray(NAMES))
    .map(([ms, machine, what, of]) => at(ms, `${machine}${what}${of}`, receipt(machine, what, ...of))),
  fc.tuple(anyMs, fc.subarray(NAMES)).map(([ms, of]) => at(ms, `t${of}`, tombstone(...of))),
  anyMs.map((ms) => at(ms, "clear", { v: 1, type: "clear" })),
);

const anyLog = fc
  .array(anyEvent, { maxLength: 14 })
  .map((events) => [...new Map(events.map((event) => [event.key, event])).values()]);

function stateOf(mailbox: Mailbox) {
  return {
    entries: mailbox.entries.map((entry) => ({ ...entry, receipts: Object.fromEntries(entry.receipts) })),
    gone: [...mailbox.gone].sort(),
    newestMs: mailbox.newestMs,
    threads: NAMES.map(mailbox.threadOf),
  };
}

function ids({ entries }: Mailbox): string[] {
  return entries.map(({ message: { id } }) => id);
}

/** A suffix one can tell names apart by. */
function suffix(name: string): string {
  return suffixOfBytes(new TextEncoder().encode(name.padEnd(14, "-")).map((byte, i) => byte + 7 * i));
}

function at(ms: number, name: string, event: NewEvent): LoggedEvent {
  const place = { ms, suffix: suffix(name) };
  return { key: eventKey(place), ...place, event: StoredEvent.parse(event) };
}

function message(id: string, fields: Record<string, unknown> = {}): NewEvent {
  return { v: 1, type: "message", id, from: "mac", kind: "note", content: "", tags: [], ...fields };
}

function receipt(machine: string, what: "shown" | "read", ...names: string[]): NewEvent {
  return { v: 1, type: "receipt", machine, [what]: names.map(suffix).join("") };
}

function tombstone(...names: string[]): NewEvent {
  return { v: 1, type: "tombstone", removed: names.map(suffix).join("") };
}
