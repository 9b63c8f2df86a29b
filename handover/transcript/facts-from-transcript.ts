import { recordOf, textField } from "../../client/disk/private-file.ts";
import { inputIn, lineStart, successIn, timestampOfAnswer } from "./line-start.ts";
import { promptOf } from "./persons-words.ts";
import { RecentMap } from "./recent-map.ts";
import { isLook, type ToolCall, toolCall } from "./tool-call.ts";
import type { TranscriptFacts } from "./transcript-facts.ts";
import { blocksOf, type Line, mayHoldFacts, parseLine } from "./transcript-line.ts";
import { WorkDone } from "./work-done.ts";

export { mayHoldFacts };

/** The last ones, also of those that are done with: a client may have written a part of the session twice. */
const MAX_CALLS = 10_000;
/** Results whose calls come later; most such never come. */
const MAX_WAITING = 100;
/** A shorter line is parsed as fast as looked at. */
const SHORT_BYTES = 1_000;

/**
 * Reads the facts out of a transcript's lines (JSON Lines), given as texts or as the bytes they are in the file. Lines and
 * fields it does not know are skipped, and so are broken ones: the format is the client's own and changes, and the last
 * line may be half written.
 */
export function factsFromTranscript(lines: Iterable<string | Buffer>): TranscriptFacts {
  const reader = new ConversationReader();
  for (const line of lines) reader.read(typeof line === "string" ? Buffer.from(line) : line);
  return reader.facts();
}

class ConversationReader {
  /** With the line before each, to know a prompt that the person took back. */
  #prompts: { readonly text: string; readonly parent: unknown }[] = [];
  #lastAnswer: string | null = null;
  #model: string | null = null;
  readonly #work = new WorkDone();
  #startedAt: number | null = null;
  #endedAt: unknown = null;
  #compactions = 0;
  #resumes = 0;
  /** The client said so; the session may still go on. */
  #hasEnded = false;

  /** By their ids; null for those that are done with. */
  readonly #calls = new RecentMap<ToolCall | null>(MAX_CALLS);
  readonly #early = new RecentMap<{ readonly line: Line; readonly block: Line }>(MAX_WAITING);
  /** Lines that must not count twice. */
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

  /** @returns false when the line has to be parsed as a whole */
  #readStart(bytes: Buffer): boolean {
    const start = lineStart(bytes);
    if (start === undefined) return false;
    const { model, id = "", tool } = start;
    if (model !== undefined) {
      const input = tool === undefined || isLook(tool) ? null : inputIn(bytes, start);
      // Where a deletion took place is told behind.
      if (input === undefined || /^\s*(?:git +)?rm /.test(textField(input, "command") ?? "")) return false;
      this.#goesOn(model);
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
    this.#goesOn(textField(line.message, "model"));
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
    this.#goesOn();
    const parent = line.parentUuid;
    // The person went back to before that prompt, and asked something else.
    const takenBack = this.#prompts.findIndex((prompt) => typeof parent === "string" && prompt.parent === parent);
    if (takenBack !== -1) this.#prompts.splice(takenBack);
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

  /** Claude answers, or the person asks. */
  #goesOn(model?: string): void {
    if (model !== undefined && model !== "<synthetic>") this.#model = model;
    if (this.#hasEnded) this.#resumes++;
    this.#hasEnded = false;
    this.#work.goesOn();
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

/** The same lines whether those that cannot hold facts were left out or not. */
function isOfConversation({ type, parentUuid, attachment }: Line): boolean {
  if (type !== "attachment") return type === "user" || type === "assistant" || type === "system";
  return parentUuid === null || textField(attachment, "type") === "queued_command";
}
