/** What a transcript says about its session. Lists are in the order of the session unless noted otherwise. */
export interface TranscriptFacts {
  /**
   * What the person typed; the first is the goal. Without commands, wakes, hooks, subagents, compaction summaries and
   * messages from other sessions.
   */
  readonly prompts: readonly string[];
  /** Claude's last text to the person. In a running session the newest line may be missing. */
  readonly lastAnswer: string | null;
  readonly decisions: readonly Decision[];
  /** Each file once, in the order of first changes. Without files that were created and deleted again. */
  readonly files: readonly ChangedFile[];
  /** Successful changes by Claude's editing tools. */
  readonly edits: number;
  /** Each command once, with its last outcome, in the order of the last runs. */
  readonly commands: readonly RanCommand[];
  /** In the order of Claude's list. */
  readonly todos: readonly Todo[];
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
}

/** A command that Claude itself ran, not a subagent. */
export interface RanCommand {
  readonly command: string;
  /** `background`: it was left running, and its end is unknown. */
  readonly outcome: "passed" | "failed" | "interrupted" | "background";
  /** Whether it looks like a test run. */
  readonly isTest: boolean;
  /** The output line with the result (test counts, the first error); at most 200 UTF-16 code units. */
  readonly summary: string | null;
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
  decisions: [],
  files: [],
  edits: 0,
  commands: [],
  todos: [],
  openErrors: [],
  model: null,
  startedAt: null,
  endedAt: null,
  compactions: 0,
  resumes: 0,
};
