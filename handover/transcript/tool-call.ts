import { textField } from "../../client/disk/private-file.ts";
import { withoutPart } from "../../client/text/clip.ts";
import { isTestRun } from "./shell-command.ts";
import type { Line } from "./transcript-line.ts";

/** The parts of a tool call that matter for its result. */
export interface ToolCall {
  readonly tool: string;
  /** `look` changes nothing, so its failures do not count as errors. */
  readonly kind: "edit" | "command" | "todo" | "ask" | "look" | "other";
  /** The edited file or the command, else empty. */
  readonly target: string;
  /** The folder in which a command runs. */
  readonly folder: string | undefined;
  readonly isTest: boolean;
  /** Whether the command prints its exit code last. The client then reports success whatever happened. */
  readonly printsOutcome: boolean;
  /** Whether even a successful result must be read. */
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

/** Longer commands are cut. In UTF-16 code units. */
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
  // The text of an edit is not kept.
  return { tool, kind, target, folder, isTest, printsOutcome, needsText, input: kind === "todo" ? input : null };
}

function cut(command: string): string {
  return command.length > MAX_COMMAND_CHARS ? `${withoutPart(command.slice(0, MAX_COMMAND_CHARS - 1))}…` : command;
}
