import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionLines } from "../../test/support/transcript/session-lines.ts";
import { transcriptLines } from "../reading/read-transcript.ts";
import { factsFromTranscript, mayHoldFacts } from "./facts-from-transcript.ts";
import type { ChangedFile, OpenError, RanCommand, Todo, TranscriptFacts } from "./transcript-facts.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "photon transcript "));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The expected facts so far, next to the written lines. */
interface Known {
  readonly session: SessionLines;
  readonly prompts: { readonly text: string; readonly parent: string | null }[];
  lastAnswer: string | null;
  model: string | null;
  readonly decisions: { readonly question: string; readonly answer: string }[];
  /** Every successful change. */
  readonly changes: { readonly path: string; readonly change: ChangedFile["change"]; readonly isUnsure?: boolean }[];
  edits: number;
  /** Every run. */
  readonly runs: Pick<RanCommand, "command" | "outcome" | "summary">[];
  /** Background commands, by the id of their call. */
  readonly background: { readonly id: string; readonly command: string }[];
  written: readonly Todo[];
  readonly tasks: Map<string, Todo>;
  taskCount: number;
  /** By the key of the call that would resolve it. */
  readonly errors: Map<string, OpenError>;
  refused: OpenError | null;
  compactions: number;
  resumes: number;
  hasEnded: boolean;
}

/** An event in a session: writes its lines and updates the expected facts. */
type Event = (known: Known) => void;

const LONG = "A long line — with “quotes”, \\ and \u001b[1mcolours\u001b[0m.\n".repeat(60);
const length = fc.constantFrom("", "short", LONG);
const word = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => `w${text}.`);
const state = fc.constantFrom<Todo["state"]>("pending", "in_progress", "completed");
const file = fc.constantFrom("/home/dev/demo/a.ts", "/home/dev/demo/b c.ts", "/home/dev/demo/ü.md");
const command = fc.constantFrom("make", "npm test", "git status", "node 'x y.js' | tail");

function goesOn(known: Known, isAnswer: boolean): void {
  if (isAnswer) known.model = "claude-sonnet-4-5";
  if (known.hasEnded) known.resumes++;
  known.hasEnded = false;
  known.refused = null;
}

function ran(known: Known, name: string, outcome: RanCommand["outcome"], summary: string | null): void {
  known.runs.push({ command: name, outcome, summary });
  if (outcome !== "passed" && outcome !== "failed") return;
  known.errors.delete(`$ ${name}`);
  if (outcome === "failed") known.errors.set(`$ ${name}`, { tool: "Bash", text: `${name}: ${summary}` });
}

function changed(known: Known, path: string, change: ChangedFile["change"], isUnsure = false): void {
  known.changes.push({ path, change, isUnsure });
  known.errors.delete(path);
}

const prompt = word.map(
  (text): Event =>
    (known) => {
      known.prompts.push({ text, parent: known.session.parent });
      known.session.prompt(text, { origin: { kind: "human" }, promptSource: "typed" });
      goesOn(known, false);
    },
);
const queued = word.map(
  (text): Event =>
    (known) => {
      known.prompts.push({ text, parent: known.session.parent });
      known.session.attaches({ type: "queued_command", prompt: text, commandMode: "prompt" });
      goesOn(known, false);
    },
);
const takenBack = fc.tuple(fc.nat(), word).map(
  ([index, text]): Event =>
    (known) => {
      const taken = known.prompts[index % Math.max(1, known.prompts.length)];
      if (taken === undefined || taken.parent === null) return;
      known.prompts.splice(known.prompts.indexOf(taken));
      known.session.goBackTo(taken.parent);
      known.prompts.push({ text, parent: taken.parent });
      known.session.prompt(text);
      goesOn(known, false);
    },
);
const answer = fc.tuple(word, length).map(
  ([text, more]): Event =>
    (known) => {
      known.lastAnswer = `${text}${more}`.trim();
      known.session.says(`${text}${more}`);
      goesOn(known, true);
    },
);
const thought = fc.constant<Event>((known) => {
  known.session.thinks();
  goesOn(known, true);
});
const edit = fc.tuple(file, length, fc.constantFrom("edit", "create", "fail")).map(
  ([path, text, kind]): Event =>
    (known) => {
      if (kind === "edit") known.session.edits(path, text);
      if (kind === "create") known.session.creates(path, text);
      if (kind === "fail") known.session.failsToEdit(path);
      goesOn(known, true);
      if (kind === "fail") {
        known.errors.delete(path);
        known.errors.set(path, { tool: "Edit", text: `${path}: String to replace not found in file. String: a` });
        return;
      }
      known.edits++;
      changed(known, path, kind === "create" ? "created" : "edited");
    },
);
const deletion = fc.tuple(file, fc.constantFrom("rm", "rm -f", "git rm -q")).map(
  ([path, program]): Event =>
    (known) => {
      const name = `${program} '${path.replace("/home/dev/demo/", "")}'`;
      known.session.runs(name);
      goesOn(known, true);
      ran(known, name, "passed", null);
      const isKnown = known.changes.some((earlier) => earlier.path === path);
      if (program !== "rm -f") known.edits++;
      changed(known, path, "deleted", program === "rm -f" && !isKnown);
    },
);
const run = fc.tuple(command, length, fc.constantFrom("pass", "fail", "interrupt", "background")).map(
  ([name, text, kind]): Event =>
    (known) => {
      const isTest = name === "npm test";
      goesOn(known, true);
      if (kind === "pass") {
        known.session.runs(name, isTest ? `${text}\nTests: 3 passed\n` : text);
        ran(known, name, "passed", isTest ? "Tests: 3 passed" : null);
      } else if (kind === "fail") {
        known.session.failsToRun(name, `${text}\nAn error.`);
        ran(known, name, "failed", "An error.");
      } else if (kind === "interrupt") {
        const id = known.session.calls("Bash", { command: name });
        known.session.fails(id, "The user doesn't want to proceed.", { toolDenialKind: "user-rejected" });
        ran(known, name, "interrupted", null);
      } else {
        known.background.push({ id: known.session.runsInBackground(name), command: name });
        ran(known, name, "background", null);
      }
    },
);
const notice = fc.constantFrom("completed", "failed", "killed").map(
  (status): Event =>
    (known) => {
      const ended = known.background.shift();
      known.session.wakes(
        known.session.notice(ended?.id ?? "toolu_none", status, `(exit code ${status === "failed" ? 1 : 0})`),
      );
      if (ended === undefined) return;
      if (status === "completed") ran(known, ended.command, "passed", null);
      else if (status === "failed") ran(known, ended.command, "failed", "exit code 1");
      else ran(known, ended.command, "interrupted", null);
    },
);
const refusal = fc.tuple(command, fc.boolean()).map(
  ([name, hasWords]): Event =>
    (known) => {
      const id = known.session.calls("Bash", { command: name });
      const words = { userFeedback: "no, rather not", holdsPersonsWords: true };
      const parent = known.session.parent;
      known.session.fails(id, "The user doesn't want to proceed with this tool use.", {
        toolDenialKind: "user-rejected",
        ...(hasWords ? words : { toolDenialBeforeRun: true }),
        permissionDecision: { decision: "reject", source: "user_reject" },
      });
      goesOn(known, true);
      if (hasWords) known.prompts.push({ text: words.userFeedback, parent });
      else known.refused = { tool: "Bash", text: `Not allowed: ${name}` };
    },
);
const question = fc.tuple(word, word).map(
  ([asked, answered]): Event =>
    (known) => {
      known.session.asks({ [asked]: answered });
      known.decisions.push({ question: asked, answer: answered });
      goesOn(known, true);
    },
);
const todos = fc.array(fc.record({ text: word, state }), { maxLength: 4 }).map(
  (list): Event =>
    (known) => {
      const input = { todos: list.map(({ text, state: status }) => ({ content: text, status, activeForm: text })) };
      known.session.succeeds(known.session.calls("TodoWrite", input), "Todos have been modified.", {
        newTodos: input.todos,
      });
      known.written = list;
      goesOn(known, true);
    },
);
const newTask = word.map(
  (text): Event =>
    (known) => {
      const id = String(++known.taskCount);
      const call = known.session.calls("TaskCreate", { subject: text, description: LONG });
      known.session.succeeds(call, `Task #${id} created`, { task: { id, subject: text, description: LONG } });
      known.tasks.set(id, { text, state: "pending" });
      goesOn(known, true);
    },
);
const task = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.oneof(state, fc.constant("deleted" as const))).map(
  ([number, status]): Event =>
    (known) => {
      const id = String(number);
      const old = known.tasks.get(id);
      const call = known.session.calls("TaskUpdate", { taskId: id, status });
      known.session.succeeds(call, "Updated", { success: old !== undefined, taskId: id, updatedFields: ["status"] });
      goesOn(known, true);
      if (status === "deleted") known.tasks.delete(id);
      else if (old !== undefined) known.tasks.set(id, { ...old, state: status });
    },
);
const taskList = fc.constant<Event>((known) => {
  const list = [...known.tasks].map(([id, { text, state: status }]) => ({ id, subject: text, status, blockedBy: [] }));
  known.session.succeeds(known.session.calls("TaskList", {}), "…", { tasks: list });
  goesOn(known, true);
});
const look = fc.tuple(file, length).map(
  ([path, content]): Event =>
    (known) => {
      const id = known.session.calls("Read", { file_path: path });
      known.session.succeeds(id, content, { type: "text", file: { filePath: path, content } });
      goesOn(known, true);
    },
);
const compaction = fc.constant<Event>((known) => {
  known.session.compacts();
  known.compactions++;
});
const END: Event = (known) => {
  known.session.ends();
  known.hasEnded = true;
};
const end = fc.constant(END);
/** Lines without facts. */
const noise = fc.constantFrom<Event>(
  ({ session }) =>
    session.writes({ type: "api-request-blob", sessionId: "x", message: { role: "user", content: LONG } }),
  ({ session }) => session.writes({ type: "file-history-snapshot", snapshot: { 'type":"user': LONG } }),
  ({ session }) => session.writes(`{"parentUuid":null,"isSidechain":true,"type":"user","message":{"content":"sub"}}`),
  ({ session }) =>
    session.writes('{"parentUuid":"x","isSidechain":false,"type":"user","message":{"role":"user","content":"cut'),
  ({ session }) => session.writes("\u0000\ufffd not JSON"),
  ({ session }) => session.writes(""),
);

function filesOf(changes: Known["changes"]): ChangedFile[] {
  const paths = [...new Set(changes.map(({ path }) => path).reverse())].reverse();
  return paths.flatMap((path) => {
    const own = changes.filter((change) => change.path === path);
    const isNew = own[0]?.change === "created";
    const isGone = own.at(-1)?.change === "deleted";
    if (isNew && isGone) return [];
    const isUnsure = own.every((change) => change.isUnsure);
    const change = isGone ? "deleted" : isNew ? "created" : "edited";
    return [{ path, change, ...(isUnsure && { isUnsure: true as const }) }];
  });
}

/** Other tests are about the other facts. */
interface ExpectedFacts extends Partial<Omit<TranscriptFacts, "commands">> {
  readonly commands: Known["runs"];
  readonly openErrors: TranscriptFacts["openErrors"];
}

function factsOf(known: Known, endedAt: number): ExpectedFacts {
  const lastRuns = new Map<string, Known["runs"][number]>();
  for (const one of known.runs) {
    lastRuns.delete(one.command);
    lastRuns.set(one.command, one);
  }
  return {
    prompts: known.prompts.map(({ text }) => text),
    lastAnswer: known.lastAnswer,
    decisions: known.decisions,
    files: filesOf(known.changes),
    edits: known.edits,
    commands: [...lastRuns.values()],
    todos: [...known.written, ...known.tasks.values()],
    openErrors: [...known.errors.values(), ...(known.refused === null ? [] : [known.refused])],
    model: known.model,
    startedAt: new SessionLines().time + 2_000,
    endedAt,
    compactions: known.compactions,
    resumes: known.resumes,
  };
}

const START: Event = (known) => {
  known.session.prompt("Goal");
  known.prompts.push({ text: "Goal", parent: null });
};
const events = fc.array(
  fc.oneof(
    prompt,
    queued,
    takenBack,
    answer,
    thought,
    edit,
    deletion,
    run,
    notice,
    refusal,
    question,
    todos,
    newTask,
    task,
    taskList,
    look,
    compaction,
    end,
    noise,
  ),
  { maxLength: 40 },
);

function happened(list: readonly Event[]): { session: SessionLines; facts: ExpectedFacts } {
  const known: Known = {
    session: new SessionLines(),
    prompts: [],
    lastAnswer: null,
    model: null,
    decisions: [],
    changes: [],
    edits: 0,
    runs: [],
    background: [],
    written: [],
    tasks: new Map(),
    taskCount: 0,
    errors: new Map(),
    refused: null,
    compactions: 0,
    resumes: 0,
    hasEnded: false,
  };
  for (const event of [START, ...list]) event(known);
  return { session: known.session, facts: factsOf(known, known.session.time) };
}

describe("the facts of any session", () => {
  it("are what happened in it, whichever way it is read", () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 5_000 }), (list, chunkBytes) => {
        const { session, facts } = happened(list);
        expect(factsFromTranscript(session.lines)).toMatchObject(facts);
        const path = join(folder, "session.jsonl");
        writeFileSync(path, session.lines.join("\n"));
        expect(factsFromTranscript(transcriptLines(path, mayHoldFacts, chunkBytes))).toMatchObject(facts);
        expect(factsFromTranscript(session.lines.map(reversed))).toMatchObject(facts);
      }),
      { numRuns: 300 },
    );
  });

  it("are the same if a client repeated the beginning before it continued", () => {
    fc.assert(
      fc.property(events, (list) => {
        const { session, facts } = happened(list.filter((event) => event !== END));
        const again = factsFromTranscript([...session.lines, ...session.lines]);
        // The repeated lines come after the last denial, so it no longer counts.
        const openErrors = facts.openErrors.filter(({ text }) => !text.startsWith("Not allowed: "));
        expect(again).toMatchObject({ ...facts, openErrors });
      }),
    );
  });
});

/** The line with its fields in another order, so that it must be parsed. */
function reversed(line: string): string {
  try {
    return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line)).reverse()));
  } catch {
    return line;
  }
}

describe("any bytes at all", () => {
  const damage = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ maxLength: 8 }), length: fc.nat({ max: 300 }) });

  it("are read without an error", () => {
    const path = join(folder, "bytes.jsonl");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.integer({ min: 1, max: 100 }), (bytes, chunkBytes) => {
        writeFileSync(path, bytes);
        expect(factsFromTranscript(transcriptLines(path, mayHoldFacts, chunkBytes))).toBeTypeOf("object");
        expect(factsFromTranscript(transcriptLines(path))).toBeTypeOf("object");
      }),
    );
  });

  it("are read without an error in place of a part of a transcript", () => {
    const path = join(folder, "damaged.jsonl");
    fc.assert(
      fc.property(events, fc.array(damage, { minLength: 1, maxLength: 5 }), (list, damages) => {
        let text = Buffer.from(happened(list).session.lines.join("\n"));
        for (const { at, bytes, length: cut } of damages) {
          const place = at % text.length;
          text = Buffer.concat([text.subarray(0, place), bytes, text.subarray(place + cut)]);
        }
        writeFileSync(path, text);
        expect(factsFromTranscript(transcriptLines(path, mayHoldFacts))).toBeTypeOf("object");
      }),
      { numRuns: 300 },
    );
  });

  it("may be values of any shape in place of the client's", () => {
    const keys = [
      "type",
      "message",
      "content",
      "tool_use_id",
      "toolUseResult",
      "input",
      "name",
      "id",
      "attachment",
      "prompt",
    ];
    const field = fc.constantFrom(
      ...keys,
      "answers",
      "plan",
      "todos",
      "tasks",
      "task",
      "command",
      "timestamp",
      "uuid",
      "toString",
      "taskId",
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(
          "user",
          "assistant",
          "attachment",
          "queued_command",
          "Bash",
          "TodoWrite",
          "TaskList",
          "toolu_1",
        ),
        fc.jsonValue(),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(field, tie("any"), { maxKeys: 6 }),
      ),
    }));
    const line = fc.dictionary(field, any, { maxKeys: 8 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        expect(factsFromTranscript(lines.map((one) => JSON.stringify(one)))).toBeTypeOf("object");
      }),
      { numRuns: 500 },
    );
  });
});
