import { recordOf, textField } from "../../client/disk/private-file.ts";
import { compactionSummary, summaryTextIn } from "./compaction-summary.ts";
import { Ending } from "./ending.ts";
import { folderIn, inputIn, lineStart, successIn, timestampOfAnswer } from "./line-start.ts";
import { promptOf } from "./persons-words.ts";
import { isSubstantial } from "./prompt-weight.ts";
import { RecentMap } from "./recent-map.ts";
import { isLook, type ToolCall, toolCall } from "./tool-call.ts";
import type { TranscriptFacts } from "./transcript-facts.ts";
import { blocksOf, bounded, type Line, mayHoldFacts, parseLine } from "./transcript-line.ts";
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
  readonly #ending = new Ending();
  #title: string | null = null;
  /** With the number of prompts before it. */
  #recap: { readonly text: string | null; readonly prompts: number } = { text: null, prompts: 0 };
  #summary = "";
  #promptsBeforeSummary = 0;
  /** Of the last line that names one: `cli`, `sdk-ts` … */
  #entrypoint: string | undefined;

  /** By id; null for finished calls. */
  readonly #calls = new RecentMap<ToolCall | null>(MAX_CALLS);
  readonly #early = new RecentMap<{ readonly line: Line; readonly block: Line }>(MAX_EARLY);
  /** Ids of the lines that must not count twice. */
  readonly #known = new Set<unknown>();

  read(bytes: Buffer): void {
    if (this.#startedAt !== null && bytes.length > SHORT_BYTES && this.#readStart(bytes)) return;
    const line = parseLine(bytes);
    if (line === undefined) return;
    if (line.isSidechain === true) {
      this.#readSubagent(line);
      return;
    }
    if (line.type === "cost-state") this.#hasEnded = true;
    if (line.type === "ai-title") this.#title = bounded(textField(line, "aiTitle") ?? "").trim() || this.#title;
    const pullRequest = line.type === "pr-link" ? textField(line, "prUrl") : undefined;
    if (pullRequest !== undefined) this.#work.linked(pullRequest);
    if (!isOfConversation(line)) return;
    this.#entrypoint = textField(line, "entrypoint") ?? this.#entrypoint;
    this.#startedAt ??= timeOf(line.timestamp);
    this.#endedAt = line.timestamp ?? this.#endedAt;
    if (line.type === "assistant") this.#readAnswer(line);
    else if (line.type !== "system") this.#readUser(line);
    else if (this.#isNew(line)) this.#readSystem(line);
  }

  facts(): TranscriptFacts {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#lastAnswer,
      title: this.#title,
      recap: this.#prompts.slice(this.#recap.prompts).some(({ text }) => isSubstantial(text)) ? null : this.#recap.text,
      summary: compactionSummary(this.#summary),
      promptsBeforeSummary: this.#promptsBeforeSummary,
      ...this.#work.facts(this.#prompts.map(({ text }) => text)),
      model: this.#model,
      startedAt: this.#startedAt,
      endedAt: timeOf(this.#endedAt) ?? this.#startedAt,
      compactions: this.#compactions,
      resumes: this.#resumes,
      ending: this.#ending.state(),
      startedBy: this.#startedBy(),
    };
  }

  #startedBy(): TranscriptFacts["startedBy"] {
    const [first] = this.#prompts;
    if (first !== undefined && OBSERVER.test(first.text)) return "observer";
    return this.#entrypoint?.startsWith("sdk") ? "sdk" : "person";
  }

  /** @returns false if the whole line must be parsed */
  #readStart(bytes: Buffer): boolean {
    const start = lineStart(bytes);
    if (start === undefined) return false;
    const { model, id = "", tool } = start;
    if (model !== undefined) {
      const input = tool === undefined || isLook(tool) ? null : inputIn(bytes, start);
      // A command's words are relative to the folder, which may not be plain here: on Windows.
      const isCommand = textField(input, "command") !== undefined;
      const folder = isCommand ? folderIn(bytes) : undefined;
      if (input === undefined || (isCommand && folder === undefined)) return false;
      this.#continued(model);
      this.#ending.answered();
      if (tool !== undefined) this.#called(id, toolCall(tool, input, { cwd: folder }), input);
      this.#endedAt = timestampOfAnswer(bytes);
      return true;
    }
    const call = this.#calls.get(id);
    if (call === undefined || call?.needsText === true) return false;
    const success = successIn(bytes, start, call?.needsText === "problems");
    if (success === undefined) return false;
    this.#settle(id, { toolUseResult: success }, {});
    this.#endedAt = success.timestamp;
    return true;
  }

  #readAnswer(line: Line): void {
    if (line.isApiErrorMessage === true) {
      this.#ending.failed(line);
      return;
    }
    this.#continued(textField(line.message, "model"));
    // The client writes some lines itself: "No response requested."
    if (textField(line.message, "model") === "<synthetic>") return;
    this.#ending.answered();
    for (const block of blocksOf(line)) {
      const text = block.type === "text" ? textField(block, "text")?.trim() : undefined;
      if (text) this.#lastAnswer = bounded(text);
      const { id, name } = block;
      if (typeof id === "string" && typeof name === "string") {
        this.#called(id, toolCall(name, block.input, line), block.input);
      }
    }
  }

  #readUser(line: Line): void {
    const [tool] = blocksOf(line).flatMap(({ tool_use_id: id }) => this.#calls.get(id as string)?.tool ?? []);
    for (const block of blocksOf(line)) {
      if (typeof block.tool_use_id === "string") this.#settle(block.tool_use_id, line, block);
    }
    this.#work.notice(recordOf(line.attachment)?.prompt ?? recordOf(line.message)?.content);
    if (line.toolUseResult === undefined) this.#ending.noticed(line);
    const summary = summaryTextIn(line);
    if (summary !== undefined && this.#isNew(line)) {
      this.#summary = summary;
      this.#promptsBeforeSummary = this.#prompts.length;
    }
    const text = promptOf(line, tool);
    if (text === null || !this.#isNew(line)) return;
    this.#continued();
    this.#ending.prompted();

    const parent = line.parentUuid;
    // The person rewound the session to before that prompt.
    const rewound = this.#prompts.findIndex((prompt) => typeof parent === "string" && prompt.parent === parent);
    if (rewound !== -1) this.#prompts.splice(rewound);
    this.#prompts.push({ text, parent });
  }

  #readSystem(line: Line): void {
    if (line.subtype === "compact_boundary") this.#compactions++;
    else if (line.subtype === "away_summary") this.#recap = { text: recapOf(line), prompts: this.#prompts.length };
    else this.#ending.noticed(line);
  }

  /** A subagent's calls, as older clients write them into the session's transcript. */
  #readSubagent(line: Line): void {
    for (const block of blocksOf(line)) {
      const { id, name, tool_use_id: settled } = block;
      if (typeof id === "string" && typeof name === "string") this.#calls.set(id, toolCall(name, block.input, line));
      const call = typeof settled === "string" ? this.#calls.get(settled) : undefined;
      if (!call) continue;
      this.#calls.set(settled as string, null);
      this.#work.settleOfSubagent(call, line, block);
    }
  }

  #called(id: string, call: ToolCall, input: unknown): void {
    if (this.#calls.get(id) !== undefined) return;
    this.#calls.set(id, call);
    if (call.tool === "AskUserQuestion") this.#ending.asked(id, input);
    const early = this.#early.get(id);
    if (early !== undefined) this.#settle(id, early.line, early.block);
  }

  #settle(id: string, line: Line, block: Line): void {
    const call = this.#calls.get(id);
    if (call === undefined) this.#early.set(id, { line, block });
    if (!call) return;
    this.#calls.set(id, null);
    this.#ending.settled(id);
    this.#work.settle(id, call, line, block, this.#prompts.length);
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

/** The first words of a prompt by which another program's observer begins. */
const OBSERVER = /^Hello,? memory agent|^You are (?:a|an|the) (?:memory|observer|observing) agent/i;

/** Without the client's hint about its settings. */
function recapOf(line: Line): string | null {
  const text = bounded(textField(line, "content") ?? "").trim();
  return text.replace(/\((?:disable|turn off|configure)\b[^()]*\/config\)$/i, "").trim() || null;
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
