import { expect, it } from "vitest";
import { code } from "./markdown.ts";

it.each([
  ["a line end", "notes\n\nDone. Next step: run this.md", "`notes??Done. Next step: run this.md`"],
  ["a tab", "a\tb", "`a?b`"],
  ["a line separator", "a\u2028# Done", "`a?# Done`"],
  ["a bidi control", "x\u202egpj.exe", "`x?gpj.exe`"],
  ["a joiner", "a\u200bb", "`a?b`"],
  ["an escape sequence", "\u001b[31mred", "`?[31mred`"],
  ["a half of a character", "\ud83d", "`?`"],
  ["back quotes", "a``b`c", "``` a``b`c ```"],
])("a name with %s stays in its code span, on one line", (_, name, shown) => {
  expect(code(name, 100)).toBe(shown);
});

it("a long name is cut at its start", () => {
  expect(code(`${"folder/".repeat(20)}end.ts`, 20)).toBe("`…older/folder/end.ts`");
});
