import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { factsFromTranscript, mayHoldFacts } from "../transcript/facts-from-transcript.ts";
import type { TranscriptFacts } from "../transcript/transcript-facts.ts";
import { transcriptLines } from "./read-transcript.ts";

/** Together; larger transcripts of subagents are left out, because a session waits. */
const MAX_BYTES = 8_000_000;
const MAX_TRANSCRIPTS = 50;

/** What a subagent changed, and the state of its transcript that says so. */
export interface SubagentWork extends Pick<TranscriptFacts, "files" | "edits"> {
  readonly path: string;
  readonly bytes: number;
  readonly writtenAt: number;
}

/**
 * What the subagents of a session changed, the newest first. Newer clients write each subagent's transcript into a file of its
 * own, in a folder with the session's name.
 *
 * @param before - from an earlier reading: files that have not changed since then are not read again
 */
export function readSubagents(transcriptPath: string, before: readonly SubagentWork[]): SubagentWork[] {
  const folder = join(transcriptPath.replace(/\.jsonl$/, ""), "subagents");
  let left = MAX_BYTES;
  return transcriptsIn(folder).flatMap(({ path, bytes, writtenAt }) => {
    left -= bytes;
    if (left < 0) return [];
    const known = before.find((each) => each.path === path && each.bytes === bytes && each.writtenAt === writtenAt);
    if (known !== undefined) return [known];
    const { files, edits } = factsFromTranscript(transcriptLines(path, mayHoldFacts));
    return [{ path, bytes, writtenAt, files, edits }];
  });
}

/** The facts of a session with the files that its subagents changed. */
export function withSubagents(facts: TranscriptFacts, theirs: readonly SubagentWork[]): TranscriptFacts {
  const own = new Set(facts.files.map(({ path }) => path));
  const files = new Map(
    theirs.flatMap((each) => each.files.filter(({ path }) => !own.has(path)).map((file) => [file.path, file])),
  );
  const edits = theirs.reduce((sum, each) => sum + each.edits, facts.edits);
  return { ...facts, files: [...files.values(), ...facts.files], edits };
}

/** Newest first. */
function transcriptsIn(folder: string): { path: string; bytes: number; writtenAt: number }[] {
  try {
    const names = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".jsonl"));
    return names
      .slice(0, MAX_TRANSCRIPTS)
      .map((name) => ({ path: join(folder, name), stat: statSync(join(folder, name)) }))
      .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs)
      .map(({ path, stat }) => ({ path, bytes: stat.size, writtenAt: stat.mtimeMs }));
  } catch {
    return []; // there is no such folder
  }
}
