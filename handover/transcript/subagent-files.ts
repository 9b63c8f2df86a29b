import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { factsFromTranscript, mayHoldFacts } from "./facts-from-transcript.ts";
import { transcriptLines } from "./read-transcript.ts";
import type { TranscriptFacts } from "./transcript-facts.ts";

/** Together; larger transcripts of subagents are left out, because a session waits. */
const MAX_BYTES = 8_000_000;
const MAX_TRANSCRIPTS = 50;

/**
 * The facts of a session with the files that its subagents changed. Newer clients write each subagent's transcript into a
 * file of its own, in a folder with the session's name.
 */
export function withSubagents(facts: TranscriptFacts, transcriptPath: string): TranscriptFacts {
  if (facts.subagents.length === 0) return facts;
  const folder = join(transcriptPath.replace(/\.jsonl$/, ""), "subagents");
  let left = MAX_BYTES;
  const theirs = transcriptsIn(folder).flatMap(({ path, bytes }) => {
    left -= bytes;
    return left < 0 ? [] : [factsFromTranscript(transcriptLines(path, mayHoldFacts))];
  });
  const own = new Set(facts.files.map(({ path }) => path));
  const files = new Map(
    theirs.flatMap((each) => each.files.filter(({ path }) => !own.has(path)).map((file) => [file.path, file])),
  );
  const edits = theirs.reduce((sum, each) => sum + each.edits, facts.edits);
  return { ...facts, files: [...files.values(), ...facts.files], edits };
}

/** Newest first. */
function transcriptsIn(folder: string): { path: string; bytes: number }[] {
  try {
    const names = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".jsonl"));
    return names
      .slice(0, MAX_TRANSCRIPTS)
      .map((name) => ({ path: join(folder, name), stat: statSync(join(folder, name)) }))
      .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs)
      .map(({ path, stat }) => ({ path, bytes: stat.size }));
  } catch {
    return []; // there is no such folder
  }
}
