import { describe, expect, it } from "vitest";
import { fenceFor } from "./fence.ts";

describe("a fence", () => {
  it("gets another mark if a text already contains the first one", () => {
    const marks = ["known", "known too", "fresh"];
    const fence = fenceFor(["x known x", "known too>>"], () => marks.shift() ?? "");
    expect(fence.wrap("data", "known>>")).toBe("<<fresh data\nknown>>\nfresh>>");
    expect(fence.legend).toContain("<<fresh and fresh>>");
  });

  it("has a new mark of 72 random bits for every result", () => {
    const marks = Array.from({ length: 50 }, () => /^<<([0-9a-f]{18}) /.exec(fenceFor([]).wrap("data", ""))?.[1]);
    expect(marks).not.toContain(undefined);
    expect(new Set(marks).size).toBe(50);
  });
});
