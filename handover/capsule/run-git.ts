import { spawn } from "node:child_process";

/** A capsule is at most 10 MiB compressed; a patch of text may be much longer before. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

export interface GitRun {
  readonly code: number;
  readonly stdout: Buffer;
  /** Git's own words, in English; they may hold paths. */
  readonly stderr: string;
}

export interface GitOptions {
  /** Milliseconds. */
  readonly timeoutMs?: number;
  readonly stdin?: Buffer;
  /** Beside what every call here sets, like another index. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs git so that nothing of the repository or of the person's set-up decides what happens: no hook, no pager, no
 * external diff, no file system monitor, no question, paths taken literally, no lock that is not needed.
 *
 * @throws Error when git is missing, took too long or printed too much; a command that fails is a result with its code
 */
export function runGit(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitRun> {
  const { timeoutMs = 30_000, stdin, env = {} } = options;
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...SAFE, ...args], {
      cwd,
      env: { ...process.env, ...NEUTRAL, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    const complaints: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT_BYTES) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === null) reject(new Error(`git ${args[0] ?? ""} took too long or printed too much.`));
      else resolve({ code, stdout: Buffer.concat(chunks), stderr: Buffer.concat(complaints).toString() });
    });
    child.stdin.on("error", () => undefined); // it ended before it read everything; its code says why
    child.stdin.end(stdin);
  });
}

const SAFE = [
  "--no-optional-locks",
  ...["-c", "core.hooksPath=/dev/null"],
  ...["-c", "core.fsmonitor=false"],
  ...["-c", "core.quotePath=false"],
  ...["-c", "advice.detachedHead=false"],
];

/** Another repository's variables (this may run inside a hook of git) must not lead elsewhere. */
const NEUTRAL: NodeJS.ProcessEnv = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined,
  GIT_TERMINAL_PROMPT: "0",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C",
};

/** The text a command printed, without the line end. @throws Error when it failed */
export async function gitText(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitBytes(cwd, args, options)).toString().replace(/\n$/, "");
}

/** @throws Error when the command failed */
export async function gitBytes(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(cwd, args, options);
  if (code !== 0) throw new Error(`git ${args[0] ?? ""} failed: ${stderr.trim().split("\n")[0] ?? code}`);
  return stdout;
}
