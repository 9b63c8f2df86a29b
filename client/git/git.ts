import { type ChildProcess, spawn } from "node:child_process";
import { endWithProcess } from "./end-with-process.ts";
import { foreignPrograms, LIST_SETTINGS, settingCalled } from "./foreign-programs.ts";
import { gitCall, verbOf } from "./git-call.ts";
import { endGroup, GIT_TIMEOUT_MS, HAS_GROUPS, runsNoPrograms, startAndWait } from "./inert-git.ts";

// Only this file and `inert-git.ts` start git. Nothing from the folder is run, whatever the folder: see `git-call.ts`.

/** A capsule has at most 10 MiB compressed; an uncompressed text patch may be much larger. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Runs one read-only git command synchronously.
 *
 * @param timeoutMs - for all steps together; at 0 or less, git is not started
 * @param onSettings - called with what {@link LIST_SETTINGS} printed, if the command may run programs
 * @returns its output, or null if git is missing, fails or times out
 */
export function git(
  cwd: string,
  args: readonly string[],
  timeoutMs: number = GIT_TIMEOUT_MS,
  onSettings?: (listing: string) => void,
): string | null {
  const end = performance.now() + timeoutMs;
  const ask = (asked: readonly string[]) => {
    const left = Math.ceil(end - performance.now());
    if (left <= 0) throw new Error("The timeout has passed.");
    return startAndWait(cwd, asked, left);
  };
  try {
    if (runsNoPrograms(args)) return ask(args);
    const listing = ask(LIST_SETTINGS);
    onSettings?.(listing);
    const { settings } = foreignPrograms(listing);
    return ask([...settings.flatMap((setting) => ["-c", setting]), ...args]);
  } catch {
    return null;
  }
}

export interface GitRun {
  readonly code: number;
  readonly stdout: Buffer;
  /** In English. May contain paths. */
  readonly stderr: string;
}

export interface GitOptions {
  /** Milliseconds. */
  readonly timeoutMs?: number;
  /** Bytes, or an open file descriptor. */
  readonly stdin?: Buffer | number;
  /** Additional variables, such as another index. */
  readonly env?: NodeJS.ProcessEnv;
  /** Most bytes that it may print. */
  readonly maxOutputBytes?: number;
  /** Detaches the process. For commands that write the person's files: Ctrl-C or our exit must not stop them half-way. */
  readonly isOnItsOwn?: boolean;
  /** Whether it may contact a remote, as in a partial clone. Only when a person resumes work. */
  readonly network?: boolean;
}

/** Git printed more than `maxOutputBytes`. */
export class TooMuchOutput extends Error {
  override readonly name = "TooMuchOutput";
}

/**
 * Runs one git command, which may write. The person's settings do not affect the result, except for their own filters.
 *
 * @throws TooMuchOutput
 * @throws GitTimeout
 * @throws Error if git is missing; a failed command is a result with its exit code
 */
export async function runGit(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitRun> {
  if (runsNoPrograms(args) && !options.network) return start(cwd, args, options);
  const listed = await start(cwd, LIST_SETTINGS, { env: placeIn(options) });
  if (listed.code !== 0) return listed;
  const { settings, isRemoteSafe } = foreignPrograms(listed.stdout.toString());
  const all = [...settings.flatMap((setting) => ["-c", setting]), ...args];
  return start(cwd, all, { ...options, network: options.network === true && isRemoteSafe });
}

/** Settings may depend on where git's folder is. */
function placeIn({ env = {} }: GitOptions): NodeJS.ProcessEnv {
  return env.GIT_DIR === undefined ? {} : { GIT_DIR: env.GIT_DIR, GIT_WORK_TREE: env.GIT_WORK_TREE };
}

/** Names of filters that the repository's own settings define, which are not run. @throws Error if git fails */
export async function foreignFilters(cwd: string): Promise<ReadonlySet<string>> {
  return foreignPrograms(await gitText(cwd, LIST_SETTINGS)).filters;
}

/** A setting's value without our overrides. @param name - in lower case @throws Error if git fails */
export async function ownSetting(cwd: string, name: string): Promise<string | null> {
  return settingCalled(await gitText(cwd, LIST_SETTINGS), name);
}

/**
 * Git did not end in time and was ended, as were the programs in its process group. Programs that it had started may run on:
 * on Windows, outside of that group, and after a network call at a terminal, which has no group of its own.
 */
export class GitTimeout extends Error {
  override readonly name = "GitTimeout";
}

const TIMEOUT_MS = 60_000;

/** How long a program that git started may keep git's output open after git has ended. */
const LINGER_MS = 500;

function start(cwd: string, args: readonly string[], options: GitOptions): Promise<GitRun> {
  const { timeoutMs = TIMEOUT_MS, stdin, env = {}, maxOutputBytes = MAX_OUTPUT_BYTES, isOnItsOwn = false } = options;
  return new Promise((resolve, reject) => {
    // A separate object folder is temporary, and syncing each object to disk would take longer than everything else.
    const settings = env.GIT_OBJECT_DIRECTORY === undefined ? EXACT : [...EXACT, "-c", "core.fsync=none"];
    const call = gitCall(cwd, [...settings, ...args], options.network);
    const isLeader = isOnItsOwn || (HAS_GROUPS && !mayAskPerson(options));
    // Before git starts: a signal that arrives while it starts would end this process only.
    const forget = isOnItsOwn ? () => undefined : endWithProcess(() => end());
    let child: ChildProcess;
    try {
      child = spawn(call.program, call.args, {
        cwd,
        env: { ...call.env, ...env },
        stdio: [typeof stdin === "number" ? stdin : "pipe", "pipe", "pipe"],
        windowsHide: true,
        detached: isLeader,
      });
    } catch (error) {
      forget();
      throw error;
    }
    const chunks: Buffer[] = [];
    const complaints: Buffer[] = [];
    let size = 0;
    let hasTimedOut = false;
    const end = () => {
      if (isLeader) endGroup(child.pid);
      child.kill("SIGKILL");
      child.stdout?.destroy(); // a program that left the group may hold them open
      child.stderr?.destroy();
    };
    const timer = setTimeout(() => {
      hasTimedOut = true;
      end();
    }, timeoutMs);
    const done = () => {
      clearTimeout(timer);
      forget();
    };
    child.stdout?.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) end();
      else chunks.push(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk));
    child.on("error", (error) => {
      done();
      reject(error);
    });
    let lingers: NodeJS.Timeout | undefined;
    child.on("exit", () => {
      lingers = setTimeout(end, LINGER_MS);
    });
    child.on("close", (code) => {
      clearTimeout(lingers);
      done();
      if (size > maxOutputBytes) reject(new TooMuchOutput(`git ${verbOf(args)} printed too much.`));
      else if (hasTimedOut) reject(new GitTimeout(tookTooLong(args, timeoutMs)));
      else if (code === null) reject(new Error(`git ${verbOf(args)} was ended.`));
      else resolve({ code, stdout: Buffer.concat(chunks), stderr: Buffer.concat(complaints).toString() });
    });
    child.stdin?.on("error", () => undefined); // git exited before it read everything; its exit code says why
    if (typeof stdin !== "number") child.stdin?.end(stdin);
  });
}

function tookTooLong(args: readonly string[], timeoutMs: number): string {
  return `git ${verbOf(args)} did not end within ${Math.ceil(timeoutMs / 1_000)} s and was stopped. A filter or helper of yours may hang.`;
}

/** At a terminal, ssh may ask for the passphrase of a key, which it cannot in a process group of its own. */
function mayAskPerson({ network }: GitOptions): boolean {
  return network === true && process.stdin.isTTY === true;
}

const EXACT = [
  // The person may want lossy line ends, and that is no reason to stop: we write what `git add` would write.
  ...["-c", "core.safecrlf=false"],
  // Both would create more files for an index that is elsewhere: a shared index in git's folder, or entries for folders.
  ...["-c", "core.splitIndex=false"],
  ...["-c", "index.sparse=false"],
  ...["-c", "core.bigFileThreshold=4000m"],
  ...["-c", "diff.orderFile=/dev/null"],
  ...["-c", "gc.auto=0"],
  ...["-c", "maintenance.auto=false"],
  ...["-c", "pack.threads=1"],
  ...["-c", "advice.detachedHead=false"],
  ...["-c", "advice.graftFileDeprecated=false"],
  // Caches that may differ from the commits themselves. What is scanned must be what is sent.
  ...["-c", "core.commitGraph=false"],
  ...["-c", "pack.useBitmaps=false"],
];

/** A command's output as text, without the final line end. @throws Error if it fails */
export async function gitText(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitBytes(cwd, args, options)).toString().replace(/\n$/, "");
}

/** @throws Error if the command fails */
export async function gitBytes(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(cwd, args, options);
  if (code !== 0) throw new Error(`git ${verbOf(args)} failed: ${firstComplaint(stderr)}`);
  return stdout;
}

/** Git's first error message, without `error:` or `fatal:`. If it only says that a program failed, that program's words too. */
export function firstComplaint(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !ASIDE.test(line));
  const own = lines.filter((line) => COMPLAINT.test(line));
  const said = own.find((line) => !BROKEN_PIPE.test(line)) ?? own[0] ?? lines[0] ?? "";
  const first = said.replace(COMPLAINT, "");
  const at = lines.indexOf(said);
  const isForeign = (line: string) => !COMPLAINT.test(line);
  // Usually before: what the program says and what git says about its end may arrive in either order.
  const cause = lines.slice(0, at).findLast(isForeign) ?? lines.slice(at + 1).find(isForeign);
  return cause !== undefined && CONSEQUENCE.test(first) ? `${cause} (${first})` : first || "git did not say why.";
}

const COMPLAINT = /^(?:error|fatal): /;
const ASIDE = /^(?:hint|warning|remote): |^Please make sure you have|^and the repository exists/;
/** What git says first of a program that has ended. */
const BROKEN_PIPE = /packet write|client identification/;

/** What git says when a program that it started has failed. */
const CONSEQUENCE =
  /remote end hung up|external filter|(?:clean|smudge) filter|Could not read from remote|subprocess|packet write|write error/i;
