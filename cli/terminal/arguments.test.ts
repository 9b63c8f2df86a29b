import { describe, expect, it } from "vitest";
import { durationSeconds } from "./arguments.ts";

describe("durationSeconds", () => {
  it.each([
    ["60s", 60],
    ["30m", 1800],
    ["2h", 7200],
    ["30d", 2_592_000],
  ])("reads %s", (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(["59s", "31d", "721h", "0h", "-1h", "2", "h", "1.5h", "2 h", "2w", "", "1e3m"])("refuses %j", (text) => {
    expect(() => durationSeconds(text)).toThrow("from 1 minute to 30 days");
  });
});
