import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { findOnPath } from "../../client/disk/find-on-path.ts";
import { recordOf, textField } from "../../client/disk/private-file.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { endWithProcess } from "../../client/git/end-with-process.ts";
import { endGroup, HAS_GROUPS } from "../../client/git/inert-git.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { printedAsCode } from "../markdown.ts";

/** What Claude is asked. */
export interface Question {
  /** Claude's task. Other users of this machine may see it in the list of processes. */
  readonly instructions: string;
  readonly prompt: string;
  /** An empty folder. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/** Claude's answer, or why there is none, as the rest of a sentence that begins with "but". */
export type ClaudeAnswer = { readonly text: string } | { readonly text: null; readonly why: string };

/** The client's name for its smallest model. */
export const MODEL = "haiku";
const MAX_USD = "0.10";
/** A few times the longest page. With the prompt it costs about half of {@link MAX_USD}. */
const MAX_OUTPUT_TOKENS = "8000";
const TIMEOUT_MS = 90_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_ERROR_CHARS = 120;

/** How long a program that the client started may keep its output open after it has ended. */
const LINGER_MS = 500;

/**
 * Asks the person's own client one question, in a session that has no tools, MCP servers, hooks, plugins or memory, and
 * leaves no transcript. The process and all that it started end with this process, and after the timeout.
 */
export async function askClaude({
  instructions,
  prompt,
  folder,
  env,
  timeoutMs = TIMEOUT_MS,
}: Question): Promise<ClaudeAnswer> {
  const program = claudeProgram(env);
  if (program === null) return failed("`claude` is not on the PATH of this machine");
  const ended = await run(program, argumentsFor(instructions), { prompt, folder, env: childEnv(env), timeoutMs });
  switch (ended.how) {
    case "not started":
      return failed("`claude` could not be started");
    case "too slow":
      return failed(`Claude did not answer within ${Math.ceil(timeoutMs / 1_000)} s`);
    case "too much":
      return failed("`claude` printed too much");
    case "exited":
      return answerIn(ended);
  }
}

/** The native installer's folder may be missing in the PATH of a client that a desktop started. */
function claudeProgram({ PATH, Path }: NodeJS.ProcessEnv): string | null {
  const { platform } = process;
  const places = [PATH ?? Path ?? "", join(homeFolder(), ".local", "bin")].join(delimiter);
  return findOnPath(platform === "win32" ? "claude.exe" : "claude", { PATH: places }, platform);
}

/** Older clients refuse an option that they do not know. Settings of projects are left out: they could name programs. */
function argumentsFor(instructions: string): string[] {
  return [
    ...["--print", "--output-format", "json", "--model", MODEL, "--system-prompt", instructions],
    ...["--tools", "", "--max-turns", "1", "--max-budget-usd", MAX_USD],
    ...["--strict-mcp-config", "--setting-sources", "user", "--settings", '{"disableAllHooks":true}'],
    ...["--disable-slash-commands", "--no-session-persistence"],
  ];
}

/** What the client sets for its own children. With it, the new client would take itself for a part of that session. */
const OF_SESSION =
  /^(?:CLAUDECODE|CLAUDE_(?:PID|EFFORT|ENV_FILE|PROJECT_DIR|PLUGIN_\w+)|CLAUDE_CODE_(?:ENTRYPOINT|SESSION_\w+|CHILD_\w+|MESSAGING_\w+|EXECPATH|SSE_PORT|BRIDGE_SESSION_ID|EFFORT_LEVEL|SIMPLE)|AI_AGENT|TRACEPARENT)$/;

function childEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !OF_SESSION.test(name))),
    CLAUDE_CODE_SAFE_MODE: "1", // no plugins, CLAUDE.md, hooks; older clients ignore it
    CLAUDE_CODE_DISABLE_CLAUDE_MDS: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: MAX_OUTPUT_TOKENS,
    DISABLE_AUTOUPDATER: "1",
    PHOTON_HANDOVER: "off", // if a client runs Photon's hooks all the same, this session leaves no handover
  };
}

type Ended =
  | { readonly how: "not started" | "too slow" | "too much" }
  | { readonly how: "exited"; readonly code: number | null; readonly stdout: string; readonly stderr: string };

function run(
  program: string,
  args: readonly string[],
  { prompt, folder, env, timeoutMs }: { prompt: string; folder: string; env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: folder, env, stdio: "pipe", windowsHide: true, detached: HAS_GROUPS });
    let stopped: "too slow" | "too much" | null = null;
    let bytes = 0;
    const end = () => {
      endGroup(child.pid);
      child.kill("SIGKILL");
      child.stdout.destroy(); // a program that left the group may hold them open
      child.stderr.destroy();
    };
    const stop = (why: typeof stopped) => {
      stopped ??= why;
      end();
    };
    const forget = endWithProcess(end);
    const timer = setTimeout(() => stop("too slow"), timeoutMs);
    let lingers: NodeJS.Timeout | undefined;
    const done = (ended: Ended) => {
      clearTimeout(timer);
      clearTimeout(lingers);
      forget();
      resolve(ended);
    };
    const collect = (chunks: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) stop("too much");
      else chunks.push(chunk);
    };
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", collect(out));
    child.stderr.on("data", collect(err));
    child.on("error", () => done({ how: "not started" }));
    child.on("exit", () => {
      lingers = setTimeout(end, LINGER_MS);
    });
    child.on("close", (code) => {
      endGroup(child.pid); // what it started and left behind
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
      done(stopped === null ? { how: "exited", code, stdout: text(out), stderr: text(err) } : { how: stopped });
    });
    child.stdin.on("error", () => undefined); // it exited before it read everything
    child.stdin.end(prompt);
  });
}

/** Reads the one line of JSON that the client prints. */
function answerIn({ code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }): ClaudeAnswer {
  const said = recordOf(parseJson(stdout.trim().split("\n").at(-1) ?? ""));
  const text = textField(said, "result")?.trim() ?? "";
  if (textField(said, "subtype") === "error_max_budget_usd") return failed(`the budget of $${MAX_USD} was used up`);
  if (said?.is_error === true || (said === undefined && code !== 0)) {
    const errors = Array.isArray(said?.errors) ? said.errors.filter((each) => typeof each === "string") : [];
    const words = text || errors.join(" ") || stderr.trim().split("\n", 1).join("");
    return failed(`\`claude\` failed${words === "" ? "" : `: ${printedAsCode(words, MAX_ERROR_CHARS)}`}`);
  }
  return text === "" ? failed("its answer was empty or could not be read") : { text };
}

function failed(why: string): ClaudeAnswer {
  return { text: null, why };
}
