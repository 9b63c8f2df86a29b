import { homedir } from "node:os";
import { type Config, isSetUp } from "../client/config.ts";
import type { Paths } from "../client/paths.ts";
import { type HandoverDraft, readDraft, saveDraft } from "./draft-store.ts";
import { factsFromGit } from "./facts-from-git.ts";
import { decideHandover } from "./policy.ts";
import { hasNews, publishByPolicy } from "./publish.ts";
import { renderDraft } from "./render-draft.ts";
import { factsFromTranscript, mayHoldFacts } from "./transcript/facts-from-transcript.ts";
import { transcriptLines } from "./transcript/read-transcript.ts";
import type { TranscriptFacts } from "./transcript/transcript-facts.ts";

/** What is known of a session at one of its turning points. */
export interface SessionMoment {
  readonly session: string;
  readonly transcriptPath: string | null;
  /** The session's folder. */
  readonly folder: string;
  /** What Claude said last; null when the client does not tell. */
  readonly lastAnswer: string | null;
  /** The session ends or is compacted; false at the end of a turn. */
  readonly isFinal: boolean;
}

/**
 * Keeps what a session would leave behind now, and queues it for the other machines when the person's policy says so and
 * this machine is set up.
 *
 * @returns the id of the queued message, for which the caller starts a flush; null when nothing was queued
 * @throws the file system's own error (disk full, read-only home)
 */
export function leaveHandover(paths: Paths, config: Config, moment: SessionMoment, now = Date.now()): string | null {
  if (config.handover === "off") return null;
  const earlier = readDraft(paths, moment.session);
  const { transcriptPath } = moment;
  const read = factsFromTranscript(transcriptPath === null ? [] : transcriptLines(transcriptPath, mayHoldFacts));
  const told = moment.lastAnswer ?? answerToldBefore(earlier, read);
  const transcript = { ...read, lastAnswer: told ?? read.lastAnswer };
  const state = {
    policy: config.handover,
    prompts: transcript.prompts.length,
    edits: transcript.edits,
    isFinal: moment.isFinal,
    publishedAt: earlier?.publishedAt ?? null,
    now,
  };
  // Before git is asked: most of the work is for nothing when nothing will be kept.
  if (decideHandover({ ...state, isChanged: true }) === "none") return null;

  const git = factsFromGit(moment.folder);
  const { project, machine } = config;
  const draft: HandoverDraft = {
    v: 1,
    session: moment.session,
    project,
    machine,
    text: renderDraft({ project, folder: moment.folder, home: homedir(), transcript, git }),
    savedAt: now,
    prompts: state.prompts,
    edits: state.edits,
    publishedId: earlier?.publishedId ?? null,
    publishedAt: earlier?.publishedAt ?? null,
    publishedText: earlier?.publishedText ?? null,
    ...(told === null ? {} : { lastAnswer: told }),
    ...(earlier?.byPerson === undefined ? {} : { byPerson: earlier.byPerson }),
  };
  const decision = decideHandover({ ...state, isChanged: hasNews(draft) });
  if (decision === "publish" && isSetUp(config)) return publishByPolicy(paths, config, draft);
  saveDraft(paths, draft, now);
  return null;
}

/** Only the end of a turn tells what Claude said; it holds until the person asks for more. */
function answerToldBefore(earlier: HandoverDraft | null, { prompts }: TranscriptFacts): string | null {
  return earlier !== null && earlier.prompts === prompts.length ? (earlier.lastAnswer ?? null) : null;
}
