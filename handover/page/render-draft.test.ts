import { describe, expect, it } from "vitest";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { letters } from "../../test/support/secrets/letters.ts";
import { NO_FACTS, type TranscriptFacts } from "../transcript/transcript-facts.ts";
import { type DraftFacts, MAX_DRAFT_CHARS, renderDraft } from "./render-draft.ts";

const GIT: NonNullable<DraftFacts["git"]> = {
  root: "/home/dev/photon",
  branch: "feature/crlf",
  remote: { name: "origin", url: "git@git.example:dev/photon.git" },
  head: { commit: "0123456789abcdef0123456789abcdef01234567", subject: "Parser: first version" },
  upstream: { name: "origin/feature/crlf", ahead: 2, behind: 1 },
  unpushed: ["Parser: first version", "Start"],
  uncommitted: ["src/parser.ts"],
  untracked: ["docs/"],
  conflicts: [],
  submodules: [],
  isLinkedWorktree: false,
  inProgress: null,
};
const TEST = {
  kind: "test",
  text: "",
  folder: "",
  runner: "test",
  isScript: true,
  hasExitCode: true,
  filters: [],
  paths: [],
} as const;
const WORK: TranscriptFacts = {
  ...NO_FACTS,
  prompts: ["Fix the parser: it fails on CRLF.\nThe tests show it.", "also update the docs"],
  lastAnswer: "Done: the parser takes both.\n\n```\nunclosed",
  decisions: [{ question: "Which line end is kept?", answer: "the file's own" }],
  files: [
    { path: "/home/dev/photon/src/parser.ts", change: "edited" },
    { path: "/home/dev/photon/docs/notes `x`.md", change: "created" },
    { path: "/home/dev/photon/old.ts", change: "deleted" },
    { path: "/home/dev/.config/tool.toml", change: "edited" },
  ],
  edits: 4,
  commands: [
    { command: "npx fuzz", outcome: "failed", check: null, summary: "out of memory", failures: 2 },
    { command: "npm run lint", outcome: "passed", check: { ...TEST, kind: "lint" }, summary: null, failures: 0 },
    { command: "npm test", outcome: "failed", check: TEST, summary: "1 failed, 11 passed", failures: 1 },
  ],
  todos: [
    { text: "Parser", state: "completed" },
    { text: "Docs", state: "pending" },
    { text: "Tests for CRLF", state: "in_progress" },
  ],
  finished: ["Parser"],
  openErrors: [
    { tool: "Bash", text: "1 failed" },
    { tool: "Edit", text: "no space left for docs/reference/api.md" },
  ],
  model: "claude-x",
  startedAt: 1_000_000,
  endedAt: 1_000_000 + 200 * 60_000,
  compactions: 1,
  resumes: 0,
};
const FACTS: DraftFacts = {
  project: "photon",
  folder: "/home/dev/photon",
  home: "/home/dev",
  transcript: WORK,
  git: GIT,
};
const withWork = (more: Partial<TranscriptFacts>): DraftFacts => ({ ...FACTS, transcript: { ...WORK, ...more } });
const partsOf = (secret: string, chars: number) =>
  Array.from({ length: secret.length - chars + 1 }, (_, at) => secret.slice(at, at + chars));
const many = (count: number) => Array.from({ length: count }, (_, index) => `file-${index}.ts`);

describe("renderDraft", () => {
  it("lists the facts in the order in which a reader needs them", () => {
    expect(renderDraft(FACTS)).toBe(`# Handover: photon

## Goal

> Fix the parser: it fails on CRLF.
> The tests show it.

Later prompts:
- also update the docs

## State

1 of 3 tasks done; 4 files changed; 3 h, claude-x, compacted 1×.  
Last check: \`npm test\` failed, \`1 failed, 11 passed\`.

## Done

- Decided: Which line end is kept? → the file's own
- Parser

Claude's last answer:

> Done: the parser takes both.
>
> \`\`\`
> unclosed

## Open

- Next: Tests for CRLF (in progress)
- \`npm test\`: failed, \`1 failed, 11 passed\`
- Edit failed: \`no space left for docs/reference/api.md\`
- Docs

## Files

- \`~/.config/tool.toml\` (edited)
- \`old.ts\` (deleted)
- \`\` docs/notes \`x\`.md \`\` (created)
- \`src/parser.ts\` (edited)

## How to check

- \`npm test\`: failed, \`1 failed, 11 passed\`
- \`npm run lint\`: passed

## Dead ends

- \`npx fuzz\`: failed 2 times, \`out of memory\`

## Git

Branch \`feature/crlf\`, at 0123456789, “Parser: first version”. 2 ahead of and 1 behind \`origin/feature/crlf\` at the last fetch. Uncommitted: \`src/parser.ts\`. Untracked: \`docs/\`. Remote \`git@git.example:dev/photon.git\`.`);
  });

  it("leaves out empty sections", () => {
    const transcript = { ...NO_FACTS, prompts: ["a"] };
    expect(renderDraft({ ...FACTS, project: null, transcript, git: null })).toBe(
      "# Handover\n\n## Goal\n\n> a\n\n## State\n\nNo files changed.",
    );
  });

  it("says so when code changed and no test was seen, and nothing of tests when only documents changed", () => {
    expect(renderDraft(withWork({ commands: [] }))).toContain("No test was seen.");
    const files = [{ path: "/home/dev/photon/docs/a.md", change: "edited" as const }];
    expect(renderDraft(withWork({ commands: [], files }))).not.toContain("test was seen");
  });

  it("describes git without a commit, a branch, a remote or uncommitted changes", () => {
    const bare = { ...GIT, branch: null, head: null, upstream: null, remote: null, unpushed: [] };
    const git = { ...bare, uncommitted: [], untracked: [] };
    expect(renderDraft({ ...FACTS, git })).toContain(
      "No branch (detached HEAD), no commits yet. No uncommitted changes. No remote.",
    );
    const busy = {
      ...GIT,
      inProgress: "rebase",
      conflicts: ["a.ts"],
      submodules: ["lib"],
      isLinkedWorktree: true,
    } as const;
    for (const part of [
      "A rebase is in progress.",
      "In conflict: `a.ts`.",
      "Changed submodules: `lib`.",
      "linked worktree",
    ]) {
      expect(renderDraft({ ...FACTS, git: busy })).toContain(part);
    }
    expect(renderDraft({ ...FACTS, git: { ...GIT, upstream: null } })).toContain(
      "2 commits are not pushed to `origin`.",
    );
    for (const url of ["/home/dev/shared.git", "file:///home/dev/shared.git"]) {
      const local = { ...GIT, remote: { name: "shared", url } };
      expect(renderDraft({ ...FACTS, git: local })).toContain("Remote `~/shared.git`.");
    }
    expect(renderDraft({ ...FACTS, git: { ...GIT, upstream: null, unpushed: [] } })).toContain(
      "All commits of this branch are pushed.",
    );
  });

  it("cuts lists at whole items and says how many are left out", () => {
    const prompts = [
      "Rework every list in the shop",
      ...Array.from({ length: 40 }, (_, index) => `then prompt ${index} with some words`),
    ];
    const files = many(60).map((name) => ({ path: `/home/dev/photon/${name}`, change: "edited" as const }));
    const todos = many(60).map((text) => ({ text: `do ${text}`, state: "pending" as const }));
    const text = renderDraft({
      ...withWork({ prompts, files, todos }),
      git: { ...GIT, uncommitted: many(50), untracked: many(40) },
    });
    const leftOut = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
    expect(text).toContain("- then prompt 39 with some words");
    expect(text.match(/^- then prompt /gm)).toHaveLength(40 - leftOut(/- \(and (\d+) earlier ones\)/));
    expect(text.match(/^- `file-\d+\.ts` \(edited\)$/gm)).toHaveLength(60 - leftOut(/\(edited\)\n- and (\d+) more$/m));
    expect(text.match(/^- (Next: )?do /gm)?.length).toBe(60 - leftOut(/do file-\d+\.ts\n- and (\d+) more$/m));
    const uncommitted = /Uncommitted: (.*?)\. Untracked/.exec(text)?.[1] ?? "";
    expect(uncommitted.match(/`file-\d+\.ts`/g)).toHaveLength(50 - Number(/ and (\d+) more$/.exec(uncommitted)?.[1]));
    expect(text.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
  });

  it("gives a long last answer all the room that is left", () => {
    const text = renderDraft(withWork({ lastAnswer: "many words ".repeat(1_000) }));
    expect(text.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
    expect(text.length).toBeGreaterThan(MAX_DRAFT_CHARS - 30);
    expect(text).toMatch(/(many|words) …/);
    expect(text).toContain("## Git");
  });

  it("has no part of a secret that the scan does not recognise, wherever a text is cut", async () => {
    const token = `${"gh"}p_${letters("draft", 36)}`;
    const password = `${letters("pw", 12)}9`;
    const partOfOne = new RegExp([token, password].flatMap((secret) => partsOf(secret, 6)).join("|"));
    for (let at = 0; at < 360; at += 3) {
      const words = "ab ".repeat(at / 3);
      const text = `${words}${token} and more words`;
      const name = `${"x".repeat(at % 40)}-${token}-${"old-".repeat((at / 3) % 25)}name`;
      const command = `curl ${"-s ".repeat(at / 3)}https://a.example/x -u deploy:${password} -o x`;
      const facts: DraftFacts = {
        ...withWork({
          prompts: [text, text, text],
          lastAnswer: `${"words ".repeat(200)}${text}${" more".repeat(200)}`,
          decisions: [{ question: text, answer: "yes" }],
          files: [{ path: `/home/dev/photon/${name}`, change: "edited" }],
          commands: [
            { command, outcome: "failed", check: TEST, summary: text, failures: 1 },
            { command: text, outcome: "failed", check: TEST, summary: text, failures: 1 },
          ],
          todos: [{ text, state: "in_progress" }],
          openErrors: [{ tool: "Edit", text }],
        }),
        git: {
          ...GIT,
          branch: name,
          upstream: { name: `origin/${name}`, ahead: 1, behind: 0 },
          head: { commit: "0".repeat(40), subject: text },
          uncommitted: [name],
          remote: { name, url: `https://git.example/${name}` },
        },
      };
      expect((await maskSecrets(renderDraft(facts))).text).not.toMatch(partOfOne);
    }
  });

  it("does not let headings, control and bidi characters in a prompt break out", () => {
    const prompts = ["# Not a heading\u001b[31m\u202e\n---\nx", "- one more line\n# two\u0000"];
    const text = renderDraft(withWork({ prompts }));
    expect(text).toContain("> # Not a heading\n> ---\n> x");
    expect(text).toContain("- - one more line # two␀\n");
  });

  it("shows Windows paths relative to the project, ignoring case", () => {
    const files = [{ path: "c:\\Code\\Photon\\src\\a.ts", change: "edited" as const }];
    const text = renderDraft({ ...withWork({ files }), git: null, folder: "C:\\code\\photon", home: "C:\\Users\\dev" });
    expect(text).toContain("- `src/a.ts` (edited)");
  });
});
