/** The parsed arguments of `/photon-send`; `input` is the input of the tool `send_message`. */
export type SendArguments =
  | { readonly ok: true; readonly input: SendInput }
  | { readonly ok: false /** One sentence for the person. */; readonly problem: string };

export interface SendInput {
  content: string;
  to?: string;
  kind?: string;
  tags?: string[];
  reply_to?: string;
}

/** The address of every machine. `/photon-send` requires an address, so that no message goes to everyone by mistake. */
const EVERYONE = "everyone";

const OPTIONS = ["--kind", "--tag", "--reply-to"];

const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'", "“": "”" };

interface Word {
  readonly value: string;
  readonly isQuoted: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * Parses `pc "text" --kind task`. Options may follow the address or the text. A quoted text ends with its quote, and only
 * options may follow it. A text without quotes is used as typed, including line breaks.
 */
export function parseSendArguments(typed: string): SendArguments {
  const words = splitWords(typed);
  const to = words[0];
  if (!to || to.isQuoted || to.value.startsWith("-")) return { ok: false, problem: "The machine is missing." };

  const leading = takeOptions(words.slice(1));
  if (!leading.ok) return leading;
  const body = leading.rest;
  const first = body[0];
  if (!first) return { ok: false, problem: "The text is missing." };

  let content: string;
  const options = leading.options;
  if (first.isQuoted && (body.length === 1 || body[1]?.value.startsWith("--"))) {
    const trailing = takeOptions(body.slice(1));
    if (!trailing.ok) return trailing;
    const stray = trailing.rest[0];
    if (stray) return { ok: false, problem: `"${stray.value}" after the text is not an option.` };
    options.push(...trailing.options);
    content = first.value;
  } else {
    const trailing = takeLastOptions(body);
    options.push(...trailing.options);
    const last = trailing.rest.at(-1);
    content = last ? typed.slice(first.start, last.end) : "";
  }
  if (content.trim() === "") return { ok: false, problem: "The text is missing." };

  const input: SendInput = { content };
  if (to.value.toLowerCase() !== EVERYONE) input.to = to.value;
  for (const { name, value } of options) {
    if (name === "--kind") input.kind = value;
    if (name === "--reply-to") input.reply_to = value;
    if (name === "--tag") input.tags = [...(input.tags ?? []), value];
  }
  return { ok: true, input };
}

interface Option {
  readonly name: string;
  readonly value: string;
}

type Taken =
  | { readonly ok: true; readonly options: Option[]; readonly rest: readonly Word[] }
  | { readonly ok: false; readonly problem: string };

/** The options at the beginning, each `--name value` or `--name=value`. */
function takeOptions(words: readonly Word[]): Taken {
  const options: Option[] = [];
  let rest = words;
  for (;;) {
    const word = rest[0];
    const name = word && !word.isQuoted ? OPTIONS.find((known) => isOption(word, known)) : undefined;
    if (!word || !name) return { ok: true, options, rest };
    const isJoined = word.value.length > name.length;
    const value = isJoined ? word.value.slice(name.length + 1) : rest[1]?.value;
    if (!value) return { ok: false, problem: `${name} needs a value.` };
    options.push({ name, value });
    rest = rest.slice(isJoined ? 1 : 2);
  }
}

/** The options at the end of a text without quotes. An option in its middle is part of the text. */
function takeLastOptions(words: readonly Word[]): { options: Option[]; rest: readonly Word[] } {
  for (let at = 1; at < words.length; at += 1) {
    const tail = takeOptions(words.slice(at));
    if (tail.ok && tail.options.length > 0 && tail.rest.length === 0) {
      return { options: tail.options, rest: words.slice(0, at) };
    }
  }
  return { options: [], rest: words };
}

function isOption(word: Word, name: string): boolean {
  return word.value === name || word.value.startsWith(`${name}=`);
}

/** A quote counts only at the start of a word, and only if another closes it at the end of a word: "don't" has none. */
function splitWords(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at])) at += 1;
    if (at >= text.length) return words;
    const word = quotedWord(text, at) ?? plainWord(text, at);
    words.push(word);
    at = word.end;
  }
}

function plainWord(text: string, start: number): Word {
  let end = start;
  while (end < text.length && !isSpace(text[end])) end += 1;
  return { value: text.slice(start, end), isQuoted: false, start, end };
}

/** Between double quotes, `\"` is a quote and `\\` a backslash. Any other backslash stays (Windows paths). */
function quotedWord(text: string, start: number): Word | null {
  const close = QUOTES[text[start] ?? ""];
  if (close === undefined) return null;
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const next = text[at + 1];
    if (close === '"' && text[at] === "\\" && (next === '"' || next === "\\")) {
      value += next;
      at += 1;
    } else if (text[at] === close && (next === undefined || isSpace(next))) {
      return { value, isQuoted: true, start, end: at + 1 };
    } else {
      value += text[at];
    }
  }
  return null;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}
