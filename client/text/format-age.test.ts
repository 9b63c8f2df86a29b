import { describe, expect, it } from "vitest";
import { formatAge, formatAgo } from "./format-age.ts";

const MINUTE = 60_000;

describe("an age", () => {
  it.each([
    [-5 * MINUTE, "less than a minute", "just now"],
    [59_999, "less than a minute", "just now"],
    [MINUTE, "1 min", "1 min ago"],
    [59.9 * MINUTE, "59 min", "59 min ago"],
    [60 * MINUTE, "1 h", "1 h ago"],
    [47.9 * 60 * MINUTE, "47 h", "47 h ago"],
    [48 * 60 * MINUTE, "2 days", "2 days ago"],
  ])("of %d ms is %j, and was %j", (ageMs, age, ago) => {
    expect(formatAge(ageMs)).toBe(age);
    expect(formatAgo(1_800_000_000_000 - ageMs, 1_800_000_000_000)).toBe(ago);
  });
});
