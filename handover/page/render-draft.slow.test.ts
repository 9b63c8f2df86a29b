import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TranscriptFacts } from "../transcript/transcript-facts.ts";
import { type DraftFacts, MAX_DRAFT_CHARS, renderDraft } from "./render-draft.ts";

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

describe("renderDraft", () => {
  it("never exceeds its limit, never splits a character, and depends only on the facts", () => {
    const text = fc.string({ unit: "binary", maxLength: 500, size: "max" });
    const list = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { maxLength: 20, size: "max" });
    const names = list(text.filter((name) => name !== ""));
    const outcome = fc.constantFrom(
      "passed" as const,
      "failed" as const,
      "interrupted" as const,
      "background" as const,
    );
    const check = fc.option(fc.constantFrom(TEST, { ...TEST, kind: "lint" as const }));
    const lines = fc.option(text);
    const id = fc.constantFrom("0123456", "89abcdef0");
    const state = fc.constantFrom("pending" as const, "in_progress" as const, "completed" as const);
    const work: fc.Arbitrary<TranscriptFacts> = fc.record({
      prompts: names,
      lastAnswer: fc.oneof(text, fc.constant(null), fc.constant("line\n".repeat(2_000))),
      decisions: list(fc.record({ question: text, answer: text })),
      files: list(fc.record({ path: text, change: fc.constantFrom("created" as const, "deleted" as const) })),
      olderFiles: fc.nat({ max: 99_999 }),
      edits: fc.nat(),
      commands: list(
        fc.record({ command: text, outcome, check, summary: fc.option(text), failures: fc.nat({ max: 3 }) }),
      ),
      todos: list(fc.record({ text, state })),
      openErrors: list(fc.record({ tool: text, text })),
      model: fc.option(text),
      startedAt: fc.option(fc.nat()),
      endedAt: fc.option(fc.nat()),
      compactions: fc.nat(),
      resumes: fc.nat(),
      title: lines,
      recap: lines,
      summary: fc.option(fc.record({ intent: text, pending: names, current: text, next: text })),
      promptsBeforeSummary: fc.nat({ max: 20 }),
      mayHaveChanged: fc.boolean(),
      commits: list(fc.record({ id: fc.option(id), subject: text })),
      pushes: names,
      pullRequests: names,
      plans: names,
      subagents: list(fc.record({ task: text, answer: text })),
      finished: names,
      promptsSinceTodos: fc.nat({ max: 5 }),
      ending: fc.record({
        cutOff: lines,
        isInterrupted: fc.boolean(),
        isExited: fc.boolean(),
        isAnswered: fc.boolean(),
        isTurnOver: fc.boolean(),
        question: lines,
      }),
      startedBy: fc.constantFrom("person" as const, "sdk" as const),
    });
    const since = fc.option(
      fc.record({
        files: list(fc.record({ path: text, change: fc.constantFrom("created" as const, "edited" as const) })),
        commits: list(fc.record({ id, subject: text })),
      }),
    );
    const git: fc.Arbitrary<DraftFacts["git"]> = fc.option(
      fc.record({
        root: fc.constant("/p"),
        branch: fc.option(text),
        head: fc.option(fc.record({ commit: fc.constant("0".repeat(40)), subject: text })),
        upstream: fc.option(fc.record({ name: text, ahead: fc.nat(), behind: fc.nat() })),
        remote: fc.option(fc.record({ name: text, url: text })),
        unpushed: names,
        uncommitted: names,
        untracked: names,
        conflicts: names,
        submodules: names,
        isLinkedWorktree: fc.boolean(),
        inProgress: fc.constantFrom(null, "cherry-pick" as const),
      }),
    );
    const project = fc.constantFrom(null, "p".repeat(100));
    fc.assert(
      fc.property(project, work, git, since, fc.boolean(), (project, transcript, git, since, wasKilled) => {
        const facts = { project, folder: "/p", home: "/h", transcript, git, since, wasKilled };
        const draft = renderDraft(facts);
        expect(draft.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
        expect(draft).not.toMatch(/\p{Surrogate}/u);
        expect(renderDraft(structuredClone(facts))).toBe(draft);
      }),
      { endOnFailure: true }, // shrinking such large facts would take minutes
    );
  });
});
