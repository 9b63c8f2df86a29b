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
  /** Most that it may print. */
  readonly maxOutputBytes?: number;
  /** For what writes files of a person: an interrupt from the keyboard, or our end, must not stop it half-way. */
  readonly isOnItsOwn?: boolean;
}

/** It printed more than was allowed. */
export class TooMuchOutput extends Error {
  override readonly name = "TooMuchOutput";
}

/**
 * Runs git so that nothing of the repository or of the person's set-up decides what happens: no hook, no pager, no
 * external diff, no file system monitor, no question, paths taken literally, no lock that is not needed.
 *
 * @throws TooMuchOutput
 * @throws Error when git is missing or took too long; a command that fails is a result with its code
 */
export function runGit(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitRun> {
  const { timeoutMs = 60_000, stdin, env = {}, maxOutputBytes = MAX_OUTPUT_BYTES, isOnItsOwn = false } = options;
  return new Promise((resolve, reject) => {
    // Objects written apart are gone in a moment: waiting until each is on the disk takes longer than all the rest.
    const settings = env.GIT_OBJECT_DIRECTORY === undefined ? SAFE : [...SAFE, "-c", "core.fsync=none"];
    const child = spawn("git", [...settings, ...args], {
      cwd,
      env: { ...inherited(), ...NEUTRAL, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      windowsHide: true,
      detached: isOnItsOwn,
    });
    const chunks: Buffer[] = [];
    const complaints: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (size > maxOutputBytes) reject(new TooMuchOutput(`git ${verbOf(args)} printed too much.`));
      else if (code === null) reject(new Error(`git ${verbOf(args)} took too long.`));
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
  // Lossy on purpose of the person, and no reason to stop: what is written is what `git add` would write.
  ...["-c", "core.safecrlf=false"],
  // Either would write a second file, into git's own folder, for an index that is elsewhere; or a folder for its files.
  ...["-c", "core.splitIndex=false"],
  ...["-c", "index.sparse=false"],
  ...["-c", "core.bigFileThreshold=4000m"],
  ...["-c", "diff.orderFile=/dev/null"],
  ...["-c", "submodule.recurse=false"],
  ...["-c", "gc.auto=0"],
  ...["-c", "maintenance.auto=false"],
  ...["-c", "pack.threads=1"],
  ...["-c", "color.ui=false"],
  ...["-c", "advice.detachedHead=false"],
];

const NEUTRAL: NodeJS.ProcessEnv = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C",
};

/** How git reaches others and which settings it reads are the person's; where the repository lies is not. */
const KEPT = /^GIT_(?:SSH|ASKPASS|SSL_|HTTP_|PROXY|CONFIG_(?!PARAMETERS)|EXEC_PATH|TEMPLATE_DIR|CEILING_|ALLOW_|LFS_)/;

/** A hook of git, inside which this may run, has variables that lead to another repository or index. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith("GIT_") || KEPT.test(name)),
  );
}

/** The text a command printed, without the line end. @throws Error when it failed */
export async function gitText(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitBytes(cwd, args, options)).toString().replace(/\n$/, "");
}

/** @throws Error when the command failed */
export async function gitBytes(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(cwd, args, options);
  if (code !== 0) throw new Error(`git ${verbOf(args)} failed: ${firstComplaint(stderr)}`);
  return stdout;
}

/** Behind the settings. */
function verbOf(args: readonly string[]): string {
  return args.find((arg, at) => arg !== "-c" && args[at - 1] !== "-c") ?? "";
}

const FRUGAL_BYTES = 64 * 1024 * 1024;

/**
 * For what unfolds a stranger's bytes: git would take all the memory that they ask for. One file of a session's work is at
 * most 2 MiB; the bytes themselves are read whole, into space that grows by half each time.
 */
export function frugal(options: GitOptions, stdin: Buffer): GitOptions {
  const limit = Math.round((FRUGAL_BYTES + 2 * stdin.length) / 1024);
  return { ...options, stdin, env: { ...options.env, GIT_ALLOC_LIMIT: `${limit}k` } };
}

/** What git said first, without the word for how bad it is. */
export function firstComplaint(stderr: string): string {
  const [first = ""] = stderr
    .split("\n")
    .filter((line) => /^(?:error|fatal): /.test(line))
    .concat(stderr.trim());
  return first.replace(/^(?:error|fatal): /, "").split("\n")[0] || "git did not say why.";
}
