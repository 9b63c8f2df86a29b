import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SessionLines } from "../../test/support/transcript/session-lines.ts";
import { transcriptLines } from "../reading/read-transcript.ts";
import { factsFromTranscript, mayHoldFacts } from "./facts-from-transcript.ts";
import { NO_FACTS, type TranscriptFacts } from "./transcript-facts.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures/transcripts");
const recorded = (name: string) => factsFromTranscript(readFileSync(join(FIXTURES, name), "utf8").split("\n"));

/** The facts of the lines that the callback writes. */
function facts(write: (session: SessionLines) => void): TranscriptFacts {
  const session = new SessionLines();
  write(session);
  return factsFromTranscript(session.lines);
}

describe("the facts of recorded sessions", () => {
  it("include the prompt, the last answer, the changed files and the tasks of an interactive session", () => {
    expect(recorded("interactive-tasks-edits.jsonl")).toMatchObject({
      prompts: ["FIXTURE-USER-PROMPT: fix it please"],
      lastAnswer: "FAKE: done.",
      files: [
        { path: "/home/dev/photon-demo/src/app.js", change: "edited" },
        { path: "/home/dev/photon-demo/NEW.md", change: "created" },
      ],
      edits: 2,
      todos: [
        { text: "Fix the parser", state: "in_progress" },
        { text: "Write tests", state: "pending" },
      ],
      model: "claude-sonnet-4-5",
      startedAt: Date.parse("2026-11-22T10:51:00.179Z"),
      endedAt: Date.parse("2026-11-22T10:51:07.787Z"),
    });
  });

  it("leave out failed edits and wakes, and detect a failure that a command hides", () => {
    expect(recorded("print-sonnet-tasks.jsonl")).toMatchObject({
      prompts: ["FIXTURE-USER-PROMPT: please fix the CRLF parser bug"],
      lastAnswer: "Second answer.",
      files: [{ path: "/home/dev/photon-demo/src/app.js", change: "edited" }],
      edits: 1,
      commands: [
        { command: "npm test --silent", outcome: "failed", check: { kind: "test" }, summary: "exit=1" },
        { command: "false", outcome: "failed", check: null, summary: "Exit code 1" },
      ],
    });
  });

  it("include the person's decisions, and comments when allowing or denying something", () => {
    expect(recorded("interactive-decisions.jsonl")).toMatchObject({
      prompts: [
        "plan the CRLF fix",
        "tests first please",
        "but keep it short",
        "and the docs",
        "go on without the docs",
        "make a file",
        "use c.txt instead",
        "then c",
        "and say when it is there",
        "now the edit",
      ],
      decisions: [
        { question: "Plan", answer: "Second plan: tests first" },
        { question: "Which line ends should be written?", answer: "CRLF" },
        { question: "Which parser?", answer: "New" },
        { question: "Which systems?", answer: "Linux, Windows" },
        { question: "What to call it?", answer: "line-ends, as in git" },
      ],
      files: [{ path: "/home/dev/photon-demo/c.txt", change: "created" }], // a plan is no change of the project
      edits: 1,
      commands: [{ command: "touch c.txt", outcome: "passed", check: null, summary: null }],
      openErrors: [{ tool: "Edit", text: "Not allowed: /home/dev/photon-demo/app.js" }],
    });
  });

  it("include the commands with their last outcome, and the files they deleted", () => {
    const { prompts, files, edits, commands, openErrors } = recorded("interactive-commands.jsonl");
    expect(prompts).toEqual([
      "fix app.js",
      "try some commands",
      "one in the background",
      "another one",
      "and by hand",
      "a long one",
      "interrupt this",
      "tidy up",
      "and the notebook",
      "wait a little",
      "typed while Claude works",
    ]);
    expect(files).toMatchObject([
      { path: "/home/dev/photon-demo/app.js", change: "edited", added: 1, removed: 1 },
      { path: "/home/dev/photon-demo/kept.txt", change: "created" },
      { path: "/home/dev/photon-demo/old file.txt", change: "deleted" },
      { path: "/home/dev/photon-demo/old.txt", change: "deleted", isUnsure: true },
      { path: "/home/dev/photon-demo/never-there.txt", change: "deleted", isUnsure: true },
      { path: "/home/dev/photon-demo/nb.ipynb", change: "edited" },
    ]);
    expect(edits).toBe(6);
    expect(commands.map(({ command, outcome, summary }) => [command, outcome, summary])).toEqual([
      ["node --test", "passed", "pass 2, fail 0"],
      [expect.stringContaining("exit 3"), "failed", "AssertionError: boom"],
      ["sleep 5", "failed", "Command timed out after 1s"],
      ["echo two", "passed", null],
      ["false", "failed", "Exit code 1"],
      ["node --test missing/", "failed", "Could not find '/home/dev/photon-demo/missing'"],
      ["sleep 2 && echo bg out", "passed", null],
      ["sleep 2 && false", "failed", "exit code 1"],
      ["sleep 6 && echo by hand", "passed", null],
      ["sleep 100", "background", null],
      ["sleep 9 && echo slept", "interrupted", null],
      ["rm new.txt", "passed", null],
      ["git rm -q 'old file.txt'", "passed", null],
      ["rm -f old.txt never-there.txt", "passed", null],
      ["sleep 3 && echo waited", "passed", null],
    ]);
    expect(commands.filter(({ check }) => check?.kind === "test")).toHaveLength(2);
    expect(openErrors.map(({ tool }) => tool)).toEqual(["Bash", "Bash", "Bash", "Bash", "Bash", "NotebookEdit"]);
  });

  it("leave out denied commands and files", () => {
    const { files, edits, commands, openErrors } = recorded("print-denied.jsonl");
    expect({ files, edits, commands: commands.map(({ command }) => command) }).toEqual({
      files: [],
      edits: 0,
      commands: ["ls nonexistent"],
    });
    const text = "ls nonexistent: ls: cannot access 'nonexistent': No such file or directory";
    expect(openErrors).toEqual([{ tool: "Bash", text }]);
  });

  it("count compactions and resumes, and leave out rewound prompts and the client's own texts", () => {
    expect(recorded("interactive-resumed.jsonl")).toMatchObject({
      prompts: [
        "first prompt",
        "what is on this picture?\n(image)",
        "typed in a terminal",
        "a better prompt",
        "and on",
        "after the crash",
        "this fails",
      ],
      lastAnswer: "After the crash.",
      model: "claude-opus-5-5",
      compactions: 1,
      resumes: 2, // the third process was killed, which leaves no record
    });
  });

  it.each([
    [
      "print-todowrite.jsonl",
      [
        { text: "Fix the parser", state: "completed" },
        { text: "Write tests", state: "in_progress" },
        { text: "Update the docs", state: "pending" },
      ],
    ],
    [
      "print-tasks.jsonl",
      [
        { text: "Fix the parser", state: "completed" },
        { text: "Write the docs", state: "in_progress" },
      ],
    ],
  ])("include the to-do list: %s", (name, todos) => {
    expect(recorded(name).todos).toEqual(todos);
  });

  it.each(["print-slash-command.jsonl", "subagent-sidechain.jsonl", "wake-CHANNEL-MARK.jsonl", "wake-MON-MARK.jsonl"])(
    "include no prompt that the person did not type: %s",
    (name) => {
      expect(recorded(name).prompts).toEqual([]);
    },
  );

  it.each(readdirSync(FIXTURES).filter((name) => name.endsWith(".jsonl")))(
    "are the same when lines that cannot hold facts are left out, and when each line has its fields in another order: %s",
    (name) => {
      const lines = readFileSync(join(FIXTURES, name), "utf8").split("\n");
      const kept = [...transcriptLines(join(FIXTURES, name), mayHoldFacts)].length;
      expect(kept).toBeLessThan(lines.length / 2);
      expect(factsFromTranscript(transcriptLines(join(FIXTURES, name), mayHoldFacts))).toEqual(recorded(name));
      const reordered = lines.filter((line) => line !== "").map((line) => JSON.stringify(reversed(JSON.parse(line))));
      expect(factsFromTranscript(reordered)).toEqual(recorded(name));
    },
  );
});

function reversed(line: object): object {
  return Object.fromEntries(Object.entries(line).reverse());
}

describe("the person's prompts", () => {
  const image = { type: "image", source: { type: "base64", data: "AAAA" } };

  it("are kept in order, as a text or as blocks, with images named", () => {
    const { prompts } = facts((session) => {
      session.prompt("one");
      session.prompt([
        { type: "text", text: "<ide_opened_file>x</ide_opened_file>" },
        { type: "text", text: "two" },
        image,
      ]);
      session.prompt([{ type: "text", text: "[Image: source: /home/dev/1.png]" }], { isMeta: true });
      session.prompt("three", { origin: { kind: "human" } });
      session.prompt([image]);
    });
    expect(prompts).toEqual(["one", "two\n(image)", "three", "(image)"]);
  });

  it("include those typed while Claude worked", () => {
    const { prompts } = facts((session) => {
      const queued = (prompt: unknown, more = {}) => session.attaches({ type: "queued_command", prompt, ...more });
      queued("also the tests");
      queued([{ type: "text", text: "and docs" }], { commandMode: "prompt", origin: { kind: "human" } });
      queued("<task-notification>\nx</task-notification>");
      queued("x", { commandMode: "task-notification" });
      queued("from a plugin", { origin: { kind: "plugin", name: "photon" } });
      queued("hidden", { isMeta: true });
    });
    expect(prompts).toEqual(["also the tests", "and docs"]);
  });

  it("include comments when allowing or denying something, but not the client's words about it", () => {
    const { prompts } = facts((session) => {
      const refused = "The user doesn't want to proceed with this tool use.";
      const feedback = (userFeedback: string) => ({
        toolDenialKind: "user-rejected",
        userFeedback,
        holdsPersonsWords: true,
        permissionDecision: { decision: "reject", source: "user_reject" },
      });
      session.fails(session.calls("Bash", { command: "ls" }), refused, feedback("use find"));
      session.fails(
        session.calls("AskUserQuestion", {}),
        refused,
        feedback("The user wants to clarify these questions."),
      );
      const said = [{ type: "text", text: "and be quick" }];
      for (const source of ["user_temporary", "config"]) {
        const id = session.calls("Bash", { command: `echo ${source}` });
        session.writes({
          type: "user",
          message: { content: [{ type: "tool_result", tool_use_id: id, content: "x" }, ...said] },
          toolUseResult: { stdout: "x" },
          permissionDecision: { decision: "accept", source },
        });
      }
    });
    expect(prompts).toEqual(["use find", "and be quick"]);
  });

  it("leave out one that the person rewound, and everything after it", () => {
    const { prompts } = facts((session) => {
      session.prompt("goal");
      session.says("yes");
      const before = session.parent;
      session.prompt("a wrong way");
      session.says("done");
      session.prompt("further down the wrong way");
      session.goBackTo(before);
      session.prompt("the right way");
    });
    expect(prompts).toEqual(["goal", "the right way"]);
  });

  it.each([
    ["a command", ["<command-message>photon:send</command-message>"]],
    ["an unknown command", ["/photon-send pc hello"]],
    ["a command's output", ["<local-command-stdout>ok</local-command-stdout>"]],
    ["a shell escape", ["<bash-input>ls</bash-input>"]],
    ["a text the client added", ["Caveat: …", { isMeta: true }]],
    ["a compaction's summary", ["This session is being continued…", { isCompactSummary: true }]],
    ["a subagent's prompt", ["look around", { isSidechain: true }]],
    ["a wake", ["hello", { origin: { kind: "task-notification" } }]],
    ["a message of a channel", ['<channel source="x">hello</channel>', { origin: { kind: "channel" } }]],
    ["another session's message", ["hello", { origin: { kind: "peer" } }]],
    ["a system line", ["hello", { promptSource: "system" }]],
    ["a hook's text", ["<system-reminder>hello</system-reminder>"]],
    ["an interruption", [[{ type: "text", text: "[Request interrupted by user for tool use]" }]]],
    ["an empty one", ["  \n"]],
  ] as const)("do not include %s", (_, [content, more]) => {
    expect(facts((session) => session.prompt(content, more)).prompts).toEqual([]);
  });

  it("may begin with a path", () => {
    expect(facts((session) => session.prompt("/etc/hosts is wrong, why?")).prompts).toHaveLength(1);
  });
});

describe("Claude's last answer, and its model", () => {
  it("are those of the last text, not of an API error, a subagent or the client itself", () => {
    const result = facts((session) => {
      session.says("first");
      session.says(" second ");
      session.says("API Error: 529", { isApiErrorMessage: true });
      session.says("sub", { isSidechain: true });
      session.thinks();
      session.calls("Bash", { command: "ls" });
      session.writes({ type: "assistant", message: { model: "<synthetic>", content: [] } });
    });
    expect(result).toMatchObject({ lastAnswer: "second", model: "claude-sonnet-4-5" });
  });
});

describe("times, compactions and resumes", () => {
  it("are those of the conversation", () => {
    const session = new SessionLines();
    session.writes({ type: "queue-operation", timestamp: "2020-01-01T00:00:00.000Z" });
    session.prompt("goal");
    const startedAt = session.time;
    session.creates("/p/a.ts", "long ".repeat(500));
    session.compacts();
    session.ends();
    session.ends();
    session.prompt("and on");
    session.says("yes");
    const endedAt = session.time;
    session.ends();
    session.writes({ type: "api-request", timestamp: "2030-01-01T00:00:00.000Z" });
    expect(factsFromTranscript(session.lines)).toMatchObject({ startedAt, endedAt, compactions: 1, resumes: 1 });
  });

  it.each([10, 50_000])("end with a tool call if that is the last line, however long it is: %i", (chars) => {
    const session = new SessionLines();
    session.prompt("goal");
    session.calls("Write", { file_path: "/p/a", content: "x".repeat(chars) });
    expect(factsFromTranscript(session.lines).endedAt).toBe(session.time);
  });

  it("end with a tool result if that is the last line, however long it is", () => {
    for (const chars of [10, 50_000]) {
      const session = new SessionLines();
      session.prompt("goal");
      session.succeeds(session.calls("Read", { file_path: "/p/a" }), "x".repeat(chars), { type: "text", file: {} });
      expect(factsFromTranscript(session.lines).endedAt).toBe(session.time);
    }
  });
});

describe("a transcript that is not as expected", () => {
  it.each([
    ["cut short in its last line", (text: string) => text.slice(0, -20)],
    ["with CRLF", (text: string) => text.replaceAll("\n", "\r\n")],
    ["with binary junk between its lines", (text: string) => text.replaceAll("\n", '\n\u0000\ufffd"type":"user"\n\n')],
    [
      "with lines of unknown types and fields",
      (text: string) =>
        `{"type":"user"}\n{"type":"assistant","message":7}\n{"type":"system"}\nnull\n[]\n7\n{"type":"news","message":{}}\n${text}`,
    ],
    ["with a line of 200 KB", (text: string) => `${JSON.stringify({ type: "blob", x: "y".repeat(200_000) })}\n${text}`],
    ["with deeply nested lines", (text: string) => `${nested("user")}\n${nested("assistant")}\n${text}`],
    ["written twice", (text: string) => `${text.split("\n").slice(0, -1).join("\n")}\n${text}`],
  ])("%s still gives its facts", (_, change) => {
    const session = new SessionLines();
    session.prompt("goal");
    session.edits("/p/a.ts", '“200 KB” of "code"\n'.repeat(10_000));
    session.runs("npm test", "Tests  3 passed (3)");
    session.compacts();
    session.says("done");
    session.writes({ type: "unknown", later: "x".repeat(40) });
    expect(factsFromTranscript(change(session.lines.join("\n")).split("\n"))).toMatchObject({
      prompts: ["goal"],
      lastAnswer: "done",
      files: [{ path: "/p/a.ts", change: "edited" }],
      edits: 1,
      commands: [{ command: "npm test", outcome: "passed", check: { kind: "test" }, summary: "Tests 3 passed (3)" }],
      compactions: 1,
    });
  });

  it("is read where its bytes are not UTF-8", () => {
    const session = new SessionLines();
    session.prompt("goal \u00ff");
    session.says("done");
    const bytes = session.lines.map((line) => Buffer.from(line, "latin1"));
    expect(factsFromTranscript(bytes)).toMatchObject({ prompts: ["goal \ufffd"], lastAnswer: "done" });
  });

  it("gives no facts when it is empty", () => {
    expect(factsFromTranscript([])).toEqual(NO_FACTS);
  });

  it("accepts a result before its call, and ignores one without a call", () => {
    const result = facts((session) => {
      session.prompt("goal");
      session.runs("ls");
      session.edits("/p/a.ts");
      session.lines.splice(1, 4, ...[2, 1, 4, 3].map((index) => session.lines[index] ?? ""));
      session.fails("toolu_unknown", "Exit code 1");
    });
    expect(result).toMatchObject({
      edits: 1,
      commands: [{ command: "ls", outcome: "passed" }],
      openErrors: [],
    });
  });

  it("reads several blocks on one line, as other clients write them", () => {
    const edit = (id: string, file_path: string) => ({ type: "tool_use", id, name: "Edit", input: { file_path } });
    const done = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "x".repeat(1_000) });
    const result = facts((session) => {
      session.prompt("goal");
      session.writes({
        parentUuid: null,
        isSidechain: false,
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "m",
          content: [
            { ...edit("1", "/p/a"), input: { file_path: "/p/a", old_string: "x".repeat(1_000) } },
            edit("2", "/p/b"),
          ],
          stop_reason: "tool_use",
        },
        type: "assistant",
      });
      session.writes({
        type: "user",
        message: { content: [done("1"), done("2")] },
        toolUseResult: { type: "update" },
      });
    });
    expect(result.files.map(({ path }) => path)).toEqual(["/p/a", "/p/b"]);
  });

  it("is read after a thinking block on the same line", () => {
    const result = facts((session) => {
      session.prompt("goal");
      session.thinks(`signature ${"x".repeat(1_000)}`, { type: "text", text: "an answer" });
    });
    expect(result.lastAnswer).toBe("an answer");
  });
});

function nested(type: string): string {
  const depth = 100_000;
  return `{"type":"${type}","message":{"content":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
}
