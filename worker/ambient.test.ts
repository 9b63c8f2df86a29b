import { expect, it } from "vitest";
import { strictlyIncreasing, systemAmbient } from "./ambient.ts";

it("a clock that stands still or goes back gives the next millisecond, and follows when it goes on", () => {
  const readings = [5, 5, 5, 3, 20, 21];
  const now = strictlyIncreasing(() => readings.shift() ?? 0);
  expect(Array.from({ length: 6 }, now)).toEqual([5, 6, 7, 8, 20, 21]);
});

it("the Worker's own clock is the time, and it makes no id twice", () => {
  const { now, randomId } = systemAmbient();
  expect(Math.abs(now() - Date.now())).toBeLessThan(60_000);
  expect(randomId()).not.toBe(randomId());
});
