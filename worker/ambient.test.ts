import { expect, it } from "vitest";
import { strictlyIncreasing, systemAmbient } from "./ambient.ts";

it("a clock that stops or goes back gives the next millisecond until it catches up", () => {
  const readings = [5, 5, 5, 3, 20, 21];
  const now = strictlyIncreasing(() => readings.shift() ?? 0);
  expect(Array.from({ length: 6 }, now)).toEqual([5, 6, 7, 8, 20, 21]);
});

it("the Worker's own clock gives the current time, and every id is new", () => {
  const { now, randomId } = systemAmbient();
  expect(Math.abs(now() - Date.now())).toBeLessThan(60_000);
  expect(randomId()).not.toBe(randomId());
});
