import { textField } from "../../client/disk/private-file.ts";
import { isTestRun } from "./test-run.ts";
import type { Line } from "./transcript-line.ts";

/** A tool call that Claude asked for, as far as its outcome matters. */
export interface ToolCall {
  readonly tool: string;
  /** `look`: it changes nothing, so what it does not find is no error of the work. */
  readonly kind: "edit" | "command" | "todo" | "ask" | "look" | "other";
  /** The file that is edited or the command that runs, else empty. */
  readonly target: string;
  /** Where a command runs. */
  readonly folder: string | undefined;
  readonly isTest: boolean;
  /** The client calls it a success whatever happened: the real outcome is the number at the end of its output. */
  readonly printsOutcome: boolean;
  /** Even its success is not told without what it says. */
  readonly needsText: boolean;
  readonly input: unknown;
}

const KINDS: ReadonlyMap<string, ToolCall["kind"]> = new Map([
  ["Edit", "edit"],
  ["MultiEdit", "edit"],
  ["Write", "edit"],
  ["NotebookEdit", "edit"],
  ["Bash", "command"],
  ["PowerShell", "command"],
  ["TodoWrite", "todo"],
  ["TaskCreate", "todo"],
  ["TaskUpdate", "todo"],
  ["TaskList", "todo"],
  ["AskUserQuestion", "ask"],
  ["ExitPlanMode", "ask"],
]);
const LOOKS =
  /^(?:Read|Grep|Glob|LS|ToolSearch|Web(?:Fetch|Search)|Skill|Task(?:Get|Output|Stop)|BashOutput|KillShell)$/;

const PRINTS_OUTCOME = /[;&|]\s*echo\b[^;&|]*\$(?:\?|\{?PIPESTATUS)[^;&|]*$/;

/** A longer command is cut. In UTF-16 code units. */
const MAX_COMMAND_CHARS = 2_000;

export function isLook(tool: string): boolean {
  return LOOKS.test(tool);
}

export function toolCall(tool: string, input: unknown, { cwd }: Line): ToolCall {
  const known = KINDS.get(tool) ?? (LOOKS.test(tool) ? "look" : "other");
  const path = textField(input, "file_path") ?? textField(input, "notebook_path") ?? "";
  const command = textField(input, "command")?.trim() ?? "";
  const target = known === "edit" ? path : known === "command" ? cut(command) : "";
  const kind = target === "" && (known === "edit" || known === "command") ? "look" : known;
  const isTest = kind === "command" && isTestRun(target);
  const printsOutcome = PRINTS_OUTCOME.test(target);
  const needsText = isTest || printsOutcome || kind === "todo" || kind === "ask" || kind === "other";
  const folder = typeof cwd === "string" ? cwd : undefined;
  // What an edit writes is not kept.
  return { tool, kind, target, folder, isTest, printsOutcome, needsText, input: kind === "todo" ? input : null };
}

function cut(command: string): string {
  return command.length > MAX_COMMAND_CHARS ? `${command.slice(0, MAX_COMMAND_CHARS - 1)}…` : command;
}
