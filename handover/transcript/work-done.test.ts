import { describe, expect, it } from "vitest";
import { SessionLines } from "../../test/support/transcript/session-lines.ts";
import { factsFromTranscript } from "./facts-from-transcript.ts";
import type { TranscriptFacts } from "./transcript-facts.ts";

/** The facts of a session with a first prompt and the lines that the callback writes. */
function facts(write: (session: SessionLines) => void): TranscriptFacts {
  const session = new SessionLines();
  session.prompt("goal");
  write(session);
  return factsFromTranscript(session.lines);
}

const LONG = "x".repeat(3_000);

describe("the changed files", () => {
  it("name each file once, in the order of last changes, with its overall change", () => {
    const { files, edits } = facts((session) => {
      session.creates("/p/new.ts");
      session.edits("/p/old.ts", LONG);
      session.edits("/p/new.ts");
      session.creates("/p/gone.ts", LONG);
      session.runs("rm /p/gone.ts");
      session.edits("/p/old-and-gone.ts");
      session.runs("git rm -f /p/old-and-gone.ts /p/never-edited.ts");
      session.runs("rm -f /p/new.ts /p/unknown.ts");
      session.creates("/p/new.ts");
    });
    expect(files).toEqual([
      { path: "/p/old.ts", change: "edited", added: 1, removed: 1 },
      { path: "/p/old-and-gone.ts", change: "deleted" },
      { path: "/p/never-edited.ts", change: "deleted" },
      { path: "/p/unknown.ts", change: "deleted", isUnsure: true },
      { path: "/p/new.ts", change: "created" },
    ]);
    expect(edits).toBe(9);
  });

  it.each([
    ["an edit that failed", "Edit", "<tool_use_error>File has not been read yet.</tool_use_error>", {}],
    ["one that was denied", "Write", "The user doesn't want to proceed", { toolDenialKind: "user-rejected" }],
    ["one that failed in an older client", "Write", "Error", { toolUseResult: "Error: no" }],
  ])("leave out %s", (_, tool, content, more) => {
    const result = facts((session) => session.fails(session.calls(tool, { file_path: "/p/x" }), content, more));
    expect(result).toMatchObject({ files: [], edits: 0 });
  });

  it("leave out a failure that older clients wrote as text, and a call without a result", () => {
    const result = facts((session) => {
      session.succeeds(session.calls("Edit", { file_path: "/p/x" }), "no", "Error: String not found");
      session.calls("Edit", { file_path: "/p/y" });
    });
    expect(result).toMatchObject({ files: [], edits: 0, openErrors: [{ tool: "Edit", text: "/p/x: no" }] });
  });

  it.each(["", LONG])("leave out a notebook with an error inside its result", (original_file) => {
    const result = facts((session) => {
      for (const error of ["", "no such cell"]) {
        const id = session.calls("NotebookEdit", { notebook_path: `/p/${error}.ipynb`, new_source: LONG });
        session.succeeds(id, error || "Updated", { new_source: LONG, error, original_file });
      }
    });
    expect(result).toMatchObject({
      files: [{ path: "/p/.ipynb", change: "edited" }],
      openErrors: [{ tool: "NotebookEdit", text: "/p/no such cell.ipynb: no such cell" }],
    });
  });

  it("leave out files that were only read, plans, and calls without a file name", () => {
    const result = facts((session) => {
      session.succeeds(session.calls("Read", { file_path: "/p/x" }), "x", { type: "text", file: {} });
      session.creates("/home/dev/.claude/plans/a-plan.md");
      session.creates("C:\\Users\\dev\\.claude\\plans\\a-plan.md");
      session.succeeds(session.calls("Edit", {}), "x", { filePath: "" });
    });
    expect(result).toMatchObject({ files: [], edits: 0 });
  });
});

describe("the commands", () => {
  it("appear once each, with the outcome of the last run, in the order of the last runs", () => {
    const { commands } = facts((session) => {
      session.failsToRun("npm test", "Tests: 1 failed");
      session.runs("ls", LONG);
      session.runs("npm test", "Tests: 3 passed");
    });
    expect(commands).toMatchObject([
      { command: "ls", outcome: "passed", check: null, summary: null },
      { command: "npm test", outcome: "passed", check: { kind: "test" }, summary: "Tests: 3 passed" },
    ]);
  });

  it.each([
    ["was stopped by the person", { toolDenialKind: "user-rejected" }, ["interrupted"]],
    ["was running when the client ended", { toolDenialKind: "interrupted" }, ["interrupted"]],
    ["was denied", { toolDenialKind: "user-rejected", toolDenialBeforeRun: true }, []],
    ["was denied with a comment", { toolDenialKind: "user-rejected", permissionDecision: { decision: "reject" } }, []],
    ["is forbidden", { toolDenialKind: "permission-rule", permissionDecision: { decision: "reject" } }, []],
    ["was cancelled because another one failed", { toolDenialKind: "cancelled" }, []],
    ["was denied in an older client", {}, []],
  ])("record one that %s: %j", (_, more, outcomes) => {
    const { commands } = facts((session) => {
      const content = "The user doesn't want to proceed with this tool use. STOP what you are doing.";
      session.fails(session.calls("Bash", { command: "make" }), content, more);
    });
    expect(commands.map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  it.each(["", LONG])("record an interruption after some output", (stdout) => {
    expect(facts((session) => session.runs("make", stdout, { interrupted: true })).commands).toMatchObject([
      { outcome: "interrupted" },
    ]);
  });

  it.each([
    [[], "background", null],
    [["completed"], "passed", null],
    [["failed"], "failed", "exit code 1"],
    [["killed"], "interrupted", null],
    [["running", "completed"], "passed", null],
    [["failed", "completed"], "failed", "exit code 1"],
  ])("in the background have the outcome that the client reported: %j", (statuses, outcome, summary) => {
    const { commands } = facts((session) => {
      const id = session.runsInBackground("npm run dev");
      for (const status of statuses) {
        const text = session.notice(id, status, `Background command "x" (exit code ${Number(status === "failed")})`);
        if (status === "completed")
          session.attaches({ type: "queued_command", prompt: text, commandMode: "task-notification" });
        else session.wakes(text);
      }
    });
    expect(commands).toMatchObject([{ command: "npm run dev", outcome, check: null, summary }]);
  });

  it("leave out calls that the client rejected, and calls without a command", () => {
    const result = facts((session) => {
      const blocked = "<tool_use_error>Blocked: sleep 30 followed by: echo end.</tool_use_error>";
      session.fails(session.calls("Bash", { command: "sleep 30; echo end" }), blocked);
      session.fails(session.calls("Bash", { cmd: "ls" }), "<tool_use_error>InputValidationError</tool_use_error>");
      session.succeeds(session.calls("Bash", {}), "x", { stdout: "x" });
    });
    expect(result).toMatchObject({ commands: [], openErrors: [] });
  });

  it("are cut when they are very long", () => {
    const { commands } = facts((session) => session.runs(`cat <<'E'\n${"line\n".repeat(5_000)}E`));
    expect(commands[0]?.command).toMatch(/^cat <<'E'\nline\n.*…$/s);
    expect(commands[0]?.command.length).toBe(1_996); // to the last whole word
  });
});

describe("the open errors", () => {
  it("are failures that nothing later resolved, newest last", () => {
    const { openErrors } = facts((session) => {
      session.failsToRun("make", "error: a");
      session.failsToRun("npm test", "error: b");
      session.failsToEdit("/p/a.ts");
      session.failsToEdit("/p/b.ts");
      session.failsToEdit("/p/c.ts");
      session.failsToRun("make", "error: c");
      session.runs("npm test", "Tests: 1 passed");
      session.creates("/p/a.ts", LONG);
      session.runs("rm /p/c.ts");
    });
    expect(openErrors).toEqual([
      { tool: "Edit", text: "/p/b.ts: String to replace not found in file. String: a" },
      { tool: "Bash", text: "make: error: c" },
    ]);
  });

  it("are not resolved by a run that did not finish", () => {
    const { openErrors } = facts((session) => {
      session.failsToRun("make", "error: a");
      session.runs("make", "", { interrupted: true });
      session.runsInBackground("make");
    });
    expect(openErrors).toEqual([{ tool: "Bash", text: "make: error: a" }]);
  });

  it("include those of other tools, until they succeed, but not of read-only tools", () => {
    const { openErrors } = facts((session) => {
      const fails = (tool: string, content: string) => session.fails(session.calls(tool, { query: "x" }), content);
      fails("mcp__db__query", "connection refused");
      fails("mcp__ci__start", "not now");
      fails("mcp__ci__stop", "<tool_use_error>InputValidationError</tool_use_error>");
      fails("Read", "File does not exist.");
      fails("Grep", "bad pattern");
      fails("TaskUpdate", "Task not found");
      fails("AskUserQuestion", "no one there");
      session.succeeds(session.calls("mcp__ci__start", {}), [{ type: "text", text: LONG }], "a text");
    });
    expect(openErrors).toEqual([{ tool: "mcp__db__query", text: "connection refused" }]);
  });

  it("include a denied call only if nothing followed", () => {
    const refuse = (session: SessionLines) => {
      const id = session.calls("Write", { file_path: "/p/x" });
      session.fails(id, "The user doesn't want to proceed", {
        toolDenialKind: "user-rejected",
        toolDenialBeforeRun: true,
      });
      session.prompt([{ type: "text", text: "[Request interrupted by user for tool use]" }]);
    };
    expect(facts(refuse).openErrors).toEqual([{ tool: "Write", text: "Not allowed: /p/x" }]);
    const follow = [
      (session: SessionLines) => session.prompt("otherwise"),
      (session: SessionLines) => session.says("otherwise"),
      (session: SessionLines) => void session.calls("Read", { file_path: LONG }),
    ];
    for (const follows of follow) {
      const result = facts((session) => {
        refuse(session);
        follows(session);
      });
      expect(result.openErrors).toEqual([]);
    }
  });

  it("are one line each, of limited length", () => {
    const { openErrors } = facts((session) =>
      session.failsToRun(`echo '${"a\nb ".repeat(200)}'`, "error:\n".repeat(50)),
    );
    expect(openErrors[0]?.text).toMatch(/^echo 'a b a b .{100,}$/);
    expect(openErrors[0]?.text.length).toBeLessThanOrEqual(200);
  });
});

describe("the person's decisions", () => {
  it("are answers with their notes, and approved plans by their first line", () => {
    const { decisions } = facts((session) => {
      session.asks({ "Which one?": "A", "Which many?": "X, Y" }, { "Which one?": { notes: "for now" } });
      const plan = (text: string, more = {}, result = {}) =>
        session.succeeds(session.calls("ExitPlanMode", { plan: text }), "approved", { plan: text, ...result }, more);
      plan("\n# Tests first\n\n1. Write them", {
        permissionDecision: { decision: "accept", source: "user_temporary" },
      });
      plan("Of an older client");
      plan("Approved by the client itself", { permissionDecision: { decision: "accept", source: "config" } });
      plan("Approved by another agent", {}, { isAgent: true });
      plan(`Long plan\n${LONG}`, { permissionDecision: { decision: "accept", source: "user_temporary" } });
      session.fails(session.calls("ExitPlanMode", { plan: "No" }), "…", { toolDenialKind: "user-rejected" });
    });
    expect(decisions).toEqual([
      { question: "Which one?", answer: "A (for now)" },
      { question: "Which many?", answer: "X, Y" },
      { question: "Plan", answer: "Tests first" },
      { question: "Plan", answer: "Of an older client" },
      { question: "Plan", answer: "Long plan" },
    ]);
  });
});

describe("the to-do list", () => {
  it("is the list that was written last", () => {
    const { todos } = facts((session) => {
      const write = (todos: unknown) =>
        session.succeeds(session.calls("TodoWrite", { todos }), "Todos have been modified", { newTodos: todos });
      write([{ content: "A", status: "pending" }]);
      write([{ content: "A", status: "completed" }, { content: "B", status: "in_progress" }, { content: "C" }, 7]);
      session.fails(
        session.calls("TodoWrite", { todos: [] }),
        "<tool_use_error>TodoWrite is disabled</tool_use_error>",
      );
    });
    expect(todos).toEqual([
      { text: "A", state: "completed" },
      { text: "B", state: "in_progress" },
      { text: "C", state: "pending" },
    ]);
  });

  it("has the tasks as they were created and changed, and as they were last listed", () => {
    const { todos } = facts((session) => {
      const create = (id: string, subject: string) =>
        session.succeeds(session.calls("TaskCreate", { subject }), "created", {
          task: { id, subject, description: LONG },
        });
      const update = (input: { taskId: string; status?: string; subject?: string }, success = true) =>
        session.succeeds(session.calls("TaskUpdate", input), "updated", { success, taskId: input.taskId });
      create("1", "A");
      create("2", "B");
      create("3", "C");
      create("4", "D");
      update({ taskId: "1", status: "completed" });
      update({ taskId: "2", status: "deleted" });
      update({ taskId: "3", subject: "C, renamed", status: "in_progress" });
      update({ taskId: "3", status: "completed" }, false);
      update({ taskId: "9", status: "completed" });
      const tasks = [
        { id: "1", subject: "A", status: "completed" },
        { id: "3", subject: "C, renamed", status: "in_progress" },
        { id: "5", subject: "Of another agent", status: "pending" },
      ];
      session.succeeds(session.calls("TaskList", {}), "#1…", { tasks });
      update({ taskId: "5", status: "in_progress" });
      update({ taskId: "5", status: "completed" }, false);
    });
    expect(todos).toEqual([
      { text: "A", state: "completed" },
      { text: "C, renamed", state: "in_progress" },
      { text: "Of another agent", state: "in_progress" },
    ]);
  });
});
