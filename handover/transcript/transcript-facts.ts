/** What a session's transcript tells about it. Lists are in the order of the session unless they say otherwise. */
export interface TranscriptFacts {
  /**
   * What the person typed: the first is the goal. No commands, wakes, hooks, subagents, compaction texts, nor what other
   * sessions said.
   */
  readonly prompts: readonly string[];
  /** Claude's last text to the person; the last line of a running session may still be missing. */
  readonly lastAnswer: string | null;
  readonly decisions: readonly Decision[];
  /** Each file once, in the order of its first change; not one that was created and deleted again. */
  readonly files: readonly ChangedFile[];
  /** Successful changes by Claude's editing tools. */
  readonly edits: number;
  /** Each distinct command once, with its last outcome, in the order of the last runs. */
  readonly commands: readonly RanCommand[];
  /** In the order of Claude's list. */
  readonly todos: readonly Todo[];
  readonly openErrors: readonly OpenError[];
  /** The model that answered last. */
  readonly model: string | null;
  /** When the session's first line was written, in milliseconds since 1970; null when no line tells. */
  readonly startedAt: number | null;
  /** When its last line was written. */
  readonly endedAt: number | null;
  readonly compactions: number;
  /** How often the session was ended and continued. */
  readonly resumes: number;
}

/** What the person answered when Claude asked; or a plan the person approved: question "Plan", answer its first line. */
export interface Decision {
  readonly question: string;
  readonly answer: string;
}

export interface ChangedFile {
  /** As the client or the command named it: usually absolute. */
  readonly path: string;
  readonly change: "created" | "edited" | "deleted";
}

/** A command that Claude ran itself, no subagent. */
export interface RanCommand {
  readonly command: string;
  /** `background`: it was left running, and nothing tells how it ended. */
  readonly outcome: "passed" | "failed" | "interrupted" | "background";
  /** It ran tests, as far as its text tells. */
  readonly isTest: boolean;
  /** The line of output that tells the result (how many tests, the first error); at most 200 UTF-16 code units. */
  readonly summary: string | null;
}

export interface Todo {
  readonly text: string;
  readonly state: "pending" | "in_progress" | "completed";
}

/**
 * A tool's failure that nothing later resolved: a command that did not pass later, a file that was not edited
 * successfully later.
 */
export interface OpenError {
  readonly tool: string;
  /** One line, at most 200 UTF-16 code units. */
  readonly text: string;
}

/** Of a session nobody knows of. */
export const NO_FACTS: TranscriptFacts = {
  ...{ prompts: [], lastAnswer: null, decisions: [], files: [], edits: 0, commands: [], todos: [], openErrors: [] },
  ...{ model: null, startedAt: null, endedAt: null, compactions: 0, resumes: 0 },
};
