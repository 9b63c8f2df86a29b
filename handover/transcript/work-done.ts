import { recordOf, textField } from "../../client/disk/private-file.ts";
import type { EditedPart } from "../tools/edited-part.ts";
import type { FileChange } from "../tools/file-changes.ts";
import { type Commit, gitOutcome, mayChangeGit, pullRequestsIn } from "../tools/git-outcome.ts";
import { commandOutput } from "../tools/other-tools.ts";
import { withoutAssignments } from "../tools/programs.ts";
import { type CommandEnd, checkOf, judge, short } from "./command-result.ts";
import { decisionsOf } from "./persons-words.ts";
import { isSubstantial } from "./prompt-weight.ts";
import { RecentMap, type SavedMap } from "./recent-map.ts";
import { type SavedTodos, TodoList } from "./todo-list.ts";
import type { ToolCall } from "./tool-call.ts";
import type { ChangedFile, Decision, OpenError, RanCommand, Subagent, TranscriptFacts } from "./transcript-facts.ts";
import { type Line, textOf } from "./transcript-line.ts";

/** How many different commands and errors are kept. */
const MAX_KEPT = 1_000;
/** How many background commands are tracked. */
const MAX_BACKGROUND = 100;
const MAX_SUBAGENTS = 50;
const MAX_FILES = 1_000;

/** How a subagent says that it changed something. */
const WROTE =
  /\b(?:wrote|written|created|updated|edited|saved|modified|implemented|committed|renamed|deleted|fixed)\b/i;
const MAX_SAID_CHARS = 1_000;

/** The client's folder for plans, which do not count as changes of the project. */
const PLAN = /[\\/]\.claude[\\/]plans[\\/]/;

const EXIT_CODE = /^Exit code \d+/;
/** The client puts its own error texts between these tags. */
const TAG = /<\/?tool_use_error>/g;
const REJECTED_CALL = /^<tool_use_error>/;
/** How older clients, without a field for it, say that a call was denied. */
const DENIED = /^(?:The user doesn't want to|Permission to use|Claude requested permission)/;

/** The outcomes of background commands, in the client's words. */
const ENDINGS: ReadonlyMap<string, CommandEnd["outcome"]> = new Map([
  ["completed", "passed"],
  ["failed", "failed"],
  ["killed", "interrupted"],
  ["stopped", "interrupted"],
]);

type Facts = Omit<
  TranscriptFacts,
  | "prompts"
  | "lastAnswer"
  | "model"
  | "startedAt"
  | "endedAt"
  | "compactions"
  | "resumes"
  | "title"
  | "recap"
  | "summary"
  | "promptsBeforeSummary"
  | "ending"
  | "startedBy"
>;

interface FileState {
  readonly wasThere: boolean;
  readonly isThere: boolean;
  readonly from: string | undefined;
  readonly added: number;
  readonly removed: number;
  /** Whether `added` and `removed` are all that changed. Not after a command, or when the whole of an unseen file was replaced. */
  readonly isCounted: boolean;
  readonly part: string;
  readonly isUnsure: boolean;
}

/** The content of a {@link WorkDone} as plain data. */
export interface SavedWork {
  readonly decisions: readonly Decision[];
  readonly files: SavedMap<FileState>;
  readonly edits: number;
  readonly mayHaveChanged: boolean;
  readonly commits: readonly Commit[];
  readonly pushes: readonly string[];
  readonly pullRequests: readonly string[];
  readonly plans: readonly string[];
  readonly subagents: SavedMap<Subagent>;
  readonly commands: SavedMap<RanCommand>;
  readonly background: SavedMap<ToolCall>;
  readonly todos: SavedTodos;
  readonly promptsBeforeTodos: number;
  readonly hasWorkedSinceTodos: boolean;
  readonly errors: SavedMap<OpenError>;
  readonly denials: readonly OpenError[];
}

/** Collects what Claude's tools did, from their results. */
export class WorkDone {
  readonly #decisions: Decision[];
  readonly #files: RecentMap<FileState>;
  #edits: number;
  #mayHaveChanged: boolean;
  readonly #commits: Commit[];
  readonly #pushes: Set<string>;
  readonly #pullRequests: Set<string>;
  readonly #plans: Set<string>;
  /** By the id of the call. */
  readonly #subagents: RecentMap<Subagent>;
  readonly #commands: RecentMap<RanCommand>;
  /** By the id of the call. */
  readonly #background: RecentMap<ToolCall>;
  readonly #todos: TodoList;
  #promptsBeforeTodos: number;
  #hasWorkedSinceTodos: boolean;
  /** By {@link keyOf} the call that would resolve it. */
  readonly #errors: RecentMap<OpenError>;
  /** The last denied call, until the session continues. */
  #denials: readonly OpenError[];

  constructor(saved?: SavedWork) {
    this.#decisions = [...(saved?.decisions ?? [])];
    this.#files = new RecentMap(MAX_FILES, saved?.files);
    this.#edits = saved?.edits ?? 0;
    this.#mayHaveChanged = saved?.mayHaveChanged ?? false;
    this.#commits = [...(saved?.commits ?? [])];
    this.#pushes = new Set(saved?.pushes);
    this.#pullRequests = new Set(saved?.pullRequests);
    this.#plans = new Set(saved?.plans);
    this.#subagents = new RecentMap(MAX_SUBAGENTS, saved?.subagents);
    this.#commands = new RecentMap(MAX_KEPT, saved?.commands);
    this.#background = new RecentMap(MAX_BACKGROUND, saved?.background);
    this.#todos = new TodoList(saved?.todos);
    this.#promptsBeforeTodos = saved?.promptsBeforeTodos ?? 0;
    this.#hasWorkedSinceTodos = saved?.hasWorkedSinceTodos ?? false;
    this.#errors = new RecentMap(MAX_KEPT, saved?.errors);
    this.#denials = saved?.denials ?? [];
  }

  saved(): SavedWork {
    return {
      decisions: this.#decisions,
      files: this.#files.saved(),
      edits: this.#edits,
      mayHaveChanged: this.#mayHaveChanged,
      commits: this.#commits,
      pushes: [...this.#pushes],
      pullRequests: [...this.#pullRequests],
      plans: [...this.#plans],
      subagents: this.#subagents.saved(),
      commands: this.#commands.saved(),
      background: this.#background.saved(),
      todos: this.#todos.saved(),
      promptsBeforeTodos: this.#promptsBeforeTodos,
      hasWorkedSinceTodos: this.#hasWorkedSinceTodos,
      errors: this.#errors.saved(),
      denials: this.#denials,
    };
  }

  /** @param prompts - of the person */
  facts(prompts: readonly string[]): Facts {
    const since = this.#hasWorkedSinceTodos ? prompts.slice(this.#promptsBeforeTodos) : [];
    return {
      decisions: this.#decisions,
      files: this.#files.entries().flatMap(changeOf),
      olderFiles: this.#files.forgotten,
      edits: this.#edits,
      mayHaveChanged: this.#mayHaveChanged,
      commits: this.#commits,
      pushes: [...this.#pushes],
      pullRequests: [...this.#pullRequests],
      plans: [...this.#plans],
      subagents: this.#subagents.values(),
      commands: this.#commands.values(),
      todos: this.#todos.list(),
      finished: this.#todos.finished(),
      promptsSinceTodos: since.filter(isSubstantial).length,
      openErrors: [...this.#errors.values(), ...this.#denials],
    };
  }

  continued(): void {
    this.#denials = [];
  }

  /** The client linked a pull request to the session. */
  linked(address: string): void {
    this.#pullRequests.add(address);
  }

  /**
   * Applies the result of a call.
   *
   * @param prompts - how many the person wrote before
   */
  settle(id: string, call: ToolCall, line: Line, block: Line, prompts: number): void {
    const { tool, kind } = call;
    if (kind === "todo") [this.#promptsBeforeTodos, this.#hasWorkedSinceTodos] = [prompts, false];
    const result = line.toolUseResult;
    const output = textOf(block.content);
    // Results of other servers' tools can have any shape. A notebook's result has its error inside.
    const isOwn = !tool.startsWith("mcp__") && kind !== "other" && kind !== "agent";
    const isError = isOwn && (typeof result === "string" || Boolean(textField(result, "error")));
    const hasFailed = block.is_error === true || isError;
    if (hasFailed && (line.toolDenialKind !== undefined || DENIED.test(output))) this.#denied(call, line);
    else if (kind === "command") this.#commandEnded(id, call, result, { output, hasFailed });
    else if (hasFailed) this.#failed(call, output || (textField(result, "error") ?? ""));
    else this.#succeeded(id, call, line, output);
  }

  /** Applies the result of a subagent's call: only the files it changed are the session's. */
  settleOfSubagent(call: ToolCall, line: Line, block: Line): void {
    if (block.is_error === true || typeof line.toolUseResult === "string") return;
    if (call.kind === "edit") this.#edited(call, line.toolUseResult);
    if (call.kind === "command") this.#changedBy(call);
  }

  #succeeded(id: string, call: ToolCall, line: Line, output: string): void {
    const { tool, kind, input } = call;
    const result = line.toolUseResult;
    this.#errors.delete(keyOf(call));
    this.#mayHaveChanged ||= call.mayChange;
    if (kind === "edit") this.#edited(call, result);
    if (kind === "todo") this.#todos.apply(tool, input, result);
    if (kind === "ask") {
      this.#decisions.push(...decisionsOf(line));
      const plan = textField(result, "filePath");
      if (plan !== undefined && PLAN.test(plan)) this.#plan(plan);
    }
    if (kind === "agent") {
      const task = textField(input, "description") ?? "";
      const [said = ""] = output.trim().split("\n", 1);
      const isRunning = /launched/.test(textField(result, "status") ?? "");
      this.#subagents.set(id, { task: short(task), answer: isRunning ? "" : short(said) });
      if (!isRunning && WROTE.test(output.slice(0, MAX_SAID_CHARS))) this.#edits++;
    }
    if (/(?:pull|merge)_?request|create_pr$/i.test(tool) && /create|open/i.test(tool)) {
      for (const address of pullRequestsIn(output).slice(0, 1)) this.linked(address);
    }
  }

  #edited({ target, changes, part }: ToolCall, result: unknown): void {
    if (PLAN.test(target)) {
      this.#plan(target);
      return;
    }
    const [change = { path: target, change: textField(result, "type") === "create" ? "created" : "edited" }] = changes;
    this.#edits++;
    this.#apply(change as FileChange, part);
  }

  /** A plan is no change of the project, but it is what the session made. */
  #plan(path: string): void {
    this.#plans.delete(path);
    this.#plans.add(path);
    this.#mayHaveChanged = true;
  }

  /** Reads the notification that a background command ended. Ignores other texts. */
  notice(content: unknown): void {
    if (typeof content !== "string" || !content.startsWith("<task-notification>")) return;
    const [, id = ""] = /<tool-use-id>([^<]*)/.exec(content) ?? [];
    const outcome = ENDINGS.get(/<status>([^<]*)/.exec(content)?.[1] ?? "");
    const subagent = this.#subagents.get(id);
    if (subagent !== undefined && outcome === "passed") {
      const [, answer = ""] = /<result>\s*([^\n<]*)/.exec(content) ?? [];
      this.#subagents.set(id, { ...subagent, answer: short(answer) });
    }
    const call = this.#background.get(id);
    if (call === undefined || outcome === undefined) return;
    this.#background.delete(id);
    this.#ran(call, { outcome, summary: outcome === "failed" ? (/exit code \d+/.exec(content)?.[0] ?? null) : null });
  }

  /** The call was denied before it ran, or was stopped while it ran. */
  #denied(call: ToolCall, line: Line): void {
    const { tool, kind, target } = call;
    const wasRunning =
      (line.toolDenialKind === "user-rejected" || line.toolDenialKind === "interrupted") &&
      line.toolDenialBeforeRun !== true &&
      textField(line.permissionDecision, "decision") !== "reject";
    if (!wasRunning) this.#denials = [{ tool, text: short(`Not allowed: ${withoutAssignments(target) || tool}`) }];
    else if (kind === "command") this.#ran(call, { outcome: "interrupted", summary: null });
  }

  #commandEnded(id: string, call: ToolCall, result: unknown, end: { output: string; hasFailed: boolean }): void {
    const { output: text, hasFailed: isError } = end;
    if (isError && REJECTED_CALL.test(text)) return;
    const other = call.tool.startsWith("mcp__") ? commandOutput(text) : { output: text, hasFailed: false };
    const [exitCode = other.hasFailed ? "failed" : ""] = EXIT_CODE.exec(text) ?? [];
    const hasFailed = isError || other.hasFailed;
    if (textField(result, "backgroundTaskId") !== undefined) {
      this.#background.set(id, call);
      this.#ran(call, { outcome: "background", summary: null });
      return;
    }
    if (recordOf(result)?.interrupted === true) {
      this.#ran(call, { outcome: "interrupted", summary: null });
      return;
    }
    const output = hasFailed && isError ? text.slice(EXIT_CODE.exec(text)?.[0].length ?? 0) : other.output;
    const checked = { ...call, check: checkOf(call, output) };
    this.#ran(checked, hasFailed ? judge(checked, output, exitCode) : judge(checked, output), hasFailed);
    this.#git(call, output, hasFailed);
  }

  #git({ target }: ToolCall, output: string, hasFailed: boolean): void {
    if (!mayChangeGit(target)) return;
    const { commits, amends, undone, pushes, pullRequests } = gitOutcome(target, output, hasFailed);
    if (undone > 0) this.#commits.splice(-undone);
    if (amends) this.#commits.pop();
    for (const commit of commits) this.#commits.push(commit);
    this.#edits += commits.length;
    for (const push of pushes) {
      this.#pushes.delete(push);
      this.#pushes.add(push);
    }
    for (const address of pullRequests) this.linked(address);
  }

  #failed(call: ToolCall, output: string): void {
    const { tool, kind, target } = call;
    if (kind !== "edit" && (kind !== "other" || REJECTED_CALL.test(output))) return;
    const text = output.replace(TAG, "");
    this.#errors.set(keyOf(call), { tool, text: short(target === "" ? text : `${target}: ${text}`) });
  }

  /** @param hasFailed - whether the client says so; the output of a success may show a failure, too */
  #ran(call: ToolCall, { outcome, summary }: CommandEnd, hasFailed = outcome !== "passed"): void {
    const { tool, target, check } = call;
    const command = check?.text ?? target;
    const key = check === null ? target : `${check.folder} ${check.text}`;
    const shown = call.staysBehind && outcome === "passed" ? "background" : outcome;
    // A failure is not answered by a run whose end was not seen.
    const isStillFailed = outcome === "unknown" && this.#commands.get(key)?.outcome === "failed";
    const failures = (this.#commands.get(key)?.failures ?? 0) + (outcome === "failed" ? 1 : 0);
    if (!isStillFailed) this.#commands.set(key, { command, outcome: shown, check, summary, failures });
    this.#hasWorkedSinceTodos = true;
    if (outcome === "failed")
      this.#errors.set(keyOf(call), { tool, text: short(`${withoutAssignments(command)}: ${summary ?? outcome}`) });
    if (outcome === "passed") this.#errors.delete(keyOf(call));
    if (!hasFailed) this.#changedBy(call);
  }

  /** The files that a command changed that succeeded. */
  #changedBy({ changes, mayChange }: ToolCall): void {
    this.#mayHaveChanged ||= mayChange;
    for (const change of changes) {
      if (!change.isUnsure) this.#edits++;
      this.#apply(change, null);
    }
  }

  #apply({ path, change, from, isUnsure }: FileChange, part: EditedPart | null): void {
    const moved = from === undefined ? undefined : this.#files.get(from);
    if (from !== undefined) this.#files.delete(from);
    const known = this.#files.get(path) ?? moved;
    // It is set again as the last one.
    this.#files.delete(path);
    this.#hasWorkedSinceTodos = true;
    const wasThere = known?.wasThere ?? (change !== "created" || from !== undefined);
    const isReplaced = part?.isWhole === true && !wasThere;
    this.#files.set(path, {
      wasThere,
      isThere: change !== "deleted",
      from: known?.from ?? from,
      added: (isReplaced ? 0 : (known?.added ?? 0)) + (part?.added ?? 0),
      removed: (isReplaced ? 0 : (known?.removed ?? 0)) + (part?.removed ?? 0),
      isCounted: isReplaced || ((known?.isCounted ?? true) && (part === null ? from !== undefined : !part.isWhole)),
      part: part?.name || known?.part || "",
      isUnsure: isUnsure === true && known === undefined,
    });
    this.#errors.delete(`edit ${path}`);
  }
}

/** Equal for all edits of a file, for all runs of a command, and for all calls of another tool. */
function keyOf({ tool, kind, target, check }: ToolCall): string {
  return `${kind} ${check?.text ?? (target || tool)}`;
}

function changeOf([path, state]: [string, FileState]): ChangedFile[] {
  const { wasThere, isThere, from, added, removed, isCounted, part, isUnsure } = state;
  if (!wasThere && !isThere) return [];
  return [
    {
      path,
      change: isThere ? (wasThere ? "edited" : "created") : "deleted",
      ...(from !== undefined && isThere && { from }),
      ...(isCounted && added + removed > 0 && isThere && { added, removed }),
      ...(part !== "" && isThere && { part }),
      ...(isUnsure && { isUnsure }),
    },
  ];
}
