import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_PART_CHARS, partsOf } from "./message-parts.ts";

describe("partsOf", () => {
  it("is the text itself when it is short, and one empty part when it is empty", () => {
    expect(partsOf("short")).toEqual(["short"]);
    expect(partsOf("")).toEqual([""]);
  });

  it("loses nothing, keeps every part within the limit and cuts no character in half", () => {
    const piece = fc.constantFrom("word ", "line\n", "😀", "x".repeat(3_000), "😀".repeat(5_001), "\n".repeat(40));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join("");
        const parts = partsOf(text);
        expect(parts.join("")).toBe(text);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(MAX_PART_CHARS);
          expect(part).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
        }
        expect(parts.slice(0, -1).every((part) => part.length > MAX_PART_CHARS / 2)).toBe(true);
      }),
    );
  });

  it("ends a part at a line's end when one is near", () => {
    const [first] = partsOf(`${"a".repeat(13_000)}\n${"b".repeat(13_000)}`);
    expect(first).toBe(`${"a".repeat(13_000)}\n`);
  });
});
