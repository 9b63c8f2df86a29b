import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { summarise } from "../summary.ts";
import type { NewEvent } from "./event.ts";
import { StoredEvent } from "./event.ts";
import { eventKey, suffixOfBytes } from "./event-key.ts";
import type { LoggedEvent } from "./event-log.ts";
import { floorBelow, nextFloor } from "./floor.ts";
import { fold } from "./fold.ts";
import { unreadIn } from "./unread-in.ts";

const HOUR_MS = 60 * 60_000;
const NOW = 1000 * HOUR_MS;

describe("floorBelow", () => {
  it("hides nothing from the machine, whatever comes after it was set", () => {
    const events = fc.array(anyEvent, { maxLength: 30 });
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 20 }), events, (before, wantedMs, added) => {
        const floor = floorBelow(wantedMs, "pc", fold(before, NOW), before);
        expect(floor.ms).toBeLessThanOrEqual(wantedMs);
        const later = added.map(muchLater).filter(isNoLateCopy(before));
        const above = [...before, ...later].filter(({ ms }) => ms >= floor.ms);
        for (const project of [null, "photon"]) {
          const reader = { machine: "pc", project };
          const whole = fold([...before, ...later], NOW);
          expect(summarise(unreadIn(fold([...above, ...floor.kept], NOW), reader), reader, NOW)).toEqual(
            summarise(unreadIn(whole, reader), reader, NOW),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("goes down below a message that has a copy above it", () => {
    const events = [at(3, suffix("a"), message("a")), at(7, suffix("a"), message("a"))];
    expect(floorBelow(5, "pc", fold(events, NOW), events).ms).toBe(3);
    expect(floorBelow(8, "pc", fold(events, NOW), events).ms).toBe(8);
  });
});

describe("nextFloor", () => {
  const messages = (count: number, ms: number) =>
    Array.from({ length: count }, (_, i) => at(ms + i, suffix(`${i}`), message(`${i}`)));
  const next = (events: LoggedEvent[]) => nextFloor("pc", fold(events, NOW), events, NOW);

  it("stays where it is while no more than 600 events were looked at", () => {
    expect(next(messages(600, 0))).toBeNull();
    expect(next(messages(601, 0))).toMatchObject({ ms: NOW - HOUR_MS });
  });

  it("stays when most of what was looked at came within the hour", () => {
    expect(next([...messages(1000, NOW - HOUR_MS - 299)])).toBeNull();
    expect(next([...messages(1000, NOW - HOUR_MS - 300)])?.kept).toHaveLength(300);
  });

  it("stays while more than five thousand messages wait below it", () => {
    expect(next(messages(5_000, 0))?.kept).toHaveLength(5_000);
    expect(next(messages(5_001, 0))).toBeNull();
  });
});

const NAMES = ["a", "b", "c", "d", "e", "f"];
const anyName = fc.constantFrom(...NAMES);
const anyMs = fc.integer({ min: 0, max: 19 });

/** What the store writes: a mark is newer than the message that it covers, as the floor may rely on. */
const anyEvent: fc.Arbitrary<LoggedEvent> = fc.oneof(
  fc
    .tuple(anyMs, anyName, fc.constantFrom(null, "pc", "*/photon", "mac"), fc.option(anyName))
    .map(([ms, name, to, replaces]) =>
      at(ms, suffix(name), message(name, { ...(to && { to }), ...(replaces && { replaces }) })),
    ),
  fc
    .tuple(anyMs, fc.constantFrom("PC", "mac", "*"), fc.subarray(NAMES))
    .map(([ms, machine, of]) =>
      at(ms, suffix(`r${machine}${of}`), { v: 1, type: "receipt", machine, read: of.map(suffix).join("") }),
    ),
  fc
    .tuple(anyMs, fc.subarray(NAMES, { maxLength: 2 }))
    .map(([ms, of]) => at(ms, suffix(`t${of}`), { v: 1, type: "tombstone", removed: of.map(suffix).join("") })),
);

/** A copy that comes much later than the first is a race that docs/storage.md allows. */
function isNoLateCopy(before: readonly LoggedEvent[]): (event: LoggedEvent) => boolean {
  return ({ suffix, event }) => event.type !== "message" || !before.some((known) => names(known).includes(suffix));
}

function names({ suffix, event }: LoggedEvent): string[] {
  if (event.type === "receipt") return event.read ?? [];
  return event.type === "tombstone" ? event.removed : [suffix];
}

function suffix(name: string): string {
  return suffixOfBytes(new TextEncoder().encode(name.padEnd(14, "-")).map((byte, i) => byte + 7 * i));
}

function at(ms: number, of: string, event: NewEvent): LoggedEvent {
  const place = { ms, suffix: of };
  return { key: eventKey(place), ...place, event: StoredEvent.parse(event) };
}

/** After every time that the first events have. */
function muchLater({ ms, suffix, event }: LoggedEvent): LoggedEvent {
  const place = { ms: ms + 20, suffix };
  return { key: eventKey(place), ...place, event };
}

function message(id: string, fields: Record<string, unknown> = {}): NewEvent {
  return { v: 1, type: "message", id, from: "mac", kind: "note", content: "", tags: [], ...fields };
}
