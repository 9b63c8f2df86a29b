import { recordOf, textField } from "../../client/disk/private-file.ts";
import { compactionSummary, summaryTextIn } from "./compaction-summary.ts";
import { type EarlyResult, earlyResult } from "./early-result.ts";
import { Ending, type SavedEnding } from "./ending.ts";
import { folderIn, inputIn, lineStart, successIn, timestampOfAnswer } from "./line-start.ts";
import { promptOf } from "./persons-words.ts";
import { isSubstantial, MAX_FIRST, MAX_LAST, MAX_WEIGHED_CHARS } from "./prompt-weight.ts";
import { RecentMap, type SavedMap } from "./recent-map.ts";
import { isLook, type ToolCall, toolCall } from "./tool-call.ts";
import type { TranscriptFacts } from "./transcript-facts.ts";
import { blocksOf, bounded, type Line, mayHoldFacts, parseLine } from "./transcript-line.ts";
import { type SavedWork, WorkDone } from "./work-done.ts";

export { mayHoldFacts };

/** How many calls are remembered. Includes finished ones, because a client may write a part of a session twice. */
const MAX_CALLS = 4_000;
/** How many ids of other lines are remembered, for the same reason. */
const MAX_KNOWN = 2_000;
/** How many results are kept until their calls appear. Most such calls never do. */
const MAX_EARLY = 20;
/** How much of a prompt is kept, in UTF-16 code units. A page shows less. */
const MAX_BEGINNING_CHARS = 4_000;
const MAX_END_CHARS = 2_000;
/** For shorter lines, parsing is as fast as a look at the start. */
const SHORT_BYTES = 300;

/**
 * Reads the facts from a transcript's lines (JSON Lines), given as text or as bytes. Skips unknown and broken lines and
 * unknown fields: the format is internal to the client and changes, and the last line may be incomplete.
 */
export function factsFromTranscript(lines: Iterable<string | Buffer>): TranscriptFacts {
  const reader = new ConversationReader();
  for (const line of lines) reader.read(typeof line === "string" ? Buffer.from(line) : line);
  return reader.facts();
}

interface Prompt {
  readonly text: string;
  /** The id of the line before it, to detect prompts that the person rewound. */
  readonly parent: unknown;
}

/** What is simply replaced or counted. */
interface Course {
  lastAnswer: string | null;
  model: string | null;
  startedAt: number | null;
  endedAt: unknown;
  compactions: number;
  resumes: number;
  /** Whether the client recorded an end. The session may still be resumed. */
  hasEnded: boolean;
  title: string | null;
  /** With the number of prompts before it. */
  recap: { readonly text: string | null; readonly prompts: number };
  summary: string;
  promptsBeforeSummary: number;
  /** Of the last line that names one: `cli`, `sdk-ts` … */
  entrypoint?: string | undefined;
}

/** The content of a {@link ConversationReader} as plain data. */
export interface SavedConversation {
  readonly course: Course;
  readonly prompts: readonly Prompt[];
  readonly work: SavedWork;
  readonly ending: SavedEnding;
  readonly calls: SavedMap<ToolCall | null>;
  readonly early: SavedMap<EarlyResult>;
  readonly known: SavedMap<true>;
}

const BEGINNING: Course = {
  lastAnswer: null,
  model: null,
  startedAt: null,
  endedAt: null,
  compactions: 0,
  resumes: 0,
  hasEnded: false,
  title: null,
  recap: { text: null, prompts: 0 },
  summary: "",
  promptsBeforeSummary: 0,
};

/** Reads one line after another. */
export class ConversationReader {
  readonly #course: Course;
  readonly #prompts: Prompt[];
  readonly #work: WorkDone;
  readonly #ending: Ending;
  /** By id; null for finished calls. */
  readonly #calls: RecentMap<ToolCall | null>;
  readonly #early: RecentMap<EarlyResult>;
  /** Ids of the lines that must not count twice. */
  readonly #known: RecentMap<true>;

  /** @param saved - continues behind the last line of the reader that has {@link saved} it */
  constructor(saved?: SavedConversation) {
    this.#course = { ...BEGINNING, ...saved?.course };
    this.#prompts = [...(saved?.prompts ?? [])];
    this.#work = new WorkDone(saved?.work);
    this.#ending = new Ending(saved?.ending);
    this.#calls = new RecentMap(MAX_CALLS, saved?.calls);
    this.#early = new RecentMap(MAX_EARLY, saved?.early);
    this.#known = new RecentMap(MAX_KNOWN, saved?.known);
  }

  saved(): SavedConversation {
    return {
      course: this.#course,
      prompts: this.#prompts,
      work: this.#work.saved(),
      ending: this.#ending.saved(),
      calls: this.#calls.saved(),
      early: this.#early.saved(),
      known: this.#known.saved(),
    };
  }

  read(bytes: Buffer): void {
    if (this.#course.startedAt !== null && bytes.length > SHORT_BYTES && this.#readStart(bytes)) return;
    const line = parseLine(bytes);
    if (line === undefined) return;
    if (line.isSidechain === true) {
      this.#readSubagent(line);
      return;
    }
    if (line.type === "cost-state") this.#course.hasEnded = true;
    if (line.type === "ai-title")
      this.#course.title = bounded(textField(line, "aiTitle") ?? "").trim() || this.#course.title;
    const pullRequest = line.type === "pr-link" ? textField(line, "prUrl") : undefined;
    if (pullRequest !== undefined) this.#work.linked(pullRequest);
    if (!isOfConversation(line)) return;
    this.#course.entrypoint = textField(line, "entrypoint") ?? this.#course.entrypoint;
    this.#course.startedAt ??= timeOf(line.timestamp);
    this.#course.endedAt = line.timestamp ?? this.#course.endedAt;
    if (line.type === "assistant") this.#readAnswer(line);
    else if (line.type !== "system") this.#readUser(line);
    else if (this.#isNew(line)) this.#readSystem(line);
  }

  facts(): TranscriptFacts {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#course.lastAnswer,
      title: this.#course.title,
      recap: this.#prompts.slice(this.#course.recap.prompts).some(({ text }) => isSubstantial(text))
        ? null
        : this.#course.recap.text,
      summary: compactionSummary(this.#course.summary),
      promptsBeforeSummary: this.#course.promptsBeforeSummary,
      ...this.#work.facts(this.#prompts.map(({ text }) => text)),
      model: this.#course.model,
      startedAt: this.#course.startedAt,
      endedAt: timeOf(this.#course.endedAt) ?? this.#course.startedAt,
      compactions: this.#course.compactions,
      resumes: this.#course.resumes,
      ending: this.#ending.state(),
      startedBy: this.#startedBy(),
    };
  }

  #startedBy(): TranscriptFacts["startedBy"] {
    const [first] = this.#prompts;
    if (first !== undefined && OBSERVER.test(first.text)) return "observer";
    return this.#course.entrypoint?.startsWith("sdk") ? "sdk" : "person";
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
      this.#course.endedAt = timestampOfAnswer(bytes);
      return true;
    }
    const call = this.#calls.get(id);
    if (call === undefined || call?.needsText === true) return false;
    const success = successIn(bytes, start, call?.needsText === "problems");
    if (success === undefined) return false;
    this.#settle(id, { toolUseResult: success }, {});
    this.#course.endedAt = success.timestamp;
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
      if (text) this.#course.lastAnswer = bounded(text);
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
      this.#course.summary = summary;
      this.#course.promptsBeforeSummary = this.#prompts.length;
    }
    const text = promptOf(line, tool);
    if (text === null || !this.#isNew(line)) return;
    this.#continued();
    this.#ending.prompted();

    const parent = line.parentUuid;
    // The person rewound the session to before that prompt.
    const rewound = this.#prompts.findIndex((prompt) => typeof parent === "string" && prompt.parent === parent);
    if (rewound !== -1) this.#prompts.splice(rewound);
    this.#prompts.push({ text: bounded(text, MAX_BEGINNING_CHARS, MAX_END_CHARS), parent });
    this.#shorten(this.#prompts.length - 1 - MAX_LAST);
  }

  /** Of a prompt that is far from the beginning and from the end, only the weight matters. */
  #shorten(index: number): void {
    const prompt = this.#prompts[index];
    if (prompt !== undefined && index >= MAX_FIRST) {
      this.#prompts[index] = { ...prompt, text: prompt.text.slice(0, MAX_WEIGHED_CHARS) };
    }
  }

  #readSystem(line: Line): void {
    if (line.subtype === "compact_boundary") this.#course.compactions++;
    else if (line.subtype === "away_summary")
      this.#course.recap = { text: recapOf(line), prompts: this.#prompts.length };
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
    if (call === undefined) this.#early.set(id, earlyResult(line, block));
    if (!call) return;
    this.#calls.set(id, null);
    this.#ending.settled(id);
    this.#work.settle(id, call, line, block, this.#prompts.length);
  }

  /** The session continues: Claude answers, or the person writes a prompt. */
  #continued(model?: string): void {
    if (model !== undefined && model !== "<synthetic>") this.#course.model = model;
    if (this.#course.hasEnded) this.#course.resumes++;
    this.#course.hasEnded = false;
    this.#work.continued();
  }

  #isNew({ uuid }: Line): boolean {
    if (typeof uuid !== "string") return true;
    const isNew = this.#known.get(uuid) === undefined;
    this.#known.set(uuid, true);
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
