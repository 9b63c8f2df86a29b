import { recordOf, textField } from "../../client/private-file.ts";
import { type CommandEnd, judge, short } from "./command-result.ts";
import { deletionBy } from "./deletion.ts";
import { inputIn, lineStart, successIn, timestampOfAnswer } from "./line-start.ts";
import { decisionsOf, promptOf } from "./persons-words.ts";
import { RecentMap } from "./recent-map.ts";
import { TodoList } from "./todo-list.ts";
import { isLook, type ToolCall, toolCall } from "./tool-call.ts";
import type { ChangedFile, Decision, OpenError, RanCommand, TranscriptFacts } from "./transcript-facts.ts";
import { blocksOf, type Line, mayHoldFacts, parseLine, textOf } from "./transcript-line.ts";

export { mayHoldFacts };

/** Of the calls, the last ones: also of those that are done with, as a client may have written a part of the session twice. */
const MAX_CALLS = 10_000;
/** Results without a call, commands in the background. */
const MAX_WAITING = 100;
/** A shorter line is parsed as fast as looked at. */
const SHORT_BYTES = 1_000;
/** Different commands, and errors: the last ones. */
const MAX_KEPT = 1_000;

/** Where the client keeps plans: they are no work on the project. */
const PLAN = /[\\/]\.claude[\\/]plans[\\/]/;

/** Around the client's own words, about a call that it did not take. */
const TAG = /<\/?tool_use_error>/g;

const EXIT_CODE = /^Exit code \d+/;

/**
 * Reads the facts out of a transcript's lines (JSON Lines), given as texts or as the bytes they are in the file. Lines and
 * fields it does not know are skipped, and so are broken ones: the format is the client's own and changes, and the last
 * line may be half written.
 */
export function factsFromTranscript(lines: Iterable<string | Buffer>): TranscriptFacts {
  const reader = new TranscriptReader();
  for (const line of lines) reader.read(typeof line === "string" ? Buffer.from(line) : line);
  return reader.facts();
}

class TranscriptReader {
  /** With the line before each, to know a prompt that the person took back. */
  #prompts: { readonly text: string; readonly parent: unknown }[] = [];
  #lastAnswer: string | null = null;
  #decisions: Decision[] = [];
  #files = new Map<string, { readonly wasThere: boolean; readonly isThere: boolean }>();
  #edits = 0;
  #commands = new RecentMap<RanCommand>(MAX_KEPT);
  #todos = new TodoList();
  #errors = new RecentMap<OpenError>(MAX_KEPT);
  /** What was refused last, until something follows. */
  #refused: OpenError[] = [];
  #model: string | null = null;
  #startedAt: unknown = null;
  #endedAt: unknown = null;
  #compactions = 0;
  #resumes = 0;
  /** The client said so; the session may still go on. */
  #hasEnded = false;

  /** By their ids; null for those that are done with. */
  #calls = new RecentMap<ToolCall | null>(MAX_CALLS);
  /** Results whose calls have not come yet. */
  #results = new RecentMap<{ readonly line: Line; readonly block: Line }>(MAX_WAITING);
  /** Commands in the background, by the id of their call. */
  #background = new RecentMap<ToolCall>(MAX_WAITING);
  /** Lines that must not count twice. */
  #known = new Set<unknown>();

  read(bytes: Buffer): void {
    if (this.#startedAt !== null && bytes.length > SHORT_BYTES && this.#readStart(bytes)) return;
    const line = parseLine(bytes);
    if (line === undefined || line.isSidechain === true) return;
    if (line.type === "cost-state") this.#hasEnded = true;
    if (!isOfConversation(line)) return;
    this.#startedAt ??= line.timestamp;
    this.#endedAt = line.timestamp ?? this.#endedAt;
    if (line.type === "assistant") this.#readAnswer(line);
    else if (line.type === "system") this.#compactions += Number(isCompaction(line) && this.#isNew(line));
    else this.#readUser(line);
  }

  /** @returns false when the line has to be parsed as a whole */
  #readStart(bytes: Buffer): boolean {
    const start = lineStart(bytes);
    if (start === undefined) return false;
    const { model, id = "", tool = "" } = start;
    if (model !== undefined) {
      const input = tool === "" || isLook(tool) ? null : inputIn(bytes, start);
      // Where a deletion took place is told behind.
      if (input === undefined || /^\s*(?:git +)?rm /.test(textField(input, "command") ?? "")) return false;
      this.#goesOn(model);
      if (tool !== "") this.#called(id, toolCall(tool, input, {}));
      this.#endedAt = timestampOfAnswer(bytes);
      return true;
    }
    const call = this.#calls.get(id);
    const success = call === undefined || call?.needsText ? undefined : successIn(bytes, start);
    if (success === undefined) return false;
    if (call) this.#settle(id, call, { toolUseResult: success }, {});
    this.#endedAt = success.timestamp;
    return true;
  }

  facts(): TranscriptFacts {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#lastAnswer,
      decisions: this.#decisions,
      files: [...this.#files].flatMap(changeOf),
      edits: this.#edits,
      commands: this.#commands.values(),
      todos: this.#todos.list(),
      openErrors: [...this.#errors.values(), ...this.#refused],
      model: this.#model,
      startedAt: timeOf(this.#startedAt),
      endedAt: timeOf(this.#endedAt),
      compactions: this.#compactions,
      resumes: this.#resumes,
    };
  }

  #readAnswer(line: Line): void {
    if (line.isApiErrorMessage === true) return;
    this.#goesOn(textField(line.message, "model"));
    for (const block of blocksOf(line)) {
      const text = block.type === "text" ? textField(block, "text")?.trim() : undefined;
      if (text) this.#lastAnswer = text;
      const { id, name } = block;
      if (typeof id === "string" && typeof name === "string") this.#called(id, toolCall(name, block.input, line));
    }
  }

  #called(id: string, call: ToolCall): void {
    if (this.#calls.get(id) !== undefined) return;
    this.#calls.set(id, call);
    const early = this.#results.get(id);
    if (early !== undefined) this.#settle(id, call, early.line, early.block);
  }

  #readUser(line: Line): void {
    for (const block of blocksOf(line)) {
      const id = textField(block, "tool_use_id");
      const call = id === undefined ? null : this.#calls.get(id);
      if (id === undefined || call === null) continue;
      if (call === undefined) this.#results.set(id, { line, block });
      else this.#settle(id, call, line, block);
    }
    this.#readNotice(recordOf(line.attachment)?.prompt ?? recordOf(line.message)?.content);
    const text = promptOf(line);
    if (text === null || !this.#isNew(line)) return;
    this.#goesOn();
    const parent = line.parentUuid;
    // The person went back to before that prompt, and asked something else.
    const takenBack = this.#prompts.findIndex((prompt) => typeof parent === "string" && prompt.parent === parent);
    if (takenBack !== -1) this.#prompts.splice(takenBack);
    this.#prompts.push({ text, parent });
  }

  /** How a command in the background ended comes as a wake, or to Claude at work. */
  #readNotice(content: unknown): void {
    if (typeof content !== "string" || !content.startsWith("<task-notification>")) return;
    const [, id = ""] = /<tool-use-id>([^<]*)/.exec(content) ?? [];
    const call = this.#background.get(id);
    const [, status] = /<status>([^<]*)/.exec(content) ?? [];
    const outcome = status === "completed" ? "passed" : status === "failed" ? "failed" : "interrupted";
    const summary = outcome === "failed" ? (/exit code \d+/.exec(content)?.[0] ?? null) : null;
    if (call !== undefined) this.#ran(call, { outcome, summary });
    this.#background.delete(id);
  }

  #settle(id: string, call: ToolCall, line: Line, block: Line): void {
    this.#calls.set(id, null);
    const { tool, kind, target } = call;
    const result = line.toolUseResult;
    const output = textOf(block.content);
    if (typeof line.toolDenialKind === "string") {
      const isRefused =
        line.toolDenialBeforeRun === true || textField(line.permissionDecision, "decision") === "reject";
      if (isRefused) this.#refused = [{ tool, text: short(`Refused: ${target}`) }];
      else if (kind === "command") this.#ran(call, { outcome: "interrupted", summary: null });
      return;
    }
    // A notebook's result names its error inside.
    const hasFailed =
      block.is_error === true || (kind === "edit" && (typeof result === "string" || textField(result, "error")));
    if (kind === "command") {
      const exitCode = EXIT_CODE.exec(output)?.[0];
      if (hasFailed && exitCode === undefined) return; // the client did not run it
      if (textField(result, "backgroundTaskId") !== undefined) {
        this.#background.set(id, call);
        this.#ran(call, { outcome: "background", summary: null });
      } else if (recordOf(result)?.interrupted === true) this.#ran(call, { outcome: "interrupted", summary: null });
      else if (hasFailed) this.#ran(call, judge(call, output.slice(exitCode?.length), exitCode));
      else this.#ran(call, judge(call, output));
      return;
    }
    const key = `${kind === "edit" ? "" : tool} ${target}`;
    if (!hasFailed) this.#errors.delete(key);
    else if (kind === "edit" || (kind === "other" && !output.startsWith("<tool_use_error>"))) {
      const told = output.replace(TAG, "") || (textField(result, "error") ?? "");
      this.#errors.set(key, { tool, text: short(target ? `${target}: ${told}` : told) });
    }
    if (hasFailed) return;
    if (kind === "edit" && !PLAN.test(target)) {
      this.#edits++;
      this.#change(target, true, textField(result, "type") !== "create");
    }
    if (kind === "todo") this.#todos.apply(tool, call.input, result);
    if (kind === "ask") this.#decisions.push(...decisionsOf(line));
  }

  #ran({ tool, target: command, folder, isTest }: ToolCall, { outcome, summary }: CommandEnd): void {
    const key = `$ ${command}`;
    this.#commands.set(command, { command, outcome, isTest, summary });
    if (outcome === "failed") this.#errors.set(key, { tool, text: short(`${command}: ${summary ?? outcome}`) });
    if (outcome !== "passed") return;
    this.#errors.delete(key);
    const deletion = deletionBy(command, folder);
    for (const path of deletion?.paths ?? []) {
      if (deletion?.wereThere || this.#files.get(path)?.isThere) this.#change(path, false, true);
    }
  }

  /** @param wasThere - before this change */
  #change(path: string, isThere: boolean, wasThere: boolean): void {
    this.#files.set(path, { wasThere: this.#files.get(path)?.wasThere ?? wasThere, isThere });
    this.#errors.delete(` ${path}`);
  }

  /** Claude answers, or the person asks. */
  #goesOn(model?: string): void {
    if (model !== undefined && model !== "<synthetic>") this.#model = model;
    this.#refused = [];
    this.#resumes += Number(this.#hasEnded);
    this.#hasEnded = false;
  }

  #isNew({ uuid }: Line): boolean {
    const isNew = uuid === undefined || !this.#known.has(uuid);
    this.#known.add(uuid);
    return isNew;
  }
}

function timeOf(timestamp: unknown): number | null {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function isCompaction({ subtype }: Line): boolean {
  return subtype === "compact_boundary";
}

/** The same lines whether those that cannot hold facts were left out or not. */
function isOfConversation({ type, parentUuid, attachment }: Line): boolean {
  if (type !== "attachment") return type === "user" || type === "assistant" || type === "system";
  return parentUuid === null || textField(attachment, "type") === "queued_command";
}

function changeOf([path, { wasThere, isThere }]: [string, { wasThere: boolean; isThere: boolean }]): ChangedFile[] {
  if (!wasThere && !isThere) return [];
  return [{ path, change: isThere ? (wasThere ? "edited" : "created") : "deleted" }];
}
