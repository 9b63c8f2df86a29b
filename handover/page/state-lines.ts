import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { counted } from "../../client/text/counted.ts";
import { commandAsCode, printedAsCode } from "../markdown.ts";
import type { RanCommand, TranscriptFacts } from "../transcript/transcript-facts.ts";
import { lastOtherCheck, lastTest, shownCommand } from "./checks.ts";
import type { PageFile } from "./file-lines.ts";
import { isForgotten, lastRequest } from "./open-items.ts";

const MAX_COMMAND_CHARS = 60;
const MAX_SUMMARY_CHARS = 90;
const MAX_REASON_CHARS = 110;
const MAX_REQUEST_CHARS = 80;

interface Known {
  readonly facts: TranscriptFacts;
  readonly files: readonly PageFile[];
  readonly commits: number;
  readonly wasKilled: boolean;
  readonly isEndedByPerson: boolean;
}

/** Said at the end of a session that the person ended. It is no news in a handover. */
export const ENDED_BY_PERSON = "; ended by the person";

/** The state of a session: why it could not go on, its progress, its last check, and the client's recap. */
export function stateLines(known: Known): (maxRecapChars: number) => string[] {
  const { facts } = known;
  const far = [...tasks(facts), ...changes(known), ...subagents(facts), ...course(facts)].join("; ");
  const isEnded = known.isEndedByPerson || facts.ending.isExited;
  const lines = [
    ...stopped(known),
    ...(far === "" ? [] : [`${far}${isEnded ? ENDED_BY_PERSON : ""}.`]),
    ...lastCheck(known),
  ];
  const recap = facts.recap === null ? null : inOneLine(facts.recap);
  return (maxRecapChars) => {
    const all = recap === null || maxRecapChars <= 0 ? lines : [...lines, `Recap: ${clip(recap, maxRecapChars)}`];
    // The two spaces: two lines of one paragraph would run together.
    return all.map((line, at) => (at < all.length - 1 ? `${line}  ` : line));
  };
}

/** Why Claude does not go on, if it did not end by itself. */
function stopped({ facts, wasKilled }: Known): string[] {
  const { cutOff, isInterrupted } = facts.ending;
  const request = lastRequest(facts);
  const during = request === undefined ? "" : `, while it worked on “${clip(inOneLine(request), MAX_REQUEST_CHARS)}”`;
  if (cutOff !== null)
    return [`Cut off: ${clip(inOneLine(cutOff), MAX_REASON_CHARS)}${during}. That request is not done.`];
  if (isInterrupted) return [`Interrupted by the person${during}.`];
  return wasKilled ? ["The client was killed, or it crashed."] : [];
}

function tasks(facts: TranscriptFacts): string[] {
  const { todos, finished, promptsSinceTodos } = facts;
  const open = todos.filter(({ state }) => state !== "completed").length;
  if (isForgotten(facts) && open > 0) {
    return [`a task list was not touched for the last ${counted(promptsSinceTodos, "prompt")}`];
  }
  const total = finished.length + open;
  return total === 0 ? [] : [`${finished.length} of ${total} tasks done`];
}

function changes({ facts, files, commits }: Known): string[] {
  const { prompts, mayHaveChanged, subagents: agents, plans, olderFiles } = facts;
  const made = commits > 0 ? [counted(commits, "commit")] : [];
  if (files.length > 0) return [`${counted(files.length + olderFiles, "file")} changed`, ...made];
  const isSure = prompts.length > 0 && !mayHaveChanged && agents.length === 0 && plans.length === 0 && commits === 0;
  return isSure ? ["No files changed"] : made;
}

function subagents({ subagents: agents }: TranscriptFacts): string[] {
  return agents.length === 0 ? [] : [`${counted(agents.length, "subagent")} worked`];
}

/** The duration, the model, and how often the session was compacted or resumed. */
function course({ startedAt, endedAt, model, compactions, resumes }: TranscriptFacts): string[] {
  const minutes = startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 60_000);
  const times = [
    ...(compactions > 0 ? [`compacted ${compactions}×`] : []),
    ...(resumes > 0 ? [`resumed ${resumes}×`] : []),
  ];
  const span = minutes === null || minutes < 1 ? [] : [spanText(minutes)];
  const course = [...span, ...(model === null ? [] : [clip(inOneLine(model), 40)]), ...times].join(", ");
  return course === "" ? [] : [course];
}

/** Longer spans include nights. */
function spanText(minutes: number): string {
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 24 ? `${hours} h` : `over ${counted(Math.ceil(hours / 24), "day")}`;
}

/** Files that no test is about. */
const DOCUMENT =
  /\.(?:md|mdx|markdown|txt|rst|adoc|org|tex|docx?|odt|pdf|rtf|pptx?|csv|png|jpe?g|gif|svg|webp)$|(?:^|\/)(?:LICEN[CS]E|NOTICE|AUTHORS|CHANGELOG|README|\.gitignore)$|\/$/i;

function lastCheck({ facts, files }: Known): string[] {
  const { commands } = facts;
  const test = lastTest(commands);
  const other = lastOtherCheck(commands);
  if (test !== undefined) return [`Last check: ${ended(checkText(test))}`];
  const isAboutCode = files.some(({ name }) => !DOCUMENT.test(name));
  const none = isAboutCode ? ["No test was seen."] : [];
  return other === undefined ? none : [[`Last check: ${ended(checkText(other))}`, ...none].join(" ")];
}

const OUTCOMES = {
  passed: "passed",
  failed: "failed",
  interrupted: "was interrupted",
  background: "is still running",
  unknown: "may have run, outcome not known",
} as const;

function checkText(command: RanCommand): string {
  const { outcome, summary } = command;
  const said = summary === null ? "" : `, ${printedAsCode(summary, MAX_SUMMARY_CHARS)}`;
  return `${commandAsCode(shownCommand(command), MAX_COMMAND_CHARS)} ${OUTCOMES[outcome]}${said}`;
}

function ended(sentence: string): string {
  return /\.`?$/.test(sentence) ? sentence : `${sentence}.`;
}
