import type { Paths } from "../../client/disk/paths.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { type Config, isSetUp } from "../../client/settings/config.ts";
import { factsFromGit, type GitFacts } from "../git/facts-from-git.ts";
import { factsFromTranscript, mayHoldFacts } from "../transcript/facts-from-transcript.ts";
import { transcriptLines } from "../transcript/read-transcript.ts";
import type { TranscriptFacts } from "../transcript/transcript-facts.ts";
import { type HandoverDraft, readDraft, saveDraft } from "./draft-store.ts";
import { hasNews } from "./news.ts";
import { decideHandover } from "./policy.ts";
import { readPublication } from "./publication-store.ts";
import { renderDraft } from "./render-draft.ts";
import { shownPath } from "./shown-path.ts";

/** What is known of a session at one of its turning points. */
export interface SessionMoment {
  readonly session: string;
  readonly transcriptPath: string | null;
  /** The session's folder. */
  readonly folder: string;
  /** What Claude said last; null when the client does not tell. */
  readonly lastAnswer: string | null;
  /** The session ends, is compacted or was cut off; false at the end of a turn. */
  readonly isFinal: boolean;
}

/**
 * Keeps what a session would leave behind now, as the facts of its transcript and of git tell it.
 *
 * @returns whether the policy wants it published now; that is for a process that nobody waits for
 * @throws the file system's own error (disk full, read-only home)
 */
export function keepDraft(paths: Paths, config: Config, moment: SessionMoment, now = Date.now()): boolean {
  if (config.handover === "off") return false;
  const { session, transcriptPath, folder, isFinal } = moment;
  const earlier = readDraft(paths, session);
  const read = factsFromTranscript(transcriptPath === null ? [] : transcriptLines(transcriptPath, mayHoldFacts));
  const told = moment.lastAnswer ?? answerToldBefore(earlier, read);
  const transcript = { ...read, lastAnswer: told ?? read.lastAnswer };
  const published = readPublication(paths, session);
  const state = {
    policy: config.handover,
    prompts: transcript.prompts.length,
    edits: transcript.edits,
    isFinal,
    publishedAt: published?.at ?? null,
    now,
  };
  // Before git is asked: most of the work is for nothing when nothing will be kept.
  if (decideHandover({ ...state, isChanged: true }) === "none") return false;

  const git = factsFromGit(folder);
  const { project, machine } = config;
  const draft: HandoverDraft = {
    ...{ session, project, machine, folder, savedAt: now, policy: config.handover },
    text: renderDraft({ project, folder, home: homeFolder(), transcript, git }),
    branch: git?.branch ?? null,
    files: countFiles(transcript, git, folder),
    prompts: state.prompts,
    edits: state.edits,
    ...(told === null ? {} : { lastAnswer: told }),
  };
  saveDraft(paths, draft);
  return isSetUp(config) && decideHandover({ ...state, isChanged: hasNews(draft, published) }) === "publish";
}

/** Only the end of a turn tells what Claude said; it holds until the person asks for more. */
function answerToldBefore(earlier: HandoverDraft | null, { prompts }: TranscriptFacts): string | null {
  return earlier !== null && earlier.prompts === prompts.length ? (earlier.lastAnswer ?? null) : null;
}

/** What the session changed and what is uncommitted, each file once. */
function countFiles({ files }: TranscriptFacts, git: GitFacts | null, folder: string): number {
  const roots = git === null ? [folder] : [git.root, folder];
  const names = new Set(files.map(({ path }) => shownPath(path, roots, "")));
  for (const path of [...(git?.uncommitted ?? []), ...(git?.untracked ?? [])]) {
    // A folder stands for new files in it, which the session may have named one by one.
    const isNamed = path.endsWith("/") && [...names].some((name) => name.startsWith(path));
    if (!isNamed) names.add(path);
  }
  return names.size;
}
