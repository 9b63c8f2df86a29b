import { recordOf, textField } from "../../client/disk/private-file.ts";
import { withoutPart } from "../../client/text/clip.ts";
import { type CheckRun, checkIn } from "../tools/check-run.ts";
import { type EditedPart, editedPart } from "../tools/edited-part.ts";
import { type FileChange, fileChangesBy } from "../tools/file-changes.ts";
import { mayChangeGit } from "../tools/git-outcome.ts";
import { otherTool } from "../tools/other-tools.ts";
import { onlyLooks } from "../tools/programs.ts";
import { simpleCommands } from "../tools/simple-commands.ts";
import { RecentMap } from "./recent-map.ts";
import { bounded, type Line } from "./transcript-line.ts";

/** The parts of a tool call that matter for its result. */
export interface ToolCall {
  readonly tool: string;
  /** `look` changes nothing, so its failures do not count as errors. */
  readonly kind: "edit" | "command" | "todo" | "ask" | "agent" | "look" | "other";
  /** The edited file or the command, else empty. */
  readonly target: string;
  /** The folder in which a command runs. */
  readonly folder: string | undefined;
  /** Set if the command is known to check the work. */
  readonly check: CheckRun | null;
  /** The files that it changes if it succeeds. For an edit only if its result does not tell how. */
  readonly changes: readonly FileChange[];
  /** What an edit changes in its file. */
  readonly part: EditedPart | null;
  /** Whether a command leaves a process running. */
  readonly staysBehind: boolean;
  /** Whether it may change files in other ways than {@link changes} tells. */
  readonly mayChange: boolean;
  /** Whether the command prints its exit code last. The client then reports success whatever happened. */
  readonly printsOutcome: boolean;
  /** Whether even a successful result must be read; `problems`: if it looks like the output of tests or of a failed check. */
  readonly needsText: boolean | "problems";
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
  ["exit_plan_mode", "ask"],
]);
const LOOKS =
  /^(?:Read|NotebookRead|Grep|Glob|LS|ToolSearch|Web(?:Fetch|Search)|Skill|SlashCommand|EnterPlanMode|Task(?:Get|Output|Stop)|BashOutput|KillShell|KillBash|ListMcpResourcesTool|ReadMcpResourceTool)$/;

const LEFT_RUNNING = /(?:^|[^&>|])&(?![&>\d])/;

/** How much of a command is read: only a script can be longer. In UTF-16 code units. */
const MAX_READ_CHARS = 20_000;
/** Longer commands are shown cut. In UTF-16 code units. */
const MAX_COMMAND_CHARS = 2_000;

export function isLook(tool: string): boolean {
  return LOOKS.test(tool);
}

export function toolCall(tool: string, input: unknown, { cwd }: Line): ToolCall {
  const known = KINDS.get(tool) ?? (LOOKS.test(tool) ? "look" : undefined);
  const other = known === undefined ? otherTool(tool, input) : { kind: known, target: targetOf(known, input) };
  const { kind: meant, target } = other;
  const kind = target === "" && (meant === "edit" || meant === "command") ? "look" : meant;
  const folder = typeof cwd === "string" ? cwd : undefined;
  if (kind === "command") {
    const command = commandCall(bounded(target, MAX_READ_CHARS, 0), folder, tool === "PowerShell");
    return { ...command, tool, kind, folder, part: null, input: null };
  }
  const change = "change" in other ? other.change : undefined;
  return {
    tool,
    kind,
    target,
    folder,
    check: null,
    changes: kind === "edit" && known === undefined ? [changeOf(target, change)] : [],
    part: kind === "edit" ? editedPart(recordOf(input) ?? {}) : null,
    staysBehind: false,
    mayChange: kind === "agent" || kind === "other",
    printsOutcome: false,
    needsText: kind !== "edit" && kind !== "look",
    input: neededOf(kind, input),
  };
}

/** The text of an edit and the prompt for a subagent are not kept. */
function neededOf(kind: ToolCall["kind"], input: unknown): unknown {
  if (kind === "agent") return { description: textField(input, "description") };
  return kind === "todo" ? input : null;
}

function targetOf(kind: ToolCall["kind"], input: unknown): string {
  if (kind === "edit") return textField(input, "file_path") ?? textField(input, "notebook_path") ?? "";
  return kind === "command" ? (textField(input, "command")?.trim() ?? "") : "";
}

function changeOf(path: string, change: "created" | "deleted" | { readonly from: string } | undefined): FileChange {
  return typeof change === "object"
    ? { path, change: "created", from: change.from }
    : { path, change: change ?? "edited" };
}

/** Claude often runs the same command again. */
const MAX_REMEMBERED = 50;
const remembered = new RecentMap<CommandCall>(MAX_REMEMBERED);

/** What follows from the command alone. */
type CommandCall = Omit<ToolCall, "tool" | "kind" | "folder" | "part" | "input">;

function commandCall(command: string, folder: string | undefined, isPowerShell: boolean): CommandCall {
  const key = `${isPowerShell} ${folder} ${command}`;
  const known = remembered.get(key) ?? newCommandCall(command, folder, isPowerShell);
  if (command.length <= MAX_COMMAND_CHARS) remembered.set(key, known);
  return known;
}

function newCommandCall(command: string, folder: string | undefined, isPowerShell: boolean): CommandCall {
  const commands = simpleCommands(command, isPowerShell);
  const check = checkIn(command, commands);
  const printsOutcome = endsWithOutcome(command);
  const looks = commands.every(({ program }) => program === null || onlyLooks(program));
  return {
    target: cut(command),
    check,
    changes: fileChangesBy(command, folder, commands),
    staysBehind:
      LEFT_RUNNING.test(command) &&
      commands.some(({ next, program }) => next === "&" && program !== null && !onlyLooks(program)),
    mayChange: !looks,
    printsOutcome,
    needsText: check?.kind === "test" || printsOutcome || mayChangeGit(command) || (looks ? false : "problems"),
  };
}

/** Whether the last command of the line is an `echo` of an exit code. */
function endsWithOutcome(line: string): boolean {
  const begin = Math.max(...[";", "&", "|"].map((sign) => line.lastIndexOf(sign)));
  const last = line.slice(begin + 1).trimStart();
  return begin !== -1 && /^echo\b/.test(last) && /\$(?:\?|\{?PIPESTATUS)/.test(last);
}

function cut(command: string): string {
  return command.length > MAX_COMMAND_CHARS ? `${withoutPart(command.slice(0, MAX_COMMAND_CHARS - 1))}…` : command;
}
