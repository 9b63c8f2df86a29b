import { describe, expect, it } from "vitest";
import { MAX_DRAFT_CHARS } from "../page/render-draft.ts";
import { writtenPage } from "./written-page.ts";

const FACTS = `# Handover: demo

## Goal

> Write the parser

## State

1 file changed.

## Files

- \`parser.ts\` (new)

## How to check

- \`npm test\`: passed

## Git

Branch \`main\`, at 0123456789.`;
const ANSWER = `## Goal
The parser must read CRLF.

## State
- It reads CRLF; \`npm test\` passed.

## Done
- Wrote the parser.

## Open
- Next: write the docs.`;
const page = (answer: string, facts = FACTS) => writtenPage(answer, facts, "By Claude.", (text) => text);

describe("a page that Claude wrote", () => {
  it("has Claude's goal, state, done and open, and Photon's facts below", () => {
    expect(page(ANSWER)).toBe(`# Handover: demo

By Claude.

## Goal

> The parser must read CRLF.

## State

- It reads CRLF; \`npm test\` passed.

## Done

- Wrote the parser.

## Open

- Next: write the docs.

## Files

- \`parser.ts\` (new)

## How to check

- \`npm test\`: passed

## Git

Branch \`main\`, at 0123456789.`);
  });

  it("takes no other section from Claude, and no fact twice", () => {
    const invented = `Here it is:\n${ANSWER}\n\n## Git\nBranch \`evil\`.\n\n## Capsule\n12 files.\n\n# Files\n- all\n## Goal\nAnother`;
    expect(page(invented)).toBe(page(ANSWER));
  });

  it.each([
    ["another kind of list", ANSWER.replaceAll("- ", "* "), ANSWER],
    ["numbers", ANSWER.replace("- Wrote", "1. Wrote"), ANSWER],
    ["another level and a colon", ANSWER.replaceAll(/^## (.*)$/gm, "### $1:"), ANSWER],
    ["a fence around it", `\`\`\`markdown\n${ANSWER}\n\`\`\``, ANSWER],
    ["rules between", ANSWER.replaceAll("\n## ", "\n---\n\n## "), ANSWER],
  ])("reads %s", (_, answer, same) => expect(page(answer)).toBe(page(same)));

  it("does not let Claude's words leave their place", () => {
    const broken = page(
      "## Goal\n<!-- x\n~~~\n## State\n<!-- hidden\n```\n| a |\n## Open\n- a\u202eb\u001b[31mc\r## Git\rx",
    );
    expect(broken).toContain("## Git\n\nBranch `main`");
    const ours = /^(?:$|[>-] |# Handover: demo$|## (?:Goal|State|Open|Files|How to check|Git)$|By Claude\.$|Branch )/;
    expect(broken?.split("\n").filter((line) => !ours.test(line))).toEqual([]);
    expect(broken).toContain("- abc ## Git x");
  });

  it.each([
    ["no page at all", "I cannot help with that."],
    ["only a goal", "## Goal\nThe parser."],
    ["no goal", "## State\n- It works."],
    ["empty sections", "## Goal\n\n## State\n-\n## Open\n"],
  ])("is none if the answer has %s", (_, answer) => expect(page(answer)).toBeNull());

  it("keeps its room, and cuts files before git", () => {
    const many = (what: string, count: number) =>
      Array.from({ length: count }, (_, at) => `- ${what} ${at}`).join("\n");
    const long = `## Goal\n${"word ".repeat(900)}\n## State\n${many("state", 300)}\n## Done\n${many("done", 300)}\n## Open\n${many("Next: open", 300)}`;
    const files = FACTS.replace("- `parser.ts` (new)", many("`file.ts`", 90));
    const written = page(long, files) ?? "";
    expect(written.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
    expect(written.length).toBeGreaterThan(MAX_DRAFT_CHARS - 400);
    expect(written).toContain("- Next: open 0\n");
    expect(written).toContain("- and more\n");
    expect(written.endsWith("Branch `main`, at 0123456789.")).toBe(true);
  });
});
