import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentMap } from "./recent-map.ts";

describe("RecentMap", () => {
  it("is a map in the order of the last sets, which keeps at least `min` entries and at most twice as many", () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 12 }).map(String),
      isSet: fc.boolean(),
      isSaved: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (min, steps) => {
        let kept = new RecentMap<number>(min);
        let removed = 0;
        let again = 0;
        const all = new Map<string, number>();
        for (const [index, { key, isSet, isSaved }] of steps.entries()) {
          if (isSaved) kept = new RecentMap(min, structuredClone(kept.saved()));
          const isForgotten = all.has(key) && kept.get(key) === undefined;
          if (isForgotten && isSet) again++;
          if (isForgotten && !isSet) removed++;
          all.delete(key);
          if (isSet) all.set(key, index);
          if (isSet) kept.set(key, index);
          else kept.delete(key);
          const values = kept.values();
          expect(values.length).toBeLessThanOrEqual(2 * min);
          expect(kept.forgotten).toBe(all.size - values.length + again + removed);
          expect(values).toEqual([...all.values()].slice(all.size - values.length));
          expect([...all.keys()].map((name) => kept.get(name) ?? null)).toEqual(
            [...all.values()].map((value) => (values.includes(value) ? value : null)),
          );
        }
        const last = [...all.values()].slice(-min);
        if (steps.every(({ isSet }) => isSet)) expect(kept.values().slice(-min)).toEqual(last);
      }),
    );
  });
});
