import { recordOf, textField } from "../../client/disk/private-file.ts";
import { cleanText, inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { transcriptLines } from "../reading/read-transcript.ts";
import { promptOf } from "../transcript/persons-words.ts";
import { blocksOf, bounded, type Line, mayHoldFacts, parseLine, textOf } from "../transcript/transcript-line.ts";

/** How much of a conversation Claude reads, in UTF-16 code units: about 8,000 tokens. */
const MAX_CHARS = 24_000;
/** More entries than fit. */
const MAX_ENTRIES = 1_000;
const MAX_SAID_CHARS = 3_000;
const MAX_CALL_CHARS = 300;
const MAX_RESULT_CHARS = 400;
/** What is kept of a text until it was scanned: a scan does not recognise a part of a secret. */
const MAX_READ_CHARS = 6_000;

interface Entry {
  readonly by: "Person" | "Claude" | "Call" | "Result" | "Failed";
  readonly text: string;
}

const MAX_OF: Readonly<Record<Entry["by"], number>> = {
  ...{ Person: MAX_SAID_CHARS, Claude: MAX_SAID_CHARS, Call: MAX_CALL_CHARS },
  ...{ Result: MAX_RESULT_CHARS, Failed: MAX_RESULT_CHARS },
};

/**
 * The last part of a session's conversation as text: what was said, and each call with the beginning of its result.
 *
 * @param mask - removes the secrets from a text
 * @returns empty if the transcript cannot be read
 */
export async function conversationEnd(path: string, mask: (text: string) => Promise<string>): Promise<string> {
  const last: string[] = [];
  let left = MAX_CHARS;
  for (const { by, text } of lastEntries(path).reverse()) {
    const masked = cleanText(await mask(text)).trim();
    const said = by === "Person" || by === "Claude" ? masked : inOneLine(masked);
    const entry = `${by}: ${clip(said, MAX_OF[by])}`;
    left -= entry.length + 1;
    if (left < 0) break;
    last.push(entry);
  }
  return last.reverse().join("\n");
}

function lastEntries(path: string): Entry[] {
  let entries: Entry[] = [];
  for (const bytes of transcriptLines(path, mayHoldFacts)) {
    const line = parseLine(bytes);
    if (line === undefined || line.isSidechain === true) continue;
    entries.push(...entriesIn(line));
    if (entries.length > 2 * MAX_ENTRIES) entries = entries.slice(-MAX_ENTRIES);
  }
  return entries.slice(-MAX_ENTRIES);
}

function entriesIn(line: Line): Entry[] {
  const short = (text: string) => bounded(text, MAX_READ_CHARS, 0);
  if (line.type === "assistant") {
    return blocksOf(line).flatMap((block): Entry[] => {
      const text = block.type === "text" ? textField(block, "text")?.trim() : undefined;
      if (text) return [{ by: "Claude", text: short(text) }];
      const name = block.type === "tool_use" ? textField(block, "name") : undefined;
      return name === undefined ? [] : [{ by: "Call", text: short(`${name} ${inputOf(block.input)}`) }];
    });
  }
  const prompt = promptOf(line);
  const results = blocksOf(line)
    .filter(({ type }) => type === "tool_result")
    .map((block): Entry => ({ by: block.is_error === true ? "Failed" : "Result", text: short(textOf(block.content)) }));
  return prompt === null ? results : [...results, { by: "Person", text: short(prompt) }];
}

/** A command as it is, and any other input with its fields' names. */
function inputOf(input: unknown): string {
  return textField(input, "command") ?? JSON.stringify(recordOf(input) ?? {});
}
