import { recordOf, textField } from "../../client/disk/private-file.ts";
import { type CommandEnd, judge, short } from "./command-result.ts";
import { decisionsOf } from "./persons-words.ts";
import { RecentMap } from "./recent-map.ts";
import { deletionBy } from "./shell-command.ts";
import { TodoList } from "./todo-list.ts";
import type { ToolCall } from "./tool-call.ts";
import type { ChangedFile, Decision, OpenError, RanCommand, TranscriptFacts } from "./transcript-facts.ts";
import { type Line, textOf } from "./transcript-line.ts";

/** How many different commands and errors are kept. */
const MAX_KEPT = 1_000;
/** How many background commands are tracked. */
const MAX_BACKGROUND = 100;

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

type Facts = Pick<TranscriptFacts, "decisions" | "files" | "edits" | "commands" | "todos" | "openErrors">;

/** Collects what Claude's tools did, from their results. */
export class WorkDone {
  readonly #decisions: Decision[] = [];
  readonly #files = new Map<string, { readonly wasThere: boolean; readonly isThere: boolean }>();
  #edits = 0;
  readonly #commands = new RecentMap<RanCommand>(MAX_KEPT);
  /** By the id of the call. */
  readonly #background = new RecentMap<ToolCall>(MAX_BACKGROUND);
  readonly #todos = new TodoList();
  /** By {@link keyOf} the call that would resolve it. */
  readonly #errors = new RecentMap<OpenError>(MAX_KEPT);
  /** The last denied call, until the session continues. */
  #denials: OpenError[] = [];

  facts(): Facts {
    return {
      decisions: this.#decisions,
      files: [...this.#files].flatMap(changeOf),
      edits: this.#edits,
      commands: this.#commands.values(),
      todos: this.#todos.list(),
      openErrors: [...this.#errors.values(), ...this.#denials],
    };
  }

  continued(): void {
    this.#denials = [];
  }

  /** Applies the result of a call. */
  settle(id: string, call: ToolCall, line: Line, block: Line): void {
    const { tool, kind, target } = call;
    const result = line.toolUseResult;
    const output = textOf(block.content);
    // Results of other servers' tools can have any shape. A notebook's result has its error inside.
    const isError = kind !== "other" && (typeof result === "string" || Boolean(textField(result, "error")));
    const hasFailed = block.is_error === true || isError;
    if (hasFailed && (line.toolDenialKind !== undefined || DENIED.test(output))) this.#denied(call, line);
    else if (kind === "command") this.#commandEnded(id, call, result, { output, hasFailed });
    else if (hasFailed) this.#failed(call, output || (textField(result, "error") ?? ""));
    else {
      this.#errors.delete(keyOf(call));
      if (kind === "edit" && !PLAN.test(target)) {
        this.#edits++;
        this.#change(target, textField(result, "type") !== "create", true);
      }
      if (kind === "todo") this.#todos.apply(tool, call.input, result);
      if (kind === "ask") this.#decisions.push(...decisionsOf(line));
    }
  }

  /** Reads the notification that a background command ended. Ignores other texts. */
  notice(content: unknown): void {
    if (typeof content !== "string" || !content.startsWith("<task-notification>")) return;
    const [, id = ""] = /<tool-use-id>([^<]*)/.exec(content) ?? [];
    const outcome = ENDINGS.get(/<status>([^<]*)/.exec(content)?.[1] ?? "");
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
    if (!wasRunning) this.#denials = [{ tool, text: short(`Not allowed: ${target || tool}`) }];
    else if (kind === "command") this.#ran(call, { outcome: "interrupted", summary: null });
  }

  #commandEnded(id: string, call: ToolCall, result: unknown, end: { output: string; hasFailed: boolean }): void {
    const { output, hasFailed } = end;
    if (hasFailed && REJECTED_CALL.test(output)) return;
    const [exitCode = ""] = EXIT_CODE.exec(output) ?? [];
    if (textField(result, "backgroundTaskId") !== undefined) {
      this.#background.set(id, call);
      this.#ran(call, { outcome: "background", summary: null });
    } else if (recordOf(result)?.interrupted === true) this.#ran(call, { outcome: "interrupted", summary: null });
    else this.#ran(call, hasFailed ? judge(call, output.slice(exitCode.length), exitCode) : judge(call, output));
  }

  #failed(call: ToolCall, output: string): void {
    const { tool, kind, target } = call;
    if (kind !== "edit" && (kind !== "other" || REJECTED_CALL.test(output))) return;
    const text = output.replace(TAG, "");
    this.#errors.set(keyOf(call), { tool, text: short(target === "" ? text : `${target}: ${text}`) });
  }

  #ran(call: ToolCall, { outcome, summary }: CommandEnd): void {
    const { tool, target: command, isTest, folder } = call;
    this.#commands.set(command, { command, outcome, isTest, summary });
    if (outcome === "failed") this.#errors.set(keyOf(call), { tool, text: short(`${command}: ${summary ?? outcome}`) });
    if (outcome !== "passed") return;
    this.#errors.delete(keyOf(call));
    const { paths, wereThere } = deletionBy(command, folder);
    for (const path of paths) {
      if (wereThere || this.#files.get(path)?.isThere) this.#change(path, true, false);
    }
  }

  #change(path: string, wasThere: boolean, isThere: boolean): void {
    this.#files.set(path, { wasThere: this.#files.get(path)?.wasThere ?? wasThere, isThere });
    this.#errors.delete(`edit ${path}`);
  }
}

/** Equal for all edits of a file, for all runs of a command, and for all calls of another tool. */
function keyOf({ tool, kind, target }: ToolCall): string {
  return `${kind} ${target || tool}`;
}

function changeOf([path, { wasThere, isThere }]: [string, { wasThere: boolean; isThere: boolean }]): ChangedFile[] {
  if (!wasThere && !isThere) return [];
  return [{ path, change: isThere ? (wasThere ? "edited" : "created") : "deleted" }];
}
