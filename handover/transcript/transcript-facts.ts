import type { CheckRun } from "../tools/check-run.ts";
import type { Commit } from "../tools/git-outcome.ts";
import type { CompactionSummary } from "./compaction-summary.ts";

/** What a transcript says about its session. Lists are in the order of the session unless noted otherwise. */
export interface TranscriptFacts {
  /**
   * What the person typed, with the commands that say what they want, and their reasons for a denied call. Without other
   * commands, wakes, hooks, subagents, compaction summaries and messages from other sessions and programs.
   */
  readonly prompts: readonly string[];
  /** Claude's last text to the person. In a running session the newest line may be missing. */
  readonly lastAnswer: string | null;
  readonly decisions: readonly Decision[];
  /** The client's own title for the session. */
  readonly title: string | null;
  /** The client's recap of the session, if the person asked for nothing new after it. */
  readonly recap: string | null;
  /** Of the last compaction. */
  readonly summary: CompactionSummary | null;
  /** The number of {@link prompts} before that compaction. */
  readonly promptsBeforeSummary: number;
  /** Each file once, in the order of last changes. Without files that were created and deleted again. */
  readonly files: readonly ChangedFile[];
  /** How many were changed before and are not in {@link files}: of thousands, only the last ones are known. */
  readonly olderFiles: number;
  /** Successful changes: to files, whatever made them, and commits. */
  readonly edits: number;
  /** Whether a call may have changed files that are not in {@link files}. */
  readonly mayHaveChanged: boolean;
  readonly commits: readonly Commit[];
  /** Where it pushed to, such as `origin/main`, each once. */
  readonly pushes: readonly string[];
  /** The addresses of pull requests, each once. */
  readonly pullRequests: readonly string[];
  /** The client's files for plans that were written. */
  readonly plans: readonly string[];
  readonly subagents: readonly Subagent[];
  /** Each command once, with its last outcome, in the order of the last runs. */
  readonly commands: readonly RanCommand[];
  /** In the order of Claude's list. */
  readonly todos: readonly Todo[];
  /** Finished tasks of all lists, earlier ones included. */
  readonly finished: readonly string[];
  /** Prompts with something new in them since Claude last changed its list, if it has worked since then. */
  readonly promptsSinceTodos: number;
  readonly openErrors: readonly OpenError[];
  /** The model of the last answer. */
  readonly model: string | null;
  /** The time of the session's first line, in milliseconds since 1970; null if no line has a time. */
  readonly startedAt: number | null;
  /** The time of its last line. */
  readonly endedAt: number | null;
  readonly compactions: number;
  /** How often the session ended and was resumed. */
  readonly resumes: number;
  readonly ending: EndState;
  /** `observer`: a program that follows other sessions. `sdk`: the client was started by a program, or as `claude -p`. */
  readonly startedBy: "person" | "sdk" | "observer";
}

/** How the session stands at its last line. */
export interface EndState {
  /** Why Claude could not go on, in the client's words: a usage limit, an API error; null if it could. */
  readonly cutOff: string | null;
  /** Whether the person stopped Claude and wrote nothing after that. */
  readonly isInterrupted: boolean;
  /** Whether the person ended it with a command. */
  readonly isExited: boolean;
  /** Whether Claude has answered or worked since the last prompt. */
  readonly isAnswered: boolean;
  /** Whether the client wrote that the turn is over and nothing followed. Clients before 2.1 write no such line. */
  readonly isTurnOver: boolean;
  /** A question of Claude's in a dialog that nobody answered. */
  readonly question: string | null;
}

/** A subagent that has ended or was started. */
export interface Subagent {
  readonly task: string;
  /** The first line of its answer, at most 200 UTF-16 code units; empty while it works. */
  readonly answer: string;
}

/** A person's answer to a question of Claude's, or an approved plan (question "Plan", answer its first line). */
export interface Decision {
  readonly question: string;
  readonly answer: string;
}

export interface ChangedFile {
  /** As the client or the command wrote it; usually absolute. */
  readonly path: string;
  readonly change: "created" | "edited" | "deleted";
  /** Where it was before, if it was moved. */
  readonly from?: string;
  /** Lines, as far as editing tools changed them. */
  readonly added?: number;
  readonly removed?: number;
  /** What was edited last, such as a function. */
  readonly part?: string;
  /** Whether it is not known that the file existed: `rm -f` succeeds in any case. */
  readonly isUnsure?: true;
}

/** A command that Claude itself ran, not a subagent. */
export interface RanCommand {
  /** For a check without what surrounds it, see {@link CheckRun}. */
  readonly command: string;
  /** `background`: it was left running. `unknown`: a check whose exit code and counts were not seen. */
  readonly outcome: "passed" | "failed" | "interrupted" | "background" | "unknown";
  /** Set if it checks the work. */
  readonly check: CheckRun | null;
  /** The output line with the result (test counts, the first error); at most 200 UTF-16 code units. */
  readonly summary: string | null;
  /** How often it failed. */
  readonly failures: number;
}

export interface Todo {
  readonly text: string;
  readonly state: "pending" | "in_progress" | "completed";
}

/** A failed tool call that no later one resolved: the command did not pass later, the file was not edited later. */
export interface OpenError {
  readonly tool: string;
  /** One line, at most 200 UTF-16 code units. */
  readonly text: string;
}

/** For an unknown session. */
export const NO_FACTS: TranscriptFacts = {
  prompts: [],
  lastAnswer: null,
  title: null,
  recap: null,
  summary: null,
  promptsBeforeSummary: 0,
  decisions: [],
  files: [],
  olderFiles: 0,
  edits: 0,
  mayHaveChanged: false,
  commits: [],
  pushes: [],
  pullRequests: [],
  plans: [],
  subagents: [],
  commands: [],
  todos: [],
  finished: [],
  promptsSinceTodos: 0,
  openErrors: [],
  model: null,
  startedAt: null,
  endedAt: null,
  compactions: 0,
  resumes: 0,
  ending: { cutOff: null, isInterrupted: false, isExited: false, isAnswered: true, isTurnOver: false, question: null },
  startedBy: "person",
};
