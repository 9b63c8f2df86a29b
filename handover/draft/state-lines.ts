import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { counted } from "../../client/text/counted.ts";
import { commandAsCode } from "../markdown.ts";
import type { TranscriptFacts } from "../transcript/transcript-facts.ts";

const MAX_COMMAND_CHARS = 60;
const MAX_SUMMARY_CHARS = 90;

/** The state of a session in at most two lines: its progress, and its last test run. */
export function stateLines(facts: TranscriptFacts): string[] {
  const far = [...tasks(facts), ...changes(facts), ...course(facts)].join("; ");
  // The two spaces: two lines of one paragraph would run together.
  return [...(far === "" ? [] : [`${far}.`]), ...lastCheck(facts)].map((line, at, all) =>
    at < all.length - 1 ? `${line}  ` : line,
  );
}

function tasks({ todos }: TranscriptFacts): string[] {
  if (todos.length === 0) return [];
  const done = todos.filter(({ state }) => state === "completed").length;
  return [`${done} of ${todos.length} tasks done`];
}

function changes({ files, edits, prompts }: TranscriptFacts): string[] {
  if (edits === 0) return prompts.length === 0 ? [] : ["No files changed"];
  return [`${counted(files.length, "file")} changed in ${counted(edits, "edit")}`];
}

/** The duration, the model, and how often the session was compacted or resumed. */
function course({ startedAt, endedAt, model, compactions, resumes }: TranscriptFacts): string[] {
  const minutes = startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 60_000);
  const span =
    minutes === null || minutes < 1 ? [] : [minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`];
  const times = [
    ...(compactions > 0 ? [`compacted ${compactions}×`] : []),
    ...(resumes > 0 ? [`resumed ${resumes}×`] : []),
  ];
  const course = [...span, ...(model === null ? [] : [clip(inOneLine(model), 40)]), ...times].join(", ");
  return course === "" ? [] : [course];
}

function lastCheck({ commands, edits }: TranscriptFacts): string[] {
  const last = commands.findLast(({ isTest }) => isTest);
  if (!last) return edits === 0 ? [] : ["No tests were run."];
  const said = last.summary === null ? "" : `, ${clip(inOneLine(last.summary), MAX_SUMMARY_CHARS)}`;
  return [`Last check: ${commandAsCode(inOneLine(last.command), MAX_COMMAND_CHARS)} ${last.outcome}${said}.`];
}
