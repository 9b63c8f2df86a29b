import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { workingFolder } from "../client/disk/user-folders.ts";
import { type Config, loadConfig } from "../client/settings/config.ts";
import { sessionFolder } from "../client/settings/session-folder.ts";
import { type HookEvent, parseHookEvent } from "./hook-event.ts";

/** The output of a hook: one line for the person, a text for Claude. */
export interface HookOutput {
  readonly systemMessage?: string;
  readonly hookSpecificOutput?: { readonly hookEventName: "SessionStart"; readonly additionalContext: string };
}

export interface HookContext {
  readonly event: HookEvent;
  readonly config: Config;
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  /** The session's folder, see {@link sessionFolder}. */
  readonly folder: string;
  /** The rest of the budget in whole milliseconds, at least 0. */
  remainingMs(): number;
  /** Calls back after the output was written to the client; never if there is no output or the client has ended. */
  whenWritten(callback: () => void): void;
  /** Prints to stderr what went wrong, at the end of the hook. Only the first call of a run counts. */
  complain(text: string): void;
}

/** The client writes the event immediately. A person who starts a hook by hand may never close its stdin. */
const STDIN_WAIT_MS = 300;

/** Far above the size of an event, whose longest field is Claude's last answer. */
const MAX_STDIN_BYTES = 16 * 1024 * 1024;

const MAX_COMPLAINT_CHARS = 300;

/**
 * Runs one hook and ends the process: with exit code 0 in every case, at most one line on stderr, and only the hook's JSON on
 * stdout.
 *
 * Not guaranteed: JavaScript cannot interrupt itself, so the budget cannot end a blocking call (git, at most 0.7 s each; a
 * disk that hangs). Then the client's own `timeout` in hooks.json ends the process, and the exit code is not 0, as with
 * SIGKILL or a lack of memory.
 *
 * @param budgetMs - milliseconds since the start of the process, including Node's own start
 */
export async function runHook(
  { budgetMs }: { readonly budgetMs: number },
  handler: (context: HookContext) => Promise<HookOutput | null> | HookOutput | null,
): Promise<void> {
  let complaint: string | null = null;
  const complain = (text: string) => {
    complaint ??= text;
  };
  const callbacks: (() => void)[] = [];
  let isEnding = false;
  const end = (output: HookOutput | null) => {
    if (isEnding) return;
    isEnding = true;
    writeThen("stdout", output && `${JSON.stringify(output)}\n`, (isWritten) => {
      if (isWritten) for (const callback of callbacks) run(callback);
      writeThen("stderr", complaint && `Photon: ${oneLine(complaint)}\n`, () => process.exit(0));
    });
  };
  const run = (callback: () => void) => {
    try {
      callback();
    } catch (error) {
      complain(`the state of this session could not be saved: ${error}`);
    }
  };
  const fail = (error: unknown) => {
    complain(error instanceof Error ? error.message : String(error));
    end(null);
  };

  // The budget counts from the start of the process, where `performance.now()` is 0.
  const remainingMs = () => Math.max(0, Math.floor(budgetMs - performance.now()));
  setTimeout(() => {
    if (isEnding) process.exit(0); // the output is not being read
    complain(`the hook was stopped after ${budgetMs} ms.`);
    end(null);
  }, remainingMs());
  process.on("uncaughtException", fail); // also called for unhandled rejections
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => end(null));

  try {
    const env = process.env;
    const { event, isReadable } = parseHookEvent(await readStdin(), env);
    if (!isReadable) complain("the client's input to the hook could not be read.");
    const paths = photonPaths(env);
    const folder = sessionFolder(event.cwd, env.CLAUDE_PROJECT_DIR) ?? workingFolder(env);
    const config = loadConfig({ env, paths, folder });
    const whenWritten = (callback: () => void) => void callbacks.push(callback);
    end(await handler({ event, config, paths, env, folder, remainingMs, complain, whenWritten }));
  } catch (error) {
    fail(error);
  }
}

/** Reads stdin: all of it, or what has arrived if it is not closed in time; empty if it is a terminal or too long. */
function readStdin(): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) return Promise.resolve("");
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = () => {
      clearTimeout(timer);
      stdin.pause();
      resolve(Buffer.concat(chunks).toString());
    };
    const timer = setTimeout(done, STDIN_WAIT_MS);
    stdin.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= MAX_STDIN_BYTES) return;
      chunks.length = 0;
      done();
    });
    stdin.on("end", done);
    stdin.on("error", done);
  });
}

/** Calls back once: after the text was written, or with false if there is no text or no reader. */
function writeThen(name: "stdout" | "stderr", text: string | null, then: (isWritten: boolean) => void): void {
  if (text === null) {
    then(false); // without opening the stream, which takes milliseconds
    return;
  }
  const stream = process[name];
  let isDone = false;
  const once = (error?: Error | null) => {
    if (isDone) return;
    isDone = true;
    then(!error);
  };
  stream.on("error", once);
  stream.write(text, once);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: line breaks and the like would make it more than one line
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").slice(0, MAX_COMPLAINT_CHARS);
}
