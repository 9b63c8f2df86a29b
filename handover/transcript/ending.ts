import { recordOf, textField } from "../../client/disk/private-file.ts";
import { short } from "./command-result.ts";
import { isExit } from "./persons-words.ts";
import type { EndState } from "./transcript-facts.ts";
import { blocksOf, bounded, type Line, textOf } from "./transcript-line.ts";

const RUNNING: EndState = {
  cutOff: null,
  isInterrupted: false,
  isExited: false,
  isAnswered: true,
  isTurnOver: false,
  question: null,
};

/** System lines that the client writes after a turn. */
const AFTER_A_TURN: ReadonlySet<unknown> = new Set(["turn_duration", "stop_hook_summary"]);

/** The content of an {@link Ending} as plain data. */
export interface SavedEnding {
  readonly state: EndState;
  readonly questionId: string | null;
}

/** Follows how the session stands. */
export class Ending {
  #state: EndState;
  #questionId: string | null;

  constructor({ state, questionId }: SavedEnding = { state: RUNNING, questionId: null }) {
    this.#state = state;
    this.#questionId = questionId;
  }

  saved(): SavedEnding {
    return { state: this.#state, questionId: this.#questionId };
  }

  state(): EndState {
    return this.#state;
  }

  prompted(): void {
    this.#state = { ...RUNNING, cutOff: this.#state.cutOff, isAnswered: false };
  }

  answered(): void {
    this.#state = RUNNING;
  }

  asked(id: string, input: unknown): void {
    const { questions } = recordOf(input) ?? {};
    const question = Array.isArray(questions) ? textField(questions[0], "question") : undefined;
    this.#questionId = id;
    this.#state = { ...this.#state, question: question === undefined ? null : bounded(question) };
  }

  settled(id: string): void {
    if (id === this.#questionId) this.#state = { ...this.#state, question: null };
  }

  /** The client's line in place of an answer. */
  failed(line: Line): void {
    const text = textOf(recordOf(line.message)?.content).trim();
    if (text !== "") this.#state = { ...this.#state, cutOff: reasonOf(text) };
  }

  /** Other lines: an interruption, an exit, a retry of a request. */
  noticed(line: Line): void {
    if (isExit(line)) this.#state = { ...this.#state, isExited: true };
    if (line.type === "system" && AFTER_A_TURN.has(line.subtype)) this.#state = { ...this.#state, isTurnOver: true };
    if (line.type === "system" && line.subtype === "api_error") {
      const error = recordOf(line.error);
      const text =
        textField(error, "message") ??
        textField(line, "error") ??
        textField(line, "content") ??
        `status ${typeof error?.status === "number" ? error.status : (textField(error, "status") ?? "unknown")}`;
      this.#state = { ...this.#state, cutOff: this.#state.cutOff ?? short(`API error: ${text}`) };
    }
    const content = recordOf(line.message)?.content;
    const texts =
      typeof content === "string" ? [content] : blocksOf(line).map((block) => textField(block, "text") ?? "");
    if (texts.some((text) => text.startsWith("[Request interrupted by user"))) {
      this.#state = { ...this.#state, isInterrupted: true };
    }
  }
}

/** Older clients put the time of the next try behind a bar, in seconds since 1970. */
function reasonOf(text: string): string {
  const [, words = "", seconds] = /^([^|\n]*)\|(\d{10})\b/.exec(text) ?? [];
  if (seconds === undefined) return short(text.split("\n", 1)[0] ?? "");
  const until = new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace("T", " ");
  return short(`${words.trim()}, resets ${until} UTC`);
}
