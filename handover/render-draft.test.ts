import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DraftFacts, MAX_DRAFT_CHARS, renderDraft } from "./render-draft.ts";

const FACTS: DraftFacts = {
  project: "photon",
  folder: "/home/dev/photon",
  home: "/home/dev",
  transcript: {
    prompts: ["Fix the parser: it fails on CRLF.\nThe tests show it.", "also update the docs"],
    lastAnswer: "Done: the parser takes both.\n\n```\nunclosed",
    files: [
      { path: "/home/dev/photon/src/parser.ts", change: "edited" },
      { path: "/home/dev/photon/docs/notes `x`.md", change: "created" },
      { path: "/home/dev/.config/tool.toml", change: "edited" },
    ],
    edits: 4,
  },
  git: {
    root: "/home/dev/photon",
    branch: "feature/crlf",
    head: { commit: "0123456789abcdef0123456789abcdef01234567", subject: "Parser: first version" },
    uncommitted: ["src/parser.ts"],
    untracked: ["docs/"],
  },
};
const many = (count: number) => Array.from({ length: count }, (_, index) => `file-${index}.ts`);

describe("renderDraft", () => {
  it("writes down what was asked, what Claude said, which files changed and where git stands", () => {
    expect(renderDraft(FACTS)).toBe(`# Handover: photon

## Goal

> Fix the parser: it fails on CRLF.
> The tests show it.

Then asked:
- also update the docs

## Last answer

> Done: the parser takes both.
>
> \`\`\`
> unclosed

## Files

- \`src/parser.ts\` (edited)
- \`\` docs/notes \`x\`.md \`\` (created)
- \`~/.config/tool.toml\` (edited)

## Git

- Branch \`feature/crlf\`, at 0123456789, “Parser: first version”.
- Uncommitted: \`src/parser.ts\`
- Untracked: \`docs/\``);
  });

  it("leaves out what there is nothing to say about", () => {
    const transcript = { prompts: ["a"], lastAnswer: null, files: [], edits: 0 };
    expect(renderDraft({ ...FACTS, project: null, transcript, git: null })).toBe("# Handover\n\n## Goal\n\n> a");
  });

  it("says when nothing is uncommitted, there is no commit, or no branch", () => {
    const git = { root: "/r", branch: null, head: null, uncommitted: [], untracked: [] };
    expect(renderDraft({ ...FACTS, git })).toContain(
      "- No branch (detached HEAD), without a commit yet.\n- Nothing uncommitted.",
    );
  });

  it("cuts lists by whole items and says how many are left out", () => {
    const prompts = ["goal", ...Array.from({ length: 40 }, (_, index) => `then prompt ${index} with some words`)];
    const files = many(60).map((name) => ({ path: `/home/dev/photon/${name}`, change: "edited" as const }));
    const text = renderDraft({
      ...FACTS,
      transcript: { ...FACTS.transcript, prompts, files },
      git: { root: "/home/dev/photon", branch: "main", head: null, uncommitted: many(50), untracked: many(40) },
    });
    const leftOut = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
    expect(text).toContain("- then prompt 39 with some words");
    expect(text.match(/^- then prompt /gm)).toHaveLength(40 - leftOut(/- \(and (\d+) more before these\)/));
    expect(text.match(/^- `file-\d+\.ts` \(edited\)$/gm)).toHaveLength(60 - leftOut(/^- and (\d+) more$/m));
    const uncommitted = /^- Uncommitted: (.*)$/m.exec(text)?.[1] ?? "";
    expect(uncommitted.match(/`file-\d+\.ts`/g)).toHaveLength(50 - Number(/ and (\d+) more$/.exec(uncommitted)?.[1]));
    expect(text.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
  });

  it("gives a long last answer all the room that is left", () => {
    const lastAnswer = "many words ".repeat(1_000);
    const text = renderDraft({ ...FACTS, transcript: { ...FACTS.transcript, lastAnswer } });
    expect(text.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
    expect(text.length).toBeGreaterThan(MAX_DRAFT_CHARS - 30);
    expect(text).toContain("words …");
    expect(text).toContain("## Git");
  });

  it("takes a prompt's headings, control and bidi characters for what they are: its text", () => {
    const prompts = ["# Not a heading\u001b[31m\u202e\n---\nx", "- one\n# two\u0000"];
    const text = renderDraft({ ...FACTS, transcript: { ...FACTS.transcript, prompts } });
    expect(text).toContain("> # Not a heading[31m\n> ---\n> x");
    expect(text).toContain("- - one # two\n");
  });

  it("shows Windows paths relative to the project, whatever the case of the drive", () => {
    const transcript = {
      ...FACTS.transcript,
      files: [{ path: "c:\\Code\\Photon\\src\\a.ts", change: "edited" as const }],
    };
    const text = renderDraft({ ...FACTS, transcript, git: null, folder: "C:\\code\\photon", home: "C:\\Users\\dev" });
    expect(text).toContain("- `src/a.ts` (edited)");
  });

  it("is never longer than its limit, whole in its characters, and the same for the same facts", () => {
    const text = fc.string({ unit: "binary", maxLength: 4_000, size: "max" });
    const names = fc.array(
      text.filter((name) => name !== ""),
      { maxLength: 30, size: "max" },
    );
    const anyFacts = fc.record({
      project: fc.constantFrom(null, "p".repeat(100)),
      folder: fc.constant("/p"),
      home: fc.constant("/h"),
      transcript: fc.record({
        prompts: names,
        lastAnswer: fc.oneof(text, fc.constant(null), fc.constant("line\n".repeat(2_000))),
        files: names.map((paths) => paths.map((path) => ({ path, change: "edited" as const }))),
        edits: fc.nat(),
      }),
      git: fc.option(
        fc.record({
          root: fc.constant("/p"),
          branch: fc.option(text),
          head: fc.option(fc.record({ commit: fc.constant("0".repeat(40)), subject: text })),
          uncommitted: names,
          untracked: names,
        }),
      ),
    });
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const draft = renderDraft(facts);
        expect(draft.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
        expect(draft).not.toMatch(/\p{Surrogate}/u);
        expect(renderDraft(structuredClone(facts))).toBe(draft);
      }),
    );
  });
});
