import fc from "fast-check";
import { SessionLines } from "./session-lines.ts";

/** One thing that happens in a session; the number makes its texts different, or the same again. */
type Step = (session: SessionLines, number: number) => void;

/** Everything that a reader of transcripts remembers something of. */
const STEPS: readonly Step[] = [
  (session, n) => session.prompt(`Please fix part ${n} of the importer`),
  (session) => session.prompt("yes"),
  (session, n) => session.prompt(`${"A long text about the importer.\n".repeat(400)}${n}`),
  (session, n) => {
    const { parent } = session;
    session.prompt(`Try it with ${n} files first`);
    session.goBackTo(parent);
  },
  (session, n) => session.says(`Part ${n} works — ☃.`),
  (session) => session.thinks(),
  (session, n) => session.edits(`/home/dev/demo/part-${n}.ts`),
  (session, n) => session.creates(`/home/dev/demo/new-${n}.ts`, "x".repeat(100 * n)),
  (session, n) => session.failsToEdit(`/home/dev/demo/part-${n}.ts`),
  (session, n) => session.creates(`/home/dev/.claude/plans/plan-${n}.md`),
  (session, n) => session.runs("npm test", `Tests  ${n} passed`),
  (session, n) => session.failsToRun("npm test", `Tests  ${n} failed`),
  (session, n) => session.runs(`rm part-${n}.ts && mv a.ts b-${n}.ts`),
  (session, n) => session.runs(`git commit -m 'Part ${n}'`, `[main abcdef${n}] Part ${n}`),
  (session, n) => session.runs("git push", `To example.com:a.git\n   1234567..89abcde  main -> branch-${n}`),
  (session) => session.runs("git reset HEAD~1"),
  (session, n) => {
    const id = session.runsInBackground(`npm run serve -- ${n}`);
    if (n % 2 === 0) session.wakes(session.notice(id, "failed", "failed with exit code 2"));
  },
  (session, n) => session.asks({ [`Which way, ${n}?`]: "left" }),
  (session, n) => void session.calls("AskUserQuestion", { questions: [{ question: `Which of ${n}?` }] }),
  (session, n) => session.compacts(`This session is being continued.\nSummary:\n2. Current Work:\n   Part ${n}`),
  (session, n) => session.cannotAnswer(`You've hit your limit · resets ${n}am`),
  (session) => session.prompt("[Request interrupted by user]"),
  (session, n) => session.commands("plan", `part ${n}`),
  (session, n) => session.system("away_summary", { content: `Working on part ${n}` }),
  (session, n) => session.todos(["completed", `Part ${n}`], ["pending", "Docs"]),
  (session, n) => session.delegates(`Look at part ${n}`, `I updated part ${n}.`),
  (session) => session.ends(),
  (session, n) => session.writes({ type: "ai-title", aiTitle: `Importer ${n}` }),
  (session, n) => session.writes({ type: "pr-link", prUrl: `https://example.com/a/pull/${n}` }),
  // A result before its call, as when several tools run at once.
  (session, n) => {
    session.succeeds(`toolu_early_${n}`, "Updated.", { filePath: "x", oldString: "a", newString: "b" });
    const input = { file_path: `/home/dev/demo/early-${n}.ts`, old_string: "a", new_string: "b" };
    session.writes({
      type: "assistant",
      message: { content: [{ type: "tool_use", id: `toolu_early_${n}`, name: "Edit", input }] },
    });
  },
  // The client writes a part again.
  (session, n) => {
    for (const line of session.lines.slice(-3 * n)) session.writes(line);
  },
  (session) => session.writes("not JSON"),
  (session, n) => session.writes({ type: "api-request", params: "x".repeat(1_000 * n) }),
];

/** The text of a transcript in which any of these things happen in any order, also with CRLF. */
export function anyTranscript(): fc.Arbitrary<string> {
  const step = fc.tuple(fc.constantFrom(...STEPS), fc.integer({ min: 1, max: 5 }));
  return fc
    .tuple(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), fc.constantFrom("\n", "\r\n"), fc.boolean())
    .map(([steps, lineEnd, endsWithLineEnd]) => {
      const session = new SessionLines();
      for (const [run, number] of steps) run(session, number);
      return session.lines.join(lineEnd) + (endsWithLineEnd ? lineEnd : "");
    });
}
