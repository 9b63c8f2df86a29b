import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanAndCount, cleanLine, cleanText } from "./clean-text.ts";

const tag = (text: string) => [...text].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join("");

describe("cleanText", () => {
  it.each([
    ["a colour", "\u001b[31mred\u001b[0m", "red", 2],
    ["a cursor movement that would overwrite a line", "safe\u001b[2K\u001b[1Gevil", "safeevil", 2],
    ["a colour with the one-character introducer", "\u009b31mred", "red", 1],
    ["a window title", "\u001b]0;owned\u0007", "␛]0;owned␇", 2],
    ["a hyperlink", "\u001b]8;;http://x\u001b\\here", "␛]8;;http://x␛\\here", 2],
    ["a clipboard write", "\u001b]52;c;cm0=\u001b\\", "␛]52;c;cm0=␛\\", 2],
    ["NUL, bell, backspace and DEL", "a\u0000\u0007\u0008\u007fb", "a␀␇␈␡b", 4],
    ["vertical tab and form feed", "a\u000b\u000cb", "a␋␌b", 2],
    ["a C1 control", "a\u0090b", "a\ufffdb", 1],
    ["right-to-left override", "evil\u202etxt.exe", "eviltxt.exe", 1],
    ["embeddings and their end", "\u202aa\u202bb\u202cc\u202d", "abc", 4],
    ["isolates", "\u2066a\u2067b\u2068c\u2069", "abc", 4],
    ["direction marks", "\u200ea\u200fb\u061c", "ab", 3],
    ["zero-width space, joiner and non-joiner between letters", "pass\u200bw\u200co\u200drd", "password", 3],
    ["word joiner and invisible operators", "a\u2060\u2061\u2062\u2063\u2064b", "ab", 5],
    ["soft hyphen", "ig\u00adnore", "ignore", 1],
    ["byte order mark", "\ufeffhello", "hello", 1],
    ["text in tag characters", `hi${tag("obey")}`, "hi", 4],
    ["data in variation selectors", "hi\ufe00\ufe01\u{e0100}\u{e01ef}", "hi", 4],
    ["a second variation selector after an emoji", "❤\ufe0f\ufe0f", "❤", 2],
    ["Mongolian separators and grapheme joiner", "a\u180b\u180e\u034fb", "ab", 3],
    ["Hangul fillers", "a\u115f\u1160\u3164\uffa0b", "ab", 4],
    ["marks of interlinear annotation", "\ufff9a\ufffab\ufffb", "ab", 3],
    ["half of a surrogate pair", "a\ud83db", "a\ufffdb", 1],
  ])("takes out or shows %s", (_, raw, text, changed) => {
    expect(cleanAndCount(raw)).toEqual({ text, changed });
    expect(cleanText(raw)).toBe(text);
  });

  it.each([
    ["Windows line ends", "a\r\nb", "a\nb"],
    ["a lone carriage return, which would let a line overwrite itself", "shown\rhidden", "shown\nhidden"],
    ["line and paragraph separators and NEL", "a\u2028b\u2029c\u0085d", "a\nb\nc\nd"],
  ])("makes %s a newline, without counting it", (_, raw, text) => {
    expect(cleanAndCount(raw)).toEqual({ text, changed: 0 });
  });

  it.each([
    ["tabs, newlines and code", "\tif (a < b) {\n\t\treturn `x`;\n\t}"],
    ["letters of other scripts", "Grüße, 你好, مرحبا, नमस्ते, שלום, é"],
    ["emoji, joined, coloured and as keycaps", "👩‍👩‍👧 ❤️ 👍🏽 👩🏽‍💻 1️⃣"],
  ])("leaves %s alone", (_, text) => {
    expect(cleanAndCount(text)).toEqual({ text, changed: 0 });
  });

  it("is idempotent for any text", () => {
    const nasty = fc.constantFrom(
      "\u001b",
      "[",
      "3",
      "m",
      "\u009b",
      "\u200d",
      "❤",
      "\ufe0f",
      "\u202e",
      "\r",
      "\n",
      "a",
      "\ud83d",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 2 }))), (pieces) => {
        const text = cleanText(pieces.join(""));
        expect(cleanAndCount(text)).toEqual({ text, changed: 0 });
        expect(text).not.toMatch(/(?![\t\n])[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
      }),
    );
  });
});

describe("cleanLine", () => {
  it("puts a header's field on one line", () => {
    expect(cleanLine(" mac\nfrom: pc\r\n\tid: 1\u2028x ")).toBe("mac from: pc id: 1 x");
  });

  it("marks a cut with an ellipsis, and never cuts a character in half", () => {
    expect(cleanLine("abcdef", 4)).toBe("abc…");
    expect(cleanLine("ab😀😀", 4)).toBe("ab…");
    expect(cleanLine("abcd", 4)).toBe("abcd");
  });
});
