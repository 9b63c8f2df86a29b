import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A program named `claude` that does what a test says. */
export interface FakeClaude {
  /** The environment in which it is found. */
  readonly env: NodeJS.ProcessEnv;
  /** How it was called, in order. */
  calls(): FakeCall[];
}

interface FakeCall {
  readonly args: readonly string[];
  readonly stdin: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * @param folder - an existing folder
 * @param behaviour - a program of Node, which runs after the call was recorded; `stdin` is what it read
 */
export function fakeClaude(folder: string, behaviour: string): FakeClaude {
  const bin = join(folder, "bin of claude");
  const calls = join(folder, "claude-calls.jsonl");
  mkdirSync(bin, { recursive: true });
  writeFileSync(calls, "");
  const script = join(bin, "claude.cjs");
  writeFileSync(
    script,
    `const fs = require("node:fs");
const stdin = fs.readFileSync(0, "utf8");
const call = { args: process.argv.slice(2), stdin, folder: process.cwd(), files: fs.readdirSync("."), env: process.env };
fs.appendFileSync(${JSON.stringify(calls)}, JSON.stringify(call) + "\\n");
const answer = (result, more = {}) => console.log(JSON.stringify({ type: "result", subtype: "success", is_error: false, result, ...more }));
${behaviour}
`,
  );
  writeFileSync(join(bin, "claude"), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`, { mode: 0o755 });
  return {
    env: { PATH: bin, HOME: folder },
    calls: () =>
      readFileSync(calls, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}
