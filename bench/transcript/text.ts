import type { Random } from "./random.ts";

const CODE = [
  "export function parse(text: string): Line[] {",
  '  const lines = text.split("\\n");',
  "  // A carriage return before the line feed belongs to it.",
  "  return lines.map((line, index) => ({ index, text: line }));",
  "}",
  "",
  '    if (value === undefined) throw new Error(`There is no "name" in the file.`);',
  "  const found = items.find((item) => item.name === name && !item.isHidden);",
  '  it("keeps what it does not know", () => {',
  "    expect(parse(input)).toEqual([{ index: 0, text: input }]);",
  "\tswitch (kind) { case 'a': return 1; default: return 0; }",
] as const;

const OUTPUT = [
  " ✓ src/parser.test.ts (12 tests) 34ms",
  "src/parser.ts(14,7): warning: 'line' is never reassigned. Use 'const' instead.",
  "drwxr-xr-x  2 dev dev   4096 Nov 22 10:51 fixtures",
  "-rw-r--r--  1 dev dev  18243 Nov 22 10:51 parser.ts",
  '{"name":"photon-demo","private":true,"type":"module"}',
  "The parser now takes both line ends, and the two tests that were red are green.",
  "",
  "  at parse (file:///home/dev/photon-demo/src/parser.ts:41:13)",
  "modified:   src/parser.ts — see the notes above",
  "      Tests  12 passed (12)",
] as const;

/** Text like source code. */
export const code = (random: Random, chars: number): string => linesOf(CODE, random, chars);

/** Text like the output of commands and of Claude. */
export const output = (random: Random, chars: number): string => linesOf(OUTPUT, random, chars);

function linesOf(lines: readonly string[], random: Random, chars: number): string {
  let text = "";
  while (text.length < chars) text += `${random.pick(lines)}\n`;
  return text.slice(0, chars);
}
