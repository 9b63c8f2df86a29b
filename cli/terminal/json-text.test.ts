import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonText } from "./json-text.ts";

describe("jsonText", () => {
  it("keeps any value, and contains no character that a terminal acts on or hides", () => {
    const nasty = fc.constantFrom(
      "\u009b31m",
      "\u202e",
      "\u2066",
      "\u200b",
      "\u00ad",
      "\ufeff",
      "\u{e0041}",
      "\u2028",
      "\ud83d",
    );
    const text = fc.array(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 3 }))).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        const json = jsonText(value);
        expect(JSON.parse(json)).toEqual(value);
        expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Cs}\u2028\u2029]/u);
      }),
    );
  });

  it("leaves letters of other scripts and emoji as they are", () => {
    expect(jsonText({ text: "Grüße 你好 👋" })).toBe('{\n  "text": "Grüße 你好 👋"\n}');
  });
});
