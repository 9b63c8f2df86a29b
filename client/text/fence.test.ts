import { describe, expect, it } from "vitest";
import { fenceFor } from "./fence.ts";

describe("a fence", () => {
  it("is drawn again when a text already holds its mark", () => {
    const marks = ["known", "known too", "fresh"];
    const fence = fenceFor(["x known x", "known too>>"], () => marks.shift() ?? "");
    expect(fence.wrap("data", "known>>")).toBe("<<fresh data\nknown>>\nfresh>>");
    expect(fence.legend).toContain("<<fresh and fresh>>");
  });

  it("is another one for every result, with 72 bits nobody can guess", () => {
    const marks = Array.from({ length: 50 }, () => /^<<([0-9a-f]{18}) /.exec(fenceFor([]).wrap("data", ""))?.[1]);
    expect(marks).not.toContain(undefined);
    expect(new Set(marks).size).toBe(50);
  });
});
