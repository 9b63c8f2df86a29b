import type { Paths } from "../../client/disk/paths.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { losableFileOf } from "../../client/sessions/session-file.ts";
import { type Config, isSetUp } from "../../client/settings/config.ts";
import { type ChangesSince, changesSince } from "../git/changes-since.ts";
import type { GitFacts } from "../git/facts-from-git.ts";
import { gitState } from "../git/git-state.ts";
import { renderDraft } from "../page/render-draft.ts";
import { shownPath } from "../page/shown-path.ts";
import { factsOfSession } from "../reading/facts-of-session.ts";
import { weightOf } from "../transcript/prompt-weight.ts";
import { NO_FACTS, type TranscriptFacts } from "../transcript/transcript-facts.ts";
import { type HandoverDraft, readDraft, saveDraft } from "./draft-store.ts";
import { decideHandover, type HandoverState } from "./policy.ts";
import { hasNews, readPublication } from "./publication-store.ts";
import { wasAsked } from "./writing-store.ts";

/** What a hook knows about a session. */
export interface SessionMoment {
  readonly session: string;
  readonly transcriptPath: string | null;
  /** The session's folder. */
  readonly folder: string;
  /** Claude's last answer; null if the client did not pass it. */
  readonly lastAnswer: string | null;
  /** Whether the session ended, was compacted or was killed; false at the end of a turn. */
  readonly isFinal: boolean;
  /** Whether the client ended without a word. */
  readonly wasKilled?: boolean;
  readonly isEndedByPerson?: boolean;
  /** How long git may take, in milliseconds; by default what a hook has. */
  readonly gitMs?: number;
  /** Whether the person asks for it now: then it is made whatever the policy, and however little was done. */
  readonly isAsked?: boolean;
}

/**
 * Saves the session's current draft, made from its transcript and git.
 *
 * @returns whether the policy wants it published now; a background process does that
 * @throws the file system's own error (disk full, read-only home)
 */
export function keepDraft(paths: Paths, config: Config, moment: SessionMoment, now = Date.now()): boolean {
  const { session, transcriptPath, folder, isFinal, isAsked = false } = moment;
  if (config.handover === "off" && !isAsked) return false;
  const earlier = readDraft(paths, session);
  const read =
    transcriptPath === null ? NO_FACTS : factsOfSession(transcriptPath, losableFileOf(paths, session, "read"));
  const lastAnswer = moment.lastAnswer ?? earlierAnswer(earlier, read);
  const transcript = withAnswer(read, lastAnswer, moment.lastAnswer !== null);
  const published = readPublication(paths, session);
  const state = {
    policy: config.handover,
    prompts: transcript.prompts.filter((text, at) => at === 0 || (at < ENOUGH_PROMPTS && weightOf(text) > 0)).length,
    edits: transcript.edits,
    startedBy: transcript.startedBy,
    isFinal,
    publishedAt: published?.at ?? null,
    now,
  };
  // Checked before git runs, to save that time when nothing will be kept.
  const mayBeNothing = !isAsked && isNothing(state);
  if (mayBeNothing && !(transcript.mayHaveChanged && !isNothing({ ...state, edits: 1 }))) return false;

  const { git, trouble, isSlow } = gitState(folder, moment.gitMs);
  const since = changesOf(git, transcript);
  const edits = Math.max(state.edits, since === null ? 0 : since.files.length + since.commits.length);
  if (mayBeNothing && isNothing({ ...state, edits })) return false;
  // What was known before is better than nothing, for example if the worktree of a killed session was removed.
  const before = trouble !== null && earlier?.folder === folder ? earlier : null;
  const { project, machine } = config;
  const draft: HandoverDraft = {
    session,
    project,
    machine,
    folder,
    savedAt: now,
    policy: config.handover,
    text: renderDraft({
      ...{ project, folder, home: homeFolder(), transcript, git, gitTrouble: trouble, since },
      ...{ wasKilled: moment.wasKilled ?? false, isEndedByPerson: moment.isEndedByPerson ?? false },
    }),
    branch: git?.branch ?? before?.branch ?? null,
    files: Math.max(countFiles(transcript, git, folder), before?.files ?? 0),
    prompts: transcript.prompts.length,
    edits: state.edits,
    ...(isSlow && { isGitSlow: true }),
    ...editedBy(transcript),
    ...(transcriptPath === null ? {} : { transcriptPath }),
    ...(lastAnswer === null ? {} : { lastAnswer }),
  };
  saveDraft(paths, draft);
  // Claude may still write the page of what was published. What the person handed over themselves stays.
  const isUnwritten = config.handover === "written" && isFinal && !published?.byPerson && !wasAsked(paths, session);
  const isChanged = isUnwritten || hasNews(draft, published);
  return isSetUp(config) && decideHandover({ ...state, edits, isChanged }) === "publish";
}

/** A session with so many prompts is not trivial, whatever they say. */
const ENOUGH_PROMPTS = 20;

/**
 * The client passes an answer that the transcript may not have yet: then the last prompt is answered.
 *
 * @param isNew - whether it ends the turn, so that an earlier limit is over; the client may also pass the limit's own words
 */
function withAnswer(facts: TranscriptFacts, lastAnswer: string | null, isNew: boolean): TranscriptFacts {
  if (lastAnswer === null) return facts;
  const { cutOff } = facts.ending;
  const isLimit = cutOff !== null && lastAnswer.trim().startsWith(cutOff.slice(0, SAME_WORDS));
  const isOver = isNew && !isLimit;
  return { ...facts, lastAnswer, ending: { ...facts.ending, isAnswered: true, ...(isOver && { cutOff: null }) } };
}

/** So many first characters tell the words of a limit from an answer. */
const SAME_WORDS = 20;

function isNothing(state: Omit<HandoverState, "isChanged">): boolean {
  return decideHandover({ ...state, isChanged: true }) === "none";
}

/** @returns null if git is not known, or the transcript says no time */
function changesOf(git: GitFacts | null, { startedAt, endedAt }: TranscriptFacts): ChangesSince | null {
  return git === null || startedAt === null ? null : changesSince(git, startedAt, endedAt ?? startedAt);
}

/** The client passes Claude's answer only at the end of a turn. It stays valid until the next prompt. */
function earlierAnswer(earlier: HandoverDraft | null, { prompts }: TranscriptFacts): string | null {
  return earlier !== null && earlier.prompts === prompts.length ? (earlier.lastAnswer ?? null) : null;
}

/** More than a session edits by hand. */
const MAX_EDITED = 500;

function editedBy({ files }: TranscriptFacts): Pick<HandoverDraft, "edited"> {
  const paths = files.filter(({ change }) => change !== "deleted").map(({ path }) => path);
  return paths.length === 0 ? {} : { edited: paths.slice(-MAX_EDITED) };
}

/** Counts the files that the session changed or that are uncommitted, each once. */
function countFiles({ files, olderFiles }: TranscriptFacts, git: GitFacts | null, folder: string): number {
  const roots = git === null ? [folder] : [git.root, folder];
  const names = new Set(files.map(({ path }) => shownPath(path, roots, "")));
  for (const path of [...(git?.uncommitted ?? []), ...(git?.untracked ?? [])]) {
    // Git lists a folder in place of the new files in it, which the session may have named one by one.
    const isNamed = path.endsWith("/") && [...names].some((name) => name.startsWith(path));
    if (!isNamed) names.add(path);
  }
  return names.size + olderFiles;
}
