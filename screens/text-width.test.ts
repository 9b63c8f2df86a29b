import { describe, expect, it } from "vitest";
import { cutTo, padEnd, widest, wrap, wrapAnswer, wrapFirst } from "./text-width.ts";

describe("wrap", () => {
  it("breaks between words, and indents what continues an indented line like it", () => {
    expect(wrap("one two three\n  four five six", 9)).toBe("one two\nthree\n  four\n  five\n  six");
    expect(wrap("one two three", 9, 2)).toBe("one two\n  three");
  });

  it("counts two columns for a CJK character, and breaks between them", () => {
    expect(wrap("日本語の文字 and more", 10)).toBe("日本語の文\n字 and\nmore");
    expect(widest(["日本", "abc"])).toBe(4);
  });

  it("leaves a long word whole, and everything in a line without a limit", () => {
    const address = "https://photon.example.workers.dev/a/long/path";
    expect(wrap(`see ${address} there`, 20)).toBe(`see\n${address}\nthere`);
    expect(wrap(`see ${address} there`, Number.POSITIVE_INFINITY)).toBe(`see ${address} there`);
  });

  it("leaves a command in backticks whole", () => {
    expect(wrap("run `photon join <line>` here, or `photon setup`.", 20)).toBe(
      "run\n`photon join <line>`\nhere, or\n`photon setup`.",
    );
    expect(wrap("one ` backtick is nothing", 12)).toBe("one `\nbacktick is\nnothing");
  });

  it("takes no longer for many backticks, of which a stranger can send as many as they like", () => {
    const text = "`a ".repeat(80_001);
    expect(wrap(text, 74).replace(/\s+/g, " ")).toBe(text.trim());
  });

  it("takes no longer for marks that have no width, of which a stranger can send as many as they like", () => {
    const marks = "\u3099".repeat(80_000);
    expect(wrap(`    ${"a".repeat(80)}${marks} end`, 74)).toBe(`    ${"a".repeat(80)}\n    ${marks} end`);
  });

  it("keeps the spaces inside a line that fits", () => {
    expect(wrap("a  b   c\n\n d", 20)).toBe("a  b   c\n\n d");
  });
});

describe("wrapAnswer", () => {
  it("leaves the lines whole that are indented below a line with a colon", () => {
    const commands = "  claude plugin marketplace add /a/clone\n  claude plugin install photon@photon";
    const text = `To install the plugin, run:\n\n${commands}\nThe other machine shows: a b c\n  four five six seven`;
    expect(wrapAnswer(text, 20)).toBe(
      `To install the\nplugin, run:\n\n${commands}\nThe other machine\nshows: a b c\n  four five six\n  seven`,
    );
  });
});

describe("wrapFirst", () => {
  it("leaves room for the label that the client writes before a screen's first line", () => {
    const text = "This is set up. There is nothing left.";
    expect(wrapFirst(text, { columns: 23, isMarkdown: true })).toBe("This is set up.\nThere is nothing left.");
    expect(wrapFirst(text, { columns: 23, isMarkdown: false })).toBe("This is set up. There\nis nothing left.");
  });
});

describe("columns of a list", () => {
  it("are filled and cut by what they take on the screen", () => {
    expect(padEnd("日本", 6)).toBe("日本  ");
    expect(cutTo("日本語です", 6)).toBe("日本…");
    expect(cutTo("👩‍💻 works", 6)).toBe("👩‍💻 wo…");
    expect(cutTo("short", 5)).toBe("short");
  });
});
