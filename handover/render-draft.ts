import type { GitFacts } from "./facts-from-git.ts";
import { clip, code, inOneLine, quote } from "./markdown.ts";
import { shownPath } from "./shown-path.ts";
import type { TranscriptFacts } from "./transcript/transcript-facts.ts";

export interface DraftFacts {
  readonly project: string | null;
  /** The session's folder. */
  readonly folder: string;
  /** The person's home folder. */
  readonly home: string;
  readonly transcript: TranscriptFacts;
  readonly git: GitFacts | null;
}

/** A reader takes that in within a minute, and Claude for some 750 tokens. In UTF-16 code units, like all below. */
export const MAX_DRAFT_CHARS = 3_000;

// Each part has its own limit; Claude's last answer gets what they leave, at least 800.
const MAX_GOAL_CHARS = 450;
const MAX_LATER_CHARS = 500;
const MAX_LATER_PROMPT_CHARS = 160;
const MAX_FILES_CHARS = 400;
const MAX_STATUS_CHARS = 180;
const MAX_NAME_CHARS = 80;

/**
 * The session's handover as a person would write it down: what was asked, what Claude said last, which files changed,
 * where git stands. The same facts always give the same text; lists are cut by whole items and say how many are left out.
 */
export function renderDraft(facts: DraftFacts): string {
  const { transcript, project } = facts;
  const before = [`# Handover${project === null ? "" : `: ${project}`}`, ...goal(transcript.prompts)];
  const after = [...files(facts), ...gitState(facts.git)];
  const heading = "## Last answer";
  const left = MAX_DRAFT_CHARS - [...before, heading, ...after].join("\n\n").length - 2 * "\n\n".length;
  const answer = transcript.lastAnswer === null ? [] : [heading, quote(transcript.lastAnswer, left)];
  return [...before, ...answer, ...after].join("\n\n");
}

function goal([first, ...later]: readonly string[]): string[] {
  if (first === undefined) return [];
  const parts = ["## Goal", quote(first, MAX_GOAL_CHARS)];
  if (later.length === 0) return parts;
  // The newest say best where the work stands, so the oldest are left out.
  const newestFirst = later.map((prompt) => `- ${clip(inOneLine(prompt), MAX_LATER_PROMPT_CHARS)}`).reverse();
  const shown = fitting(newestFirst, "\n", MAX_LATER_CHARS).reverse();
  const left = later.length - shown.length;
  return [...parts, ["Then asked:", ...(left > 0 ? [`- (and ${left} more before these)`] : []), ...shown].join("\n")];
}

function files({ transcript, git, folder, home }: DraftFacts): string[] {
  if (transcript.files.length === 0) return [];
  const roots = git === null ? [folder] : [git.root, folder];
  const items = transcript.files.map(
    ({ path, change }) => `- ${code(shownPath(path, roots, home), MAX_NAME_CHARS)} (${change})`,
  );
  const shown = fitting(items, "\n", MAX_FILES_CHARS);
  const left = items.length - shown.length;
  return ["## Files", [...shown, ...(left > 0 ? [`- and ${left} more`] : [])].join("\n")];
}

function gitState(git: GitFacts | null): string[] {
  if (git === null) return [];
  const branch = git.branch === null ? "No branch (detached HEAD)" : `Branch ${code(git.branch, MAX_NAME_CHARS)}`;
  const subject = clip(inOneLine(git.head?.subject ?? ""), MAX_NAME_CHARS);
  const head =
    git.head === null ? "without a commit yet" : `at ${git.head.commit.slice(0, 10)}${subject && `, “${subject}”`}`;
  const isClean = git.uncommitted.length + git.untracked.length === 0;
  const state = [
    `${branch}, ${head}.`,
    ...named("Uncommitted", git.uncommitted),
    ...named("Untracked", git.untracked),
    ...(isClean ? ["Nothing uncommitted."] : []),
  ];
  return ["## Git", state.map((line) => `- ${line}`).join("\n")];
}

/** "Uncommitted: `a`, `b` and 3 more" */
function named(what: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const shown = fitting(
    paths.map((path) => code(path, MAX_NAME_CHARS)),
    ", ",
    MAX_STATUS_CHARS,
  );
  const left = paths.length - shown.length;
  return [`${what}: ${shown.join(", ")}${left > 0 ? ` and ${left} more` : ""}`];
}

/** As many items, from the first, as fit; always at least one. */
function fitting(items: readonly string[], separator: string, maxChars: number): string[] {
  let chars = -separator.length;
  const fit = items.findIndex((item) => {
    chars += separator.length + item.length;
    return chars > maxChars;
  });
  return items.slice(0, fit === -1 ? items.length : Math.max(1, fit));
}
