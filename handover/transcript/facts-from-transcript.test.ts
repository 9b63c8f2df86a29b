import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { factsFromTranscript, mayHoldFacts } from "./facts-from-transcript.ts";

const recorded = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../test/fixtures/transcripts", name), "utf8").split("\n");
const facts = (...lines: (object | string)[]) =>
  factsFromTranscript(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))));

const user = (content: unknown, more: object = {}) => ({ type: "user", message: { role: "user", content }, ...more });
const assistant = (...content: object[]) => ({ type: "assistant", message: { role: "assistant", content } });
const says = (text: string) => assistant({ type: "text", text });
const uses = (id: string, name: string, input: object) => assistant({ type: "tool_use", id, name, input });
const result = (id: string, toolUseResult: unknown, more: object = {}) =>
  user([{ type: "tool_result", tool_use_id: id, content: "", ...more }], { toolUseResult });

describe("the facts of recorded sessions", () => {
  it("has the prompt, the last answer and the changed files of an interactive one", () => {
    expect(factsFromTranscript(recorded("interactive-tasks-edits.jsonl"))).toMatchObject({
      prompts: ["FIXTURE-USER-PROMPT: fix it please"],
      lastAnswer: "FAKE: done.",
      files: [
        { path: "/home/dev/photon-demo/src/app.js", change: "edited" },
        { path: "/home/dev/photon-demo/NEW.md", change: "created" },
      ],
      edits: 2,
    });
  });

  it("leaves out an edit that failed, and a wake", () => {
    expect(factsFromTranscript(recorded("print-sonnet-tasks.jsonl"))).toMatchObject({
      prompts: ["FIXTURE-USER-PROMPT: please fix the CRLF parser bug"],
      lastAnswer: "Second answer.",
      files: [{ path: "/home/dev/photon-demo/src/app.js", change: "edited" }],
      edits: 1,
    });
  });

  it.each(["print-slash-command.jsonl", "subagent-sidechain.jsonl", "wake-CHANNEL-MARK.jsonl", "wake-MON-MARK.jsonl"])(
    "has no prompt where the person typed none: %s",
    (name) => {
      expect(factsFromTranscript(recorded(name)).prompts).toEqual([]);
    },
  );
});

describe("mayHoldFacts", () => {
  it.each(["interactive-tasks-edits.jsonl", "print-sonnet-tasks.jsonl", "wake-MON-MARK.jsonl"])(
    "leaves out lines, but none of the facts: %s",
    (name) => {
      const lines = recorded(name);
      const kept = lines.filter((line) => mayHoldFacts(Buffer.from(line)));
      expect(kept.length).toBeLessThan(lines.length / 2);
      expect(factsFromTranscript(kept)).toEqual(factsFromTranscript(lines));
    },
  );
});

describe("the person's prompts", () => {
  it("are kept in order, as a text or as blocks, with images named", () => {
    const image = { type: "image", source: { type: "base64", data: "AAAA" } };
    const blocks = [
      { type: "text", text: "<ide_opened_file>x</ide_opened_file>" },
      { type: "text", text: "two" },
      image,
    ];
    expect(facts(user("one"), user(blocks), user("three", { origin: { kind: "human" } })).prompts).toEqual([
      "one",
      "two\n(image)",
      "three",
    ]);
  });

  it("include what was typed while Claude worked", () => {
    const queued = (prompt: unknown, more: object = {}) => ({
      type: "attachment",
      attachment: { type: "queued_command", prompt, ...more },
    });
    const wake = "<task-notification>\nx</task-notification>";
    expect(
      facts(
        queued("also the tests"),
        queued([{ type: "text", text: "and docs" }], { commandMode: "prompt" }),
        queued(wake),
        queued("x", { commandMode: "task-notification" }),
      ).prompts,
    ).toEqual(["also the tests", "and docs"]);
  });

  it.each([
    ["a command", user("<command-message>photon:send</command-message>")],
    ["a command's output", user("<local-command-stdout>ok</local-command-stdout>")],
    ["a shell escape", user("<bash-input>ls</bash-input>")],
    ["a text the client added", user("Caveat: …", { isMeta: true })],
    ["a compaction's summary", user("This session is being continued…", { isCompactSummary: true })],
    ["a subagent's prompt", user("look around", { isSidechain: true })],
    ["a wake", user("hello", { origin: { kind: "task-notification" } })],
    ["a line of the system", user("hello", { promptSource: "system" })],
    ["an interruption", user([{ type: "text", text: "[Request interrupted by user for tool use]" }])],
    ["an empty one", user("  \n")],
    ["a tool's result", result("toolu_1", { stdout: "x" })],
  ])("do not include %s", (_, line) => {
    expect(facts(line).prompts).toEqual([]);
  });
});

describe("the changed files", () => {
  it("name each file once, created if it was created, and count every change", () => {
    const write = { file_path: "/p/new.ts", content: "" };
    const edit = { file_path: "/p/new.ts", old_string: "", new_string: "x" };
    const cell = { notebook_path: "/p/nb.ipynb", new_source: "1" };
    expect(
      facts(
        uses("a", "Write", write),
        result("a", { type: "create", filePath: "/p/new.ts" }),
        uses("b", "Edit", edit),
        uses("c", "NotebookEdit", cell),
        result("c", { notebook_path: "/p/nb.ipynb", error: "" }),
        result("b", { filePath: "/p/new.ts" }),
      ),
    ).toMatchObject({
      files: [
        { path: "/p/new.ts", change: "created" },
        { path: "/p/nb.ipynb", change: "edited" },
      ],
      edits: 3,
    });
  });

  it.each([
    ["that failed", result("a", "Error: File has not been read yet.")],
    ["that is marked as an error", result("a", {}, { is_error: true })],
    ["of a notebook with an error inside", result("a", { error: "no such cell" })],
    ["whose result has not come", says("working")],
  ])("leave out one %s", (_, line) => {
    expect(facts(uses("a", "Edit", { file_path: "/p/x" }), line)).toMatchObject({ files: [], edits: 0 });
  });

  it("are not those of tools that only read", () => {
    const read = { type: "text", file: { filePath: "/p/x" } };
    expect(facts(uses("a", "Read", { file_path: "/p/x" }), result("a", read)).edits).toBe(0);
  });
});

describe("a transcript's last answer", () => {
  it("is the last text Claude wrote, not a tool call, an API error or a subagent's", () => {
    expect(
      facts(
        says("first"),
        says(" second "),
        { ...says("API Error: 529"), isApiErrorMessage: true },
        { ...says("sub"), isSidechain: true },
        uses("a", "Bash", { command: "ls" }),
      ).lastAnswer,
    ).toBe("second");
  });
});

describe("a transcript that is not as expected", () => {
  it.each([
    ["cut short in its last line", (text: string) => text.slice(0, -20)],
    ["with CRLF", (text: string) => text.replaceAll("\n", "\r\n")],
    ["with binary junk between its lines", (text: string) => text.replaceAll("\n", '\n\u0000\ufffd"type":"user"\n\n')],
    [
      "with lines of unknown types and fields",
      (text: string) => `${text}\n{"type":"user"}\n{"type":"assistant","message":7}\nnull`,
    ],
    ["with a line of 200 KB", (text: string) => `${JSON.stringify({ type: "blob", x: "y".repeat(200_000) })}\n${text}`],
  ])("%s still gives its facts", (_, change) => {
    const text = [user("goal"), says("done"), { type: "unknown", later: "x".repeat(40) }].map((line) =>
      JSON.stringify(line),
    );
    expect(factsFromTranscript(change(text.join("\n")).split("\n"))).toMatchObject({
      prompts: ["goal"],
      lastAnswer: "done",
    });
  });

  it("gives nothing when it is empty", () => {
    expect(facts()).toMatchObject({ prompts: [], lastAnswer: null, files: [], edits: 0 });
  });
});
