import { spawn } from "node:child_process";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly cwd: string;
  /** The complete environment of the process. The caller's is never passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  /** For a program that starts many others. */
  readonly limitMs?: number;
}

const LIMIT_MS = 50_000;

/** Runs a program to its end. A program that does not end is killed, and its exit code is then null. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env, input = "", limitMs = LIMIT_MS }: Run,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, timeout: limitMs, killSignal: "SIGKILL" });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    // A program may end without reading its input.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** {@link run} for a step that must succeed. */
export async function mustRun(program: string, args: readonly string[], options: Run): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Polls until there is an answer, for something that another process does. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null> | T | null,
  limitMs = 15_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`did not happen within ${limitMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
