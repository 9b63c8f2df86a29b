import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

it("allows five acknowledgements at once, then one a second, and five again after a quiet time", () => {
  let now = 0;
  const pace = new Pace(() => now);
  const burst = () => Array.from({ length: 7 }, () => pace.delayMs());
  expect(burst()).toEqual([0, 0, 0, 0, 0, 1_000, 2_000]);
  now += 2_000;
  expect(pace.delayMs()).toBe(1_000);
  now += 60_000;
  expect(burst()).toEqual([0, 0, 0, 0, 0, 1_000, 2_000]);
});
