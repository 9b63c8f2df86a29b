import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { counted } from "../../client/text/counted.ts";
import { commandAsCode, printedAsCode } from "../markdown.ts";
import { isSubstantial, withoutPaste } from "../transcript/prompt-weight.ts";
import type { OpenError, RanCommand, TranscriptFacts } from "../transcript/transcript-facts.ts";
import { failedLast, failingChecks, shownCommand } from "./checks.ts";

const MAX_ITEM_CHARS = 120;
const MAX_NEXT_CHARS = 220;
const MAX_NAME_CHARS = 70;
const MAX_FAILING = 2;

/** What is open, the next step first: a request that was not finished, a question, tasks, failures, running processes. */
export function openItems(facts: TranscriptFacts, wasKilled: boolean): string[] {
  const { ending, openErrors, commands } = facts;
  const request = openRequest(facts, wasKilled);
  const question = ending.question ?? askedLast(facts);
  const steps =
    request === null && question === null
      ? nextSteps(facts)
      : nextSteps(facts).map((text) => text.replace(/^Next: /, ""));
  const failing = failingChecks(commands);
  const killed = commands.findLastIndex(({ command, outcome }) => outcome === "passed" && KILLS.test(command));
  const running = commands.filter(({ outcome }, at) => outcome === "background" && at > killed);
  return [
    ...(request === null ? [] : [item(`Next: ${request}`, MAX_NEXT_CHARS)]),
    ...(question === null ? [] : [item(`Claude asked, and nobody answered: ${question}`, MAX_NEXT_CHARS)]),
    ...steps.slice(0, 1).map((text) => item(text, MAX_NEXT_CHARS)),
    ...failing.slice(0, MAX_FAILING).map(ran),
    ...(failing.length > MAX_FAILING
      ? [`- ${counted(failing.length - MAX_FAILING, "other check")} failed before`]
      : []),
    ...failedLast(commands).map(ran),
    ...openErrors.filter(isOfWork).map(errorItem),
    ...steps.slice(1).map((text) => item(text)),
    ...openAtCompaction(facts),
    ...running.map(
      (command) => `- Left running (no end was seen): ${commandAsCode(shownCommand(command), MAX_NAME_CHARS)}`,
    ),
  ];
}

const KILLS = /\b(?:p?kill|killall|taskkill|stop-process)\b/i;

/** The last prompt that says something. */
export function lastRequest({ prompts }: TranscriptFacts): string | undefined {
  return prompts.slice(-MAX_LAST).map(withoutPaste).findLast(isSubstantial) ?? prompts.at(-1);
}

/** How many of the last prompts may be mere answers. */
const MAX_LAST = 50;

/** The last request, if Claude has not finished it; null otherwise. */
function openRequest(facts: TranscriptFacts, wasKilled: boolean): string | null {
  const { cutOff, isInterrupted, isAnswered, isTurnOver } = facts.ending;
  const request = lastRequest(facts);
  if (request === undefined) return null;
  const text = clip(inOneLine(request), MAX_NEXT_CHARS - 50);
  if (cutOff !== null || isInterrupted) return `${text} (asked last, not finished)`;
  if (!isAnswered) return `${text} (asked last, not answered)`;
  return wasKilled && !isTurnOver ? `${text} (asked last; the client was killed, so it may not be finished)` : null;
}

/** The question with which Claude's last answer ends. */
function askedLast({ lastAnswer, ending }: TranscriptFacts): string | null {
  const last = lastAnswer?.trim().split("\n").at(-1) ?? "";
  if (!ending.isAnswered || !/[?？]["”»*_)]*$/.test(last)) return null;
  const sentences = last.split(/(?<=[.!?。！？])\s+/);
  return sentences.at(-1)?.replace(/[*_]+/g, "") ?? null;
}

/** Prompts after which a list that nobody touched says nothing about the state. */
const FORGOTTEN_AFTER = 2;

/** Whether Claude has left its task list behind. */
export function isForgotten({ promptsSinceTodos }: TranscriptFacts): boolean {
  return promptsSinceTodos >= FORGOTTEN_AFTER;
}

/** Claude's tasks; else what the client wrote about the next step. */
function nextSteps(facts: TranscriptFacts): string[] {
  const { todos, recap, summary, prompts, promptsBeforeSummary } = facts;
  const open = isForgotten(facts)
    ? []
    : [...todos.filter(({ state }) => state === "in_progress"), ...todos.filter(({ state }) => state === "pending")];
  const [first, ...later] = open;
  if (first !== undefined)
    return [
      `Next: ${first.text}${first.state === "in_progress" ? " (in progress)" : ""}`,
      ...later.map(({ text }) => text),
    ];
  const [, next] = /\bNext(?: steps?| up)?(?: is)?[:,]? (?:to )?([\s\S]+)$/.exec(recap ?? "") ?? [];
  if (next !== undefined) return [`Next: ${next.trim()}`];
  const isCurrent = prompts.slice(promptsBeforeSummary).filter(isSubstantial).length === 0;
  if (summary === null || !isCurrent) return [];
  const steps = [...(summary.next ? [summary.next] : []), ...summary.pending];
  return steps.map((text, at) => (at === 0 ? `Next: ${text}` : text));
}

const MAX_AT_COMPACTION = 3;

/** What was pending when the client compacted the session. It may have been done since. */
function openAtCompaction({ summary, prompts, promptsBeforeSummary }: TranscriptFacts): string[] {
  if (summary === null || prompts.slice(promptsBeforeSummary).filter(isSubstantial).length === 0) return [];
  return summary.pending.slice(0, MAX_AT_COMPACTION).map((text) => item(`Open before the last compaction: ${text}`));
}

/** Refusals of the client's tools that Claude deals with by itself, and of tools that only look. */
const PROTOCOL =
  /has not been read yet|modified since read|String to replace not found|Found \d+ matches|no changes to make|InputValidation|Input validation|validation error|required property|Invalid (?:arguments|parameters|input)|Missing required|No such tool|not found in file|does not exist|exceeds maximum/i;

function isOfWork({ tool, text }: OpenError): boolean {
  return tool !== "Bash" && tool !== "PowerShell" && !PROTOCOL.test(text) ? true : text.startsWith("Not allowed: ");
}

function errorItem({ tool, text }: OpenError): string {
  const [, denied] = /^Not allowed: ([\s\S]*)$/.exec(text) ?? [];
  const start = denied === undefined ? `${clip(inOneLine(tool), MAX_NAME_CHARS)} failed:` : "Not allowed:";
  return `- ${start} ${printedAsCode(denied ?? text, MAX_ITEM_CHARS - start.length)}`;
}

/** "- `npm test`: failed, 2 of 10 tests" */
export function ran(command: RanCommand): string {
  const { outcome, summary, failures } = command;
  const what = commandAsCode(shownCommand(command), MAX_NAME_CHARS);
  const times = outcome === "failed" && failures > 1 ? ` ${failures} times` : "";
  return `- ${what}: ${outcome === "unknown" ? "outcome not known" : outcome}${times}${summary === null ? "" : `, ${printedAsCode(summary, MAX_ITEM_CHARS - MAX_NAME_CHARS + 20)}`}`;
}

export function item(text: string, maxChars = MAX_ITEM_CHARS): string {
  return `- ${clip(inOneLine(text), maxChars)}`;
}
