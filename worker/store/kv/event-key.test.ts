import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventKey, parseEventKey, SUFFIX_CHARS, suffixOfBytes, suffixOfId } from "./event-key.ts";

const SUFFIX = "0123456789abcd";

describe("eventKey", () => {
  it("sorts the newer event before the older one, and gives back its parts", () => {
    const ms = fc.integer({ min: 0, max: 9_999_999_999_999 });
    const suffix = fc.uint8Array({ minLength: SUFFIX_CHARS, maxLength: SUFFIX_CHARS }).map(suffixOfBytes);
    fc.assert(
      fc.property(ms, ms, suffix, (a, b, same) => {
        const [keyA, keyB] = [eventKey({ ms: a, suffix: same }), eventKey({ ms: b, suffix: same })];
        expect(keyA < keyB).toBe(a > b);
        expect(parseEventKey(keyA)).toEqual({ ms: a, suffix: same });
      }),
    );
  });

  it("is what other programs of this key space rely on", () => {
    expect(eventKey({ ms: Date.parse("2026-11-23T09:00:00.000Z"), suffix: SUFFIX })).toBe(`e:8204575599999${SUFFIX}`);
  });
});

it.each([
  "",
  "index",
  "msg:4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10",
  "e:",
  `e:820457559999${SUFFIX}`,
  `e:8204575599999${SUFFIX}x`,
  "e:8204575599999ABCDEFGHIJKLMN",
  `h:8204575599999${SUFFIX}`,
  ` e:8204575599999${SUFFIX}`,
  `e:8204575599999${SUFFIX}\n`,
])("%j is no event's key", (key) => {
  expect(parseEventKey(key)).toBeNull();
});

describe("suffixOfId", () => {
  it("gives the same id the same suffix in every version of the Worker", async () => {
    expect(await suffixOfId("4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10")).toBe("api65qib31husj");
  });

  it("gives other ids other suffixes", async () => {
    const suffixes = await Promise.all(Array.from({ length: 1000 }, (_, i) => suffixOfId(`id ${i}`)));
    expect(new Set(suffixes).size).toBe(1000);
    expect(suffixes.every((suffix) => /^[0-9a-v]{14}$/.test(suffix))).toBe(true);
  });
});
