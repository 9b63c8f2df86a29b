import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import type { ChangesSince } from "../git/changes-since.ts";
import type { GitFacts } from "../git/facts-from-git.ts";
import { code, fitting, quote, withRest } from "../markdown.ts";
import { type Goal, goalOf } from "../transcript/goal.ts";
import type { TranscriptFacts } from "../transcript/transcript-facts.ts";
import { deadEnds, waysToCheck } from "./checks.ts";
import { commits, doneItems } from "./done-items.ts";
import { changedFiles, fileLines } from "./file-lines.ts";
import { gitLine } from "./git-line.ts";
import { openItems, ran } from "./open-items.ts";
import { homeIn, plainPaths, withTexts } from "./plain-paths.ts";
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
  /** What git says has changed since the session began; null if it is not known. */
  readonly since?: ChangesSince | null;
  /** Whether the client ended without a word. */
  readonly wasKilled?: boolean;
  readonly isEndedByPerson?: boolean;
}

/** A minute of reading, and about 750 tokens for Claude. All limits are in UTF-16 code units. */
export const MAX_DRAFT_CHARS = 3_000;

/** The room of each section in any case, without its heading. */
const ROOM = {
  goal: 270,
  before: 0,
  later: 150,
  recap: 0,
  done: 180,
  answer: 200,
  open: 280,
  files: 200,
  checks: 120,
  deadEnds: 0,
};
type Room = Record<keyof typeof ROOM, number>;
/** Enough for a page that needs no limits. */
const UNLIMITED: Room = {
  ...{ goal: MAX_DRAFT_CHARS, before: MAX_DRAFT_CHARS, later: MAX_DRAFT_CHARS, recap: MAX_DRAFT_CHARS },
  ...{ done: MAX_DRAFT_CHARS, answer: MAX_DRAFT_CHARS, open: MAX_DRAFT_CHARS, files: MAX_DRAFT_CHARS },
  ...{ checks: MAX_DRAFT_CHARS, deadEnds: MAX_DRAFT_CHARS },
};

/** Who gets what is left, in this order, and how much at most. */
const GROWTH: readonly (readonly [section: keyof typeof ROOM, most: number])[] = [
  ["open", 700],
  ["done", 450],
  ["files", 900],
  ["recap", 320],
  ["answer", 800],
  ["before", 250],
  ["later", 450],
  ["deadEnds", 200],
  ["goal", 600],
  ["done", MAX_DRAFT_CHARS],
  ["files", MAX_DRAFT_CHARS],
  ["open", MAX_DRAFT_CHARS],
  ["later", MAX_DRAFT_CHARS],
  ["checks", 300],
  ["goal", 1_200],
  ["answer", MAX_DRAFT_CHARS],
];

const MAX_ITEM_CHARS = 120;
/** More of a text never fits. */
const MAX_QUOTED_CHARS = 2 * MAX_DRAFT_CHARS;
const MAX_TITLE_CHARS = 100;
const MAX_PLAN_CHARS = 70;
const MAX_CHECKS = 3;

/**
 * Writes the handover: goal, state, what is done, what is open (the next step first), files, how to check, dead ends, git.
 * The same facts always give the same text. Long lists are cut at whole items and say how many are left out.
 */
export function renderDraft(facts: DraftFacts): string {
  const compose = composer(facts);
  const all = compose(UNLIMITED);
  if (all.length <= MAX_DRAFT_CHARS) return all;
  const over = compose(ROOM).length - MAX_DRAFT_CHARS;
  const room: Room = {
    ...ROOM,
    ...(over > 0 && { answer: Math.max(MIN_ANSWER_CHARS, ROOM.answer - over - REST_CHARS) }),
  };
  for (const [section, most] of GROWTH) {
    const free = MAX_DRAFT_CHARS - compose(room).length - REST_CHARS;
    if (free <= 0) break;
    const grown = { ...room, [section]: Math.min(most, room[section] + free) };
    if (compose(grown).length <= MAX_DRAFT_CHARS) room[section] = grown[section];
  }
  return compose(room);
}

const MIN_ANSWER_CHARS = 20;
/** A line such as "- and 12 more", and the heading of a section that was not there before. */
const REST_CHARS = 30;

/** Prepares everything that does not depend on the room. */
function composer(draft: DraftFacts): (room: Room) => string {
  const { project, folder, home, git, gitTrouble, since = null, wasKilled = false, isEndedByPerson = false } = draft;
  const roots = git === null ? [folder] : [git.root, folder];
  const homes = [...new Set([home, ...roots.flatMap(homeIn)])];
  const facts = withTexts(fromRoot(draft.transcript, roots), (text) => plainPaths(text, roots, homes));
  const files = changedFiles(facts, since, roots, homes[0] ?? home);
  const goal = goalSection(goalOf(facts), facts.title);
  const fileList = fileLines(files, facts.olderFiles);
  const plans = facts.plans.map(
    (path) =>
      `- ${code(shownPath(path, roots, homeIn(path)[0] ?? home), MAX_PLAN_CHARS)} (plan; it stays on this machine)`,
  );
  const done = doneItems(facts, since);
  const open = openItems(facts, wasKilled);
  const checks = waysToCheck(facts.commands).slice(0, MAX_CHECKS).map(ran);
  const ends = deadEnds(facts.commands).map(ran);
  const known = { facts, files, commits: commits(facts, since).length, wasKilled, isEndedByPerson };
  const state = stateLines(known);
  const gitLines = git !== null ? [gitLine(git, homes[0] ?? home)] : gitTrouble ? [`Not known: ${gitTrouble}`] : [];
  return (room) =>
    [
      `# Handover${project === null ? "" : `: ${project}`}`,
      ...goal(room),
      ...section("State", state(room.recap)),
      ...doneSection(bounded(done, room.done), facts.lastAnswer, room.answer),
      ...section("Open", bounded(open, room.open)),
      ...section("Files", [...plans.slice(-1), ...fileList(room.files)]),
      ...section("How to check", bounded(checks, room.checks)),
      ...section("Dead ends", room.deadEnds > 0 ? bounded(ends, room.deadEnds) : []),
      ...section("Git", gitLines),
    ].join("\n\n");
}

/** A check in the root of the project is one without a folder, however the root was named. */
function fromRoot(facts: TranscriptFacts, roots: readonly string[]): TranscriptFacts {
  const commands = facts.commands.map(({ check, ...command }) => ({
    ...command,
    check: check && roots.includes(check.folder.replace(/[\\/]+$/, "")) ? { ...check, folder: "" } : check,
  }));
  return { ...facts, commands };
}

/** More never fit. */
const MAX_PROMPTS = 40;

/** Prompts as the page shows them: one line each, the newest first. */
interface PromptLines {
  readonly newestFirst: readonly string[];
  readonly total: number;
}

function promptLines(prompts: readonly string[]): PromptLines {
  const newest = prompts.slice(-MAX_PROMPTS).reverse();
  const short = (prompt: string) => clip(inOneLine(clip(prompt, 4 * MAX_ITEM_CHARS)), MAX_ITEM_CHARS);
  return { newestFirst: newest.map((prompt) => `- ${short(prompt)}`), total: prompts.length };
}

function goalSection({ text, isFromClient, before, later }: Goal, title: string | null): (room: Room) => string[] {
  if (text === null) return () => [];
  const lists = [promptLines(before), promptLines(later)] as const;
  return (room) => [
    "## Goal",
    ...(title === null ? [] : [`Title: ${clip(inOneLine(title), MAX_TITLE_CHARS)}`]),
    ...(isFromClient ? ["From the client's summary:"] : []),
    quote(clip(text, MAX_QUOTED_CHARS), room.goal),
    ...promptList("Before that:", lists[0], room.before),
    ...promptList("Later prompts:", lists[1], room.later),
  ];
}

/** The newest prompts say most about the current state, so the oldest are left out. */
function promptList(heading: string, { newestFirst, total }: PromptLines, maxChars: number): string[] {
  if (total === 0 || maxChars <= 0) return [];
  const shown = fitting(newestFirst, "\n", maxChars).reverse();
  const left = total - shown.length;
  return [[heading, ...(left > 0 ? [`- (and ${left} earlier ones)`] : []), ...shown].join("\n")];
}

function doneSection(done: readonly string[], lastAnswer: string | null, maxChars: number): string[] {
  const items = done.length > 0 ? [done.join("\n")] : [];
  if (lastAnswer === null) return items.length > 0 ? ["## Done", ...items] : [];
  return ["## Done", ...items, "Claude's last answer:", quote(clip(lastAnswer, MAX_QUOTED_CHARS), maxChars)];
}

function bounded(items: readonly string[], maxChars: number): string[] {
  return withRest(items, fitting(items, "\n", maxChars), (left) => `- and ${left} more`);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join("\n")];
}
