import { spawn } from "node:child_process";
import { foreignPrograms, LIST_SETTINGS, settingCalled } from "./foreign-programs.ts";
import { gitCall, verbOf } from "./git-call.ts";
import { GIT_TIMEOUT_MS, runsNoPrograms, startAndWait } from "./inert-git.ts";

// Git is started here and in `inert-git.ts` alone. Whatever the folder is, nothing of it is run: see `git-call.ts`.

/** A capsule is at most 10 MiB compressed; a patch of text may be much longer before. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Runs one git command that only looks, and waits for it.
 *
 * @param timeoutMs - in all; none is left from 0 on: then git is not asked
 * @returns what it printed, or null when git is missing, failed, or took too long
 */
export function git(cwd: string, args: readonly string[], timeoutMs: number = GIT_TIMEOUT_MS): string | null {
  const end = performance.now() + Math.min(timeoutMs, GIT_TIMEOUT_MS);
  const ask = (asked: readonly string[]) => {
    const left = Math.ceil(end - performance.now());
    if (left <= 0) throw new Error("No time is left.");
    return startAndWait(cwd, asked, left);
  };
  try {
    if (runsNoPrograms(args)) return ask(args);
    const { settings } = foreignPrograms(ask(LIST_SETTINGS));
    return ask([...settings.flatMap((setting) => ["-c", setting]), ...args]);
  } catch {
    return null;
  }
}

export interface GitRun {
  readonly code: number;
  readonly stdout: Buffer;
  /** Git's own words, in English; they may hold paths. */
  readonly stderr: string;
}

export interface GitOptions {
  /** Milliseconds. */
  readonly timeoutMs?: number;
  /** Bytes, or an open file's number. */
  readonly stdin?: Buffer | number;
  /** Next to what every call here sets, like another index. */
  readonly env?: NodeJS.ProcessEnv;
  /** Most that it may print. */
  readonly maxOutputBytes?: number;
  /** For what writes files of a person: an interrupt from the keyboard, or our end, must not stop it half-way. */
  readonly isOnItsOwn?: boolean;
  /** Whether it may talk to a remote, as in a partial clone: only when a person takes work over. */
  readonly network?: boolean;
}

/** It printed more than was allowed. */
export class TooMuchOutput extends Error {
  override readonly name = "TooMuchOutput";
}

/**
 * Runs one git command, which may write. Settings of the person's do not decide what comes out, but for their own filters.
 *
 * @throws TooMuchOutput
 * @throws Error when git is missing or took too long; a command that fails is a result with its code
 */
export async function runGit(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitRun> {
  if (runsNoPrograms(args) && !options.network) return start(cwd, args, options);
  const listed = await start(cwd, LIST_SETTINGS, {});
  if (listed.code !== 0) return listed;
  const { settings, isRemoteSafe } = foreignPrograms(listed.stdout.toString());
  const all = [...settings.flatMap((setting) => ["-c", setting]), ...args];
  return start(cwd, all, { ...options, network: options.network === true && isRemoteSafe });
}

/** Names of the filters that the repository's own settings define; they are not run. @throws Error when git fails */
export async function foreignFilters(cwd: string): Promise<ReadonlySet<string>> {
  return foreignPrograms(await gitText(cwd, LIST_SETTINGS)).filters;
}

/** A setting as the person has it, without ours; null when it is missing. @param name - in lower case @throws Error when git fails */
export async function ownSetting(cwd: string, name: string): Promise<string | null> {
  return settingCalled(await gitText(cwd, LIST_SETTINGS), name);
}

function start(cwd: string, args: readonly string[], options: GitOptions): Promise<GitRun> {
  const { timeoutMs = 60_000, stdin, env = {}, maxOutputBytes = MAX_OUTPUT_BYTES, isOnItsOwn = false } = options;
  return new Promise((resolve, reject) => {
    // Objects written apart are gone in a moment: waiting until each is on the disk takes longer than all the rest.
    const settings = env.GIT_OBJECT_DIRECTORY === undefined ? EXACT : [...EXACT, "-c", "core.fsync=none"];
    const call = gitCall(cwd, [...settings, ...args], options.network);
    const child = spawn(call.program, call.args, {
      cwd,
      env: { ...call.env, ...env },
      stdio: [typeof stdin === "number" ? stdin : "pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      windowsHide: true,
      detached: isOnItsOwn,
    });
    const chunks: Buffer[] = [];
    const complaints: Buffer[] = [];
    let size = 0;
    child.stdout?.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (size > maxOutputBytes) reject(new TooMuchOutput(`git ${verbOf(args)} printed too much.`));
      else if (code === null) reject(new Error(`git ${verbOf(args)} took too long.`));
      else resolve({ code, stdout: Buffer.concat(chunks), stderr: Buffer.concat(complaints).toString() });
    });
    child.stdin?.on("error", () => undefined); // it ended before it read everything; its code says why
    if (typeof stdin !== "number") child.stdin?.end(stdin);
  });
}

const EXACT = [
  // Lossy on purpose of the person, and no reason to stop: what is written is what `git add` would write.
  ...["-c", "core.safecrlf=false"],
  // Either would write a second file, into git's own folder, for an index that is elsewhere; or a folder for its files.
  ...["-c", "core.splitIndex=false"],
  ...["-c", "index.sparse=false"],
  ...["-c", "core.bigFileThreshold=4000m"],
  ...["-c", "diff.orderFile=/dev/null"],
  ...["-c", "gc.auto=0"],
  ...["-c", "maintenance.auto=false"],
  ...["-c", "pack.threads=1"],
  ...["-c", "advice.detachedHead=false"],
  ...["-c", "advice.graftFileDeprecated=false"],
  // Shortcuts that may say something else than the commits do: what is looked through must be what leaves.
  ...["-c", "core.commitGraph=false"],
  ...["-c", "pack.useBitmaps=false"],
];

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

/** What git said first, without the word for how bad it is. */
export function firstComplaint(stderr: string): string {
  const [first = ""] = stderr
    .split("\n")
    .filter((line) => /^(?:error|fatal): /.test(line))
    .concat(stderr.trim());
  return first.replace(/^(?:error|fatal): /, "").split("\n")[0] || "git did not say why.";
}
