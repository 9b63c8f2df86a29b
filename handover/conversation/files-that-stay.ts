import { basename } from "node:path/posix";
import { recordOf, textField } from "../../client/disk/private-file.ts";
import { holdsSecretsByName } from "../capsule/build/exclusions.ts";
import { printable } from "../capsule/file-names.ts";
import { blocksOf, type Line } from "../transcript/transcript-line.ts";

/** Fields of tools' inputs that name a file, of tools of any server. */
const PATH_FIELD = /path|file|uri|glob|folder|dir|source|destination|target/i;
/** Fields that hold a command or a script. */
const COMMAND_FIELD = /^(?:command|cmd|script|code|args?|argv)$/i;
const WORDS = /[^\s"'`=;|&<>(){}[\],:@]+/g;
/** How code spells the environment. */
const IS_CODE = /(?:^|\.)(?:process|meta)\.env$/;

/** A longer value is not a path. */
const MAX_PATH_CHARS = 4_096;
const MAX_NAME_CHARS = 100;
/** An input that is nested more deeply does not travel. */
const MAX_DEPTH = 50;

/** What a search prints before each line that it found: a file. */
const FOUND_IN = /^((?:[A-Za-z]:)?[^\s:]{1,1000}):.*$/gm;

/**
 * Leaves out of a conversation what tools read from or wrote to files that a capsule never contains, such as `.env`: the
 * inputs and results of calls that name such a file. Finds no file that a call does not name, as behind `cat .e*`.
 */
export class FilesThatStay {
  /** The file's name, by the id of the call. */
  readonly #calls = new Map<string, string>();

  /** How many calls are left out. */
  get count(): number {
    return this.#calls.size;
  }

  /** Notes a line's calls. Every line of a transcript comes here first: a result may be written before its call. */
  note(line: Line): void {
    for (const { type, id, input } of blocksOf(line)) {
      const name = type === "tool_use" && typeof id === "string" ? fileIn(input) : null;
      if (name !== null) this.#calls.set(String(id), name);
    }
  }

  /** @param kept - what the conversation has of the line */
  without(line: Line, kept: Line): Line {
    const shown = fileIn(line.attachment);
    const message = recordOf(kept.message);
    if (shown !== null && message) return { ...kept, message: { ...message, content: noteOn(shown) } };
    if (!Array.isArray(message?.content)) return kept;
    return { ...kept, message: { ...message, content: message.content.map((block) => this.#block(recordOf(block))) } };
  }

  #block(block: Line = {}): Line {
    const { type, id, tool_use_id, input, content } = block;
    if (type !== "tool_use" && type !== "tool_result") return block;
    const name = this.#calls.get(String(type === "tool_use" ? id : tool_use_id));
    if (type === "tool_use") return name === undefined ? block : { ...block, input: shortInput(input, name) };
    return { ...block, content: name === undefined ? withoutFound(content) : noteOn(name) };
  }
}

/** The name of the first such file in an input. */
function fileIn(value: unknown, field = "", depth = 0): string | null {
  if (typeof value === "string") return fileInText(value, field);
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return null;
  for (const [key, each] of Object.entries(value)) {
    const name = fileIn(each, Array.isArray(value) ? field : key, depth + 1);
    if (name !== null) return name;
  }
  return null;
}

function fileInText(text: string, field: string): string | null {
  if (COMMAND_FIELD.test(field)) {
    for (const [word] of text.matchAll(WORDS)) if (isSecret(word)) return nameOf(word);
    return null;
  }
  return PATH_FIELD.test(field) && text.length <= MAX_PATH_CHARS && isSecret(text) ? nameOf(text) : null;
}

function isSecret(path: string): boolean {
  return holdsSecretsByName(plain(path)) && !IS_CODE.test(path);
}

/** With `/`, and without the signs at the end that stand for more files. */
function plain(path: string): string {
  return path.replaceAll("\\", "/").replace(/[*?.]+$/, "");
}

function nameOf(path: string): string {
  return printable(basename(plain(path)).slice(0, MAX_NAME_CHARS));
}

function noteOn(name: string): string {
  return `(left out: ${name} stays on its machine)`;
}

/** The path, numbers and flags. */
function shortInput(input: unknown, name: string): Line {
  const kept = (field: string, value: unknown) =>
    typeof value === "number" ||
    typeof value === "boolean" ||
    (typeof value === "string" && !COMMAND_FIELD.test(field) && fileInText(value, field) !== null);
  const fields = Object.entries(recordOf(input) ?? {});
  return Object.fromEntries(fields.map(([field, value]) => [field, kept(field, value) ? value : noteOn(name)]));
}

/** Without the lines that a search found in such files. */
function withoutFound(content: unknown): unknown {
  const plainText = (text: string) =>
    text.replace(FOUND_IN, (all: string, path: string) => (isSecret(path) ? `${path}: ${noteOn(nameOf(path))}` : all));
  if (typeof content === "string") return plainText(content);
  if (!Array.isArray(content)) return content;
  return content.map((each) => {
    const text = textField(each, "text");
    return text === undefined ? each : { ...recordOf(each), text: plainText(text) };
  });
}
