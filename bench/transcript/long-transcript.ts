import { closeSync, openSync, writeSync } from "node:fs";
import { ChainWriter, type Session } from "./transcript-lines.ts";

/**
 * Writes a transcript like Claude Code 2.1.330 does over a long day: prompts, answers, tool calls with their results, and
 * the client's own lines. The kinds of lines, their order and the sizes of the client's own lines come from recorded
 * sessions (test/fixtures/transcripts, before they were shortened). The sizes of files and outputs are assumptions: most
 * are small, some large. The same seed gives the same transcript.
 *
 * @param bytes - the minimum size; the result is at most a turn (under 1 MB) longer
 * @returns the offset at which the last turn begins
 */
export function writeLongTranscript(path: string, bytes: number, session: Partial<Session> = {}): number {
  const file = openSync(path, "w");
  try {
    let written = 0;
    for (const lines of longTranscript(session)) {
      const begin = written;
      written += writeSync(file, lines);
      if (written >= bytes) return begin;
    }
    return written;
  } finally {
    closeSync(file);
  }
}

/** Turns between compactions. */
const TURNS_PER_COMPACTION = 20;

/** Yields the lines of one turn after another, endlessly. */
function* longTranscript(session: Partial<Session> = {}): Generator<string> {
  const chain = new ChainWriter(session);
  chain.start();
  for (let turn = 1; ; turn++) {
    chain.prompt(turn);
    const steps = chain.random.between(2, 24);
    for (let step = 0; step < steps; step++) callTool(chain);
    chain.answer();
    if (turn % TURNS_PER_COMPACTION === 0) chain.compact();
    yield chain.take();
  }
}

/** Actions of Claude in a programming session, with realistic frequencies. */
function callTool(chain: ChainWriter): void {
  const { random } = chain;
  const path = `${chain.cwd}/src/part-${random.between(1, 400)}.ts`;
  const kind = random.between(1, 100);
  if (kind <= 36) chain.read(path, random.size(300, 40_000));
  else if (kind <= 66) chain.bash(random.pick(COMMANDS), random.size(20, 16_000), random.between(1, 10) === 1);
  else if (kind <= 88) chain.edit(path, random.size(500, 40_000), random.between(1, 12) === 1);
  else if (kind <= 92) chain.write(`${chain.cwd}/src/new-${random.between(1, 10_000)}.ts`, random.size(300, 12_000));
  else chain.task(random.between(1, 30));
}

const COMMANDS = [
  "npm test",
  "npx vitest run src",
  "npx tsc --noEmit -p .",
  "git status --short",
  "git diff --stat",
  "grep -rn 'parse(' src | head -40",
  "sed -n 1,200p src/part-7.ts",
  "ls -la src",
  "npm run build",
  "cat package.json",
];
