import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import type { GitFacts } from "../git/facts-from-git.ts";
import { code, commandAsCode, fitting, quote, withRest } from "../markdown.ts";
import type { RanCommand, TranscriptFacts } from "../transcript/transcript-facts.ts";
import { gitLine } from "./git-line.ts";
import { shownPath } from "./shown-path.ts";
import { stateLines } from "./state-lines.ts";

export interface DraftFacts {
  readonly project: string | null;
  /** The session's folder. */
  readonly folder: string;
  /** The person's home folder. */
  readonly home: string;
  readonly transcript: TranscriptFacts;
  readonly git: GitFacts | null;
  /** Why the state in git is not known, as a sentence. */
  readonly gitTrouble?: string | null;
}

/** A minute of reading, and about 750 tokens for Claude. All limits are in UTF-16 code units. */
export const MAX_DRAFT_CHARS = 3_000;

// Each section has a limit, without its heading. Claude's last answer gets the rest, at least 200.
const MAX_GOAL_CHARS = 350;
const MAX_LATER_CHARS = 280;
const MAX_DONE_CHARS = 200;
const MAX_OPEN_CHARS = 320;
const MAX_FILES_CHARS = 260;
const MAX_CHECKS_CHARS = 150;
const MAX_DEAD_ENDS_CHARS = 150;
const MAX_ITEM_CHARS = 120;
const MAX_NAME_CHARS = 70;

/**
 * Writes the handover: goal, state, what is done, what is open (the next step first), files, how to check, dead ends, git.
 * The same facts always give the same text. Long lists are cut at whole items and say how many are left out.
 */
export function renderDraft(facts: DraftFacts): string {
  const { transcript, project, git, gitTrouble } = facts;
  const before = [
    `# Handover${project === null ? "" : `: ${project}`}`,
    ...goal(transcript.prompts),
    ...section("State", stateLines(transcript)),
  ];
  const done = doneItems(transcript);
  const after = [
    ...section("Open", bounded(openItems(transcript), MAX_OPEN_CHARS)),
    ...section("Files", files(facts)),
    ...section("How to check", bounded(transcript.commands.filter(({ isTest }) => isTest).map(ran), MAX_CHECKS_CHARS)),
    ...section("Dead ends", bounded(deadEnds(transcript.commands).map(ran), MAX_DEAD_ENDS_CHARS)),
    ...section("Git", git !== null ? [gitLine(git)] : gitTrouble ? [`Not known: ${gitTrouble}`] : []),
  ];
  const heading = ["## Done", ...(done.length > 0 ? [done.join("\n")] : [])];
  if (transcript.lastAnswer === null) return [...before, ...(done.length > 0 ? heading : []), ...after].join("\n\n");
  const intro = "Claude's last answer:";
  const left = MAX_DRAFT_CHARS - [...before, ...heading, intro, "", ...after].join("\n\n").length;
  return [...before, ...heading, intro, quote(transcript.lastAnswer, left), ...after].join("\n\n");
}

function goal([first, ...later]: readonly string[]): string[] {
  if (first === undefined) return [];
  const parts = ["## Goal", quote(first, MAX_GOAL_CHARS)];
  if (later.length === 0) return parts;
  // The newest prompts say most about the current state, so the oldest are left out.
  const newestFirst = later.map((prompt) => `- ${clip(inOneLine(prompt), MAX_ITEM_CHARS)}`).reverse();
  const shown = fitting(newestFirst, "\n", MAX_LATER_CHARS).reverse();
  const left = later.length - shown.length;
  return [...parts, ["Later prompts:", ...(left > 0 ? [`- (and ${left} earlier ones)`] : []), ...shown].join("\n")];
}

function doneItems({ todos, decisions }: TranscriptFacts): string[] {
  const completed = todos.filter(({ state }) => state === "completed").map(({ text }) => item(text));
  const decided = decisions.map(({ question, answer }) => item(`Decided: ${question} → ${answer}`));
  return bounded([...decided, ...completed], MAX_DONE_CHARS);
}

/** The next step first, then failures, then the other tasks. */
function openItems({ todos, commands, openErrors }: TranscriptFacts): string[] {
  const [next, ...later] = [
    ...todos.filter(({ state }) => state === "in_progress"),
    ...todos.filter(({ state }) => state === "pending"),
  ];
  const failed = commands.filter((each) => isOpen(each, commands)).map(ran);
  const errors = openErrors
    .filter(({ tool }) => tool !== "Bash")
    .map(({ tool, text }) => item(`${tool} failed: ${text}`));
  return [
    ...(next ? [item(`Next: ${next.text}${next.state === "in_progress" ? " (in progress)" : ""}`)] : []),
    ...failed,
    ...errors,
    ...later.map(({ text }) => item(text)),
  ];
}

/** A failed test run stays open. Another failed command is open until a later command passes. */
function isOpen(command: RanCommand, all: readonly RanCommand[]): boolean {
  if (!hasFailed(command)) return false;
  return command.isTest || !all.slice(all.indexOf(command) + 1).some(({ outcome }) => outcome === "passed");
}

function deadEnds(commands: readonly RanCommand[]): RanCommand[] {
  return commands.filter((command) => hasFailed(command) && !isOpen(command, commands));
}

function hasFailed({ outcome }: RanCommand): boolean {
  return outcome === "failed" || outcome === "interrupted";
}

/** "- `npm test`: failed, 2 of 10 tests" */
function ran({ command, outcome, summary }: RanCommand): string {
  const what = commandAsCode(inOneLine(command), MAX_NAME_CHARS);
  return `- ${what}: ${outcome}${summary === null ? "" : `, ${clip(inOneLine(summary), MAX_ITEM_CHARS - MAX_NAME_CHARS)}`}`;
}

function files({ transcript, git, folder, home }: DraftFacts): string[] {
  const roots = git === null ? [folder] : [git.root, folder];
  const items = transcript.files.map(
    ({ path, change }) => `- ${code(shownPath(path, roots, home), MAX_NAME_CHARS)} (${change})`,
  );
  return bounded(items, MAX_FILES_CHARS);
}

function item(text: string): string {
  return `- ${clip(inOneLine(text), MAX_ITEM_CHARS)}`;
}

function bounded(items: readonly string[], maxChars: number): string[] {
  return withRest(items, fitting(items, "\n", maxChars), (left) => `- and ${left} more`);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join("\n")];
}
