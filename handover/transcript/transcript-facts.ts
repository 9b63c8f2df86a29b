/** What a session's transcript tells about it. */
export interface TranscriptFacts {
  /** What the person typed, in order: no commands, wakes, hooks, subagents or compaction texts. */
  readonly prompts: readonly string[];
  /** Claude's last text to the person; the last line of a running session may still be missing. */
  readonly lastAnswer: string | null;
  /** What the person answered when Claude asked, in order. */
  readonly decisions: readonly Decision[];
  /** Each file once, in the order of its first change; of successful changes only. */
  readonly files: readonly ChangedFile[];
  /** Successful changes to files, so at least as many as there are files. */
  readonly edits: number;
  /** Each command once with its last outcome, in the order of the last runs. */
  readonly commands: readonly RanCommand[];
  readonly todos: readonly Todo[];
  /** Failures that nothing later resolved, in order. */
  readonly openErrors: readonly OpenError[];
  /** The one that answered last. */
  readonly model: string | null;
  /** Of the first and the last line, in milliseconds since 1970. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly compactions: number;
  readonly resumes: number;
}

export interface Decision {
  readonly question: string;
  readonly answer: string;
}

export interface ChangedFile {
  /** As the client named it: usually absolute. */
  readonly path: string;
  readonly change: "created" | "edited" | "deleted";
}

export interface RanCommand {
  readonly command: string;
  readonly outcome: "passed" | "failed" | "interrupted" | "background";
  readonly isTest: boolean;
  /** The line of its output that tells the result, at most 200 characters. */
  readonly summary: string | null;
}

export interface Todo {
  readonly text: string;
  readonly state: "pending" | "in_progress" | "completed";
}

export interface OpenError {
  readonly tool: string;
  /** One line of at most 200 characters. */
  readonly text: string;
}

/** Of a session nobody knows of. */
export const NO_FACTS: TranscriptFacts = {
  ...{ prompts: [], lastAnswer: null, decisions: [], files: [], edits: 0, commands: [], todos: [], openErrors: [] },
  ...{ model: null, startedAt: null, endedAt: null, compactions: 0, resumes: 0 },
};
