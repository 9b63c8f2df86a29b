import { recordOf, textField } from "../../client/disk/private-file.ts";
import { inputIn, lineStart, successIn, timestampOfAnswer } from "./line-start.ts";
import { promptOf } from "./persons-words.ts";
import { RecentMap } from "./recent-map.ts";
import { isLook, type ToolCall, toolCall } from "./tool-call.ts";
import type { TranscriptFacts } from "./transcript-facts.ts";
import { blocksOf, type Line, mayHoldFacts, parseLine } from "./transcript-line.ts";
import { WorkDone } from "./work-done.ts";

export { mayHoldFacts };

/** How many calls are remembered. Includes finished ones, because a client may write a part of a session twice. */
const MAX_CALLS = 10_000;
/** How many results are kept until their calls appear. Most such calls never do. */
const MAX_EARLY = 100;
/** For shorter lines, parsing is as fast as a look at the start. */
const SHORT_BYTES = 1_000;

/**
 * Reads the facts from a transcript's lines (JSON Lines), given as text or as bytes. Skips unknown and broken lines and
 * unknown fields: the format is internal to the client and changes, and the last line may be incomplete.
 */
export function factsFromTranscript(lines: Iterable<string | Buffer>): TranscriptFacts {
  const reader = new ConversationReader();
  for (const line of lines) reader.read(typeof line === "string" ? Buffer.from(line) : line);
  return reader.facts();
}

class ConversationReader {
  /** Each with the id of the line before it, to detect prompts that the person rewound. */
  #prompts: { readonly text: string; readonly parent: unknown }[] = [];
  #lastAnswer: string | null = null;
  #model: string | null = null;
  readonly #work = new WorkDone();
  #startedAt: number | null = null;
  #endedAt: unknown = null;
  #compactions = 0;
  #resumes = 0;
  /** Whether the client recorded an end. The session may still be resumed. */
  #hasEnded = false;

  /** By id; null for finished calls. */
  readonly #calls = new RecentMap<ToolCall | null>(MAX_CALLS);
  readonly #early = new RecentMap<{ readonly line: Line; readonly block: Line }>(MAX_EARLY);
  /** Ids of the lines that must not count twice. */
  readonly #known = new Set<unknown>();

  read(bytes: Buffer): void {
    if (this.#startedAt !== null && bytes.length > SHORT_BYTES && this.#readStart(bytes)) return;
    const line = parseLine(bytes);
    if (line === undefined || line.isSidechain === true) return;
    if (line.type === "cost-state") this.#hasEnded = true;
    if (!isOfConversation(line)) return;
    this.#startedAt ??= timeOf(line.timestamp);
    this.#endedAt = line.timestamp ?? this.#endedAt;
    if (line.type === "assistant") this.#readAnswer(line);
    else if (line.type !== "system") this.#readUser(line);
    else if (line.subtype === "compact_boundary" && this.#isNew(line)) this.#compactions++;
  }

  facts(): TranscriptFacts {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#lastAnswer,
      ...this.#work.facts(),
      model: this.#model,
      startedAt: this.#startedAt,
      endedAt: timeOf(this.#endedAt) ?? this.#startedAt,
      compactions: this.#compactions,
      resumes: this.#resumes,
    };
  }

  /** @returns false if the whole line must be parsed */
  #readStart(bytes: Buffer): boolean {
    const start = lineStart(bytes);
    if (start === undefined) return false;
    const { model, id = "", tool } = start;
    if (model !== undefined) {
      const input = tool === undefined || isLook(tool) ? null : inputIn(bytes, start);
      // A deletion also needs the folder, which is at the end of the line.
      if (input === undefined || /^\s*(?:git +)?rm /.test(textField(input, "command") ?? "")) return false;
      this.#continued(model);
      if (tool !== undefined) this.#called(id, toolCall(tool, input, {}));
      this.#endedAt = timestampOfAnswer(bytes);
      return true;
    }
    const call = this.#calls.get(id);
    const success = call === undefined || call?.needsText ? undefined : successIn(bytes, start);
    if (success === undefined) return false;
    this.#settle(id, { toolUseResult: success }, {});
    this.#endedAt = success.timestamp;
    return true;
  }

  #readAnswer(line: Line): void {
    if (line.isApiErrorMessage === true) return;
    this.#continued(textField(line.message, "model"));
    for (const block of blocksOf(line)) {
      const text = block.type === "text" ? textField(block, "text")?.trim() : undefined;
      if (text) this.#lastAnswer = text;
      const { id, name } = block;
      if (typeof id === "string" && typeof name === "string") this.#called(id, toolCall(name, block.input, line));
    }
  }

  #readUser(line: Line): void {
    for (const block of blocksOf(line)) {
      if (typeof block.tool_use_id === "string") this.#settle(block.tool_use_id, line, block);
    }
    this.#work.notice(recordOf(line.attachment)?.prompt ?? recordOf(line.message)?.content);
    const text = promptOf(line);
    if (text === null || !this.#isNew(line)) return;
    this.#continued();
    const parent = line.parentUuid;
    // The person rewound the session to before that prompt.
    const rewound = this.#prompts.findIndex((prompt) => typeof parent === "string" && prompt.parent === parent);
    if (rewound !== -1) this.#prompts.splice(rewound);
    this.#prompts.push({ text, parent });
  }

  #called(id: string, call: ToolCall): void {
    if (this.#calls.get(id) !== undefined) return;
    this.#calls.set(id, call);
    const early = this.#early.get(id);
    if (early !== undefined) this.#settle(id, early.line, early.block);
  }

  #settle(id: string, line: Line, block: Line): void {
    const call = this.#calls.get(id);
    if (call === undefined) this.#early.set(id, { line, block });
    if (!call) return;
    this.#calls.set(id, null);
    this.#work.settle(id, call, line, block);
  }

  /** The session continues: Claude answers, or the person writes a prompt. */
  #continued(model?: string): void {
    if (model !== undefined && model !== "<synthetic>") this.#model = model;
    if (this.#hasEnded) this.#resumes++;
    this.#hasEnded = false;
    this.#work.continued();
  }

  #isNew({ uuid }: Line): boolean {
    const isNew = uuid === undefined || !this.#known.has(uuid);
    this.#known.add(uuid);
    return isNew;
  }
}

function timeOf(timestamp: unknown): number | null {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** Must accept the same lines whether or not {@link mayHoldFacts} filtered them before. */
function isOfConversation({ type, parentUuid, attachment }: Line): boolean {
  if (type !== "attachment") return type === "user" || type === "assistant" || type === "system";
  return parentUuid === null || textField(attachment, "type") === "queued_command";
}
