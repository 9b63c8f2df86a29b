import { expect, it } from "vitest";
import { code, commandAsCode } from "./markdown.ts";

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

it.each([
  ["in front of a folder", `${"folder/".repeat(20)}end.ts`, "`…/folder/end.ts`"],
  ["at its plain words", "fix-4f9a-the-old-parser", "`…-the-old-parser`"],
  ["where nothing else is left", "a1b2c3d4e5".repeat(4), "`…`"],
  ["anywhere in another script", "項目".repeat(20), `\`…${"目項".repeat(9)}目\``],
])("a long name is cut at its start, %s", (_, name, shown) => {
  expect(code(name, 20)).toBe(shown);
});

it.each([
  ["its end", "npm test -- --reporter verbose", "`npm test -- …`"],
  ["what is before the command of a list that says most", "cd /home/dev/photon && npm test", "`…npm test`"],
  ["both", "cd photon; npm test -- --reporter verbose", "`…npm test -- …`"],
  ["its end, if its last command says too little", "while sleep 10000; do x", "`while sleep …`"],
])("a long command is shown without %s", (_, command, shown) => {
  expect(commandAsCode(command, 17)).toBe(shown);
});
