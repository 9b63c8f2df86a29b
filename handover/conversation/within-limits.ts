import { recordOf } from "../../client/disk/private-file.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { withoutResults } from "./conversation-content.ts";
import { type CarriedTranscript, MAX_CONVERSATION_BYTES } from "./conversation-file.ts";

export interface Fitting {
  readonly bytes: Buffer;
  readonly unpackedBytes: number;
  /** How many lines with tool results were shortened. */
  readonly resultsLeftOut: number;
}

/** Compressing takes most of the time. Each round leaves out at least an eighth of what remains. */
const MAX_ROUNDS = 12;

/**
 * Packs transcripts. If they are too large, leaves out the results of the oldest tool calls: Claude needs them least, and
 * they are most of a conversation.
 *
 * @param pack - compresses
 * @param maxBytes - packed
 * @returns null if they do not fit even without any results
 */
export function withinLimits(
  transcripts: readonly CarriedTranscript[],
  pack: (transcripts: readonly CarriedTranscript[]) => Buffer,
  maxBytes: number,
): Fitting | null {
  const all = transcripts.map(({ agent, lines }) => ({ agent, lines: [...lines] }));
  const oldest = oldestResults(all);
  let size = all.reduce((sum, { lines }) => sum + lines.reduce((chars, line) => chars + bytesOf(line) + 1, 0), 0);
  let resultsLeftOut = 0;
  const shorten = (wanted: number): void => {
    while (size > wanted) {
      const next = oldest.next();
      if (next.done) return;
      size -= next.value;
      resultsLeftOut++;
    }
  };
  shorten(MAX_CONVERSATION_BYTES - HEAD_ROOM_BYTES);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (size > MAX_CONVERSATION_BYTES - HEAD_ROOM_BYTES) return null;
    const bytes = pack(all);
    if (bytes.length <= maxBytes) return { bytes, unpackedBytes: size, resultsLeftOut };
    const before = resultsLeftOut;
    shorten(Math.min(size * (maxBytes / bytes.length), size * SHARE));
    if (resultsLeftOut === before) return null;
  }
  return null;
}

const SHARE = 7 / 8;

/** For the first line of the file. */
const HEAD_ROOM_BYTES = 64 * 1024;

/** Shortens one result after another, in place. Yields how many bytes that saved. */
function* oldestResults(transcripts: readonly { readonly lines: string[] }[]): Generator<number> {
  for (const { lines } of transcripts) {
    for (const [at, line] of lines.entries()) {
      if (!line.includes('"tool_result"')) continue;
      const shorter = withoutResults(recordOf(parseJson(line)) ?? {});
      if (shorter === null) continue;
      const text = JSON.stringify(shorter);
      lines[at] = text;
      yield bytesOf(line) - bytesOf(text);
    }
  }
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
