import { closeSync } from "node:fs";
import { ConversationReader, mayHoldFacts } from "../transcript/facts-from-transcript.ts";
import { NO_FACTS, type TranscriptFacts } from "../transcript/transcript-facts.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { linesOf, openTranscript, type ReadAt } from "./read-transcript.ts";
import { readSubagents, withSubagents } from "./subagent-files.ts";

/**
 * The facts of a session's transcript and of its subagents. Reads only what was added since the last time, and has the same
 * result as reading all of it.
 *
 * @param checkpointFile - where to remember what was read; null reads everything
 * @param readAt - replaced by tests
 */
export function factsOfSession(
  transcriptPath: string,
  checkpointFile: string | null,
  readAt?: ReadAt,
): TranscriptFacts {
  const file = openTranscript(transcriptPath);
  if (file === null) return NO_FACTS;
  try {
    const before = checkpointFile === null ? null : readCheckpoint(checkpointFile, file, readAt);
    const reader = new ConversationReader(before?.conversation);
    const lines = linesOf(file, { from: before?.offset ?? 0, isWanted: mayHoldFacts, ...(readAt && { readAt }) });
    let next = lines.next();
    for (; !next.done; next = lines.next()) reader.read(next.value);
    const { offset, rest } = next.value;
    const isNew = checkpointFile !== null && offset !== before?.offset;
    // Before the last line, which may be incomplete and is then read again.
    const conversation = isNew ? JSON.stringify(reader.saved()) : "";
    if (rest !== null) reader.read(rest);
    const facts = reader.facts();
    const subagents = facts.subagents.length === 0 ? [] : readSubagents(transcriptPath, before?.subagents ?? []);
    if (isNew) writeCheckpoint(checkpointFile, file, { offset, conversation, subagents });
    return withSubagents(facts, subagents);
  } finally {
    closeSync(file);
  }
}
