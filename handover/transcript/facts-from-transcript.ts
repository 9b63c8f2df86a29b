import { recordOf, textField } from "../../client/private-file.ts";
import type { ChangedFile, TranscriptFacts } from "./transcript-facts.ts";

/** Tools that change a file, and the field of their input that names it. */
const EDIT_TOOLS: ReadonlyMap<string, string> = new Map([
  ["Edit", "file_path"],
  ["Write", "file_path"],
  ["NotebookEdit", "notebook_path"],
]);

/** User lines the client writes itself, or for commands; what it adds to a prompt for the editor and for reminders. */
const NOT_TYPED =
  /^(<(command-|local-command|task-notification|channel|system-reminder|bash-|ide_)|\[Request interrupted by user)/;

/**
 * Reads the facts out of a transcript's lines (JSON Lines). Lines and fields it does not know are skipped, and so are
 * broken ones: the format is the client's own and changes, and the last line may be half written.
 */
export function factsFromTranscript(lines: Iterable<string>): TranscriptFacts {
  const prompts: string[] = [];
  let lastAnswer: string | null = null;
  const files = new Map<string, ChangedFile>();
  let edits = 0;
  /** Changes Claude asked for, by the id under which their outcome comes. */
  const pending = new Map<string, string>();

  const readUser = (line: Record<string, unknown>) => {
    for (const block of contentOf(line)) {
      const path = pending.get(textField(block, "tool_use_id") ?? "");
      if (path === undefined) continue;
      pending.delete(textField(block, "tool_use_id") ?? "");
      if (hasFailed(block, line.toolUseResult)) continue;
      edits++;
      const isNew = textField(line.toolUseResult, "type") === "create";
      if (!files.has(path)) files.set(path, { path, change: isNew ? "created" : "edited" });
    }
    const prompt = promptOf(line);
    if (prompt !== null) prompts.push(prompt);
  };

  const readAssistant = (line: Record<string, unknown>) => {
    if (line.isApiErrorMessage === true) return;
    for (const block of contentOf(line)) {
      const text = textField(block, "type") === "text" ? textField(block, "text")?.trim() : undefined;
      if (text) lastAnswer = text;
      const field = EDIT_TOOLS.get(textField(block, "name") ?? "");
      const path = field && textField(block.input, field);
      const id = textField(block, "id");
      if (path && id !== undefined) pending.set(id, path);
    }
  };

  for (const text of lines) {
    if (!isWorthParsing(text, pending)) continue;
    const line = parseLine(text);
    if (line === undefined || line.isSidechain === true || line.isMeta === true) continue;
    if (line.type === "user") readUser(line);
    if (line.type === "assistant") readAssistant(line);
    if (line.type === "attachment") {
      const prompt = queuedPromptOf(line);
      if (prompt !== null) prompts.push(prompt);
    }
  }
  return {
    prompts,
    lastAnswer,
    decisions: [],
    files: [...files.values()],
    edits,
    commands: [],
    todos: [],
    openErrors: [],
    model: null,
    startedAt: null,
    endedAt: null,
    compactions: 0,
    resumes: 0,
  };
}

/**
 * Whether a line, as the bytes it is in the file, can hold a fact at all. Most of a transcript is copies of the system
 * prompt: looking for a line's type costs a fraction of decoding and parsing it.
 */
export function mayHoldFacts(line: Buffer): boolean {
  return LINE_TYPES.some((type) => line.includes(type));
}

// Inside a text of the JSON these quotes would be escaped. The client writes no spaces between a key and its value.
const LINE_TYPES = ['"type":"user"', '"type":"assistant"', '"type":"queued_command"'].map((type) => Buffer.from(type));

/** Leaves out, before parsing, most of what is left: what tools printed, and what Claude asked of other tools. */
function isWorthParsing(line: string, pending: ReadonlyMap<string, string>): boolean {
  if (line.includes('"type":"tool_result"')) return [...pending.keys()].some((id) => line.includes(id));
  if (!line.includes('"type":"tool_use"')) return true;
  return line.includes('"type":"text"') || [...EDIT_TOOLS.keys()].some((tool) => line.includes(`"name":"${tool}"`));
}

function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The blocks of a line's message; none when its content is a plain text. */
function contentOf(line: Record<string, unknown>): Record<string, unknown>[] {
  const content = recordOf(line.message)?.content;
  return Array.isArray(content) ? content.map(recordOf).filter((block) => block !== undefined) : [];
}

/** A failed tool's result is a text where a successful one's is an object; a notebook's names its error inside. */
function hasFailed(block: Record<string, unknown>, result: unknown): boolean {
  return block.is_error === true || typeof result === "string" || Boolean(textField(result, "error"));
}

/** @returns null when the person did not type this line */
function promptOf(line: Record<string, unknown>): string | null {
  const origin = textField(line.origin, "kind");
  if (line.isCompactSummary === true || (origin !== undefined && origin !== "human")) return null;
  if (line.promptSource === "system" || line.toolUseResult !== undefined) return null;
  return typedText(recordOf(line.message)?.content);
}

/** What the person typed while Claude worked comes to Claude beside a tool's result and is no user line. */
function queuedPromptOf(line: Record<string, unknown>): string | null {
  const attachment = recordOf(line.attachment);
  if (attachment?.type !== "queued_command") return null;
  const mode = textField(attachment, "commandMode");
  return mode === undefined || mode === "prompt" ? typedText(attachment.prompt) : null;
}

/** A prompt is a text, or blocks of text and images. */
function typedText(content: unknown): string | null {
  const texts = typeof content === "string" ? [content] : [];
  for (const block of Array.isArray(content) ? content : []) {
    if (textField(block, "type") === "text") texts.push(textField(block, "text") ?? "");
    if (textField(block, "type") === "image") texts.push("(image)");
  }
  const typed = texts.map((text) => text.trim()).filter((text) => text !== "" && !NOT_TYPED.test(text));
  return typed.length === 0 ? null : typed.join("\n");
}
