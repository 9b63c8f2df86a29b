import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";

/**
 * Options under which git runs nothing that comes with a folder: no hook, file system monitor, external diff, pager, editor
 * or helper; no bare repository inside another one, no replaced objects, no network. `foreign-programs.ts` handles settings
 * that can only be disabled by name.
 */
const SAFE = [
  "--no-optional-locks",
  "--no-replace-objects",
  ...["-c", "safe.bareRepository=explicit"],
  ...["-c", "core.hooksPath=/dev/null"],
  ...["-c", "core.fsmonitor=false"],
  ...["-c", "log.showSignature=false"],
  ...["-c", "core.quotePath=false"],
  ...["-c", "submodule.recurse=false"],
  ...["-c", "color.ui=false"],
];

const NEUTRAL: NodeJS.ProcessEnv = {
  GIT_DISCOVERY_ACROSS_FILESYSTEM: "1", // a folder of the repository may be mounted on its own
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  GIT_PAGER: "cat",
  GIT_EDITOR: ":",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: "/dev/null",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C",
};

/** In a partial clone, even `git status` may fetch. Versions before 2.44 know only the list of protocols. */
const NO_NETWORK: NodeJS.ProcessEnv = { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "" };
/** Excludes `ext`, which runs any program, and other helpers that a remote's URL can name. */
const NETWORK: NodeJS.ProcessEnv = { GIT_ALLOW_PROTOCOL: "file:http:https:ssh" };

/**
 * Variables for the location of the person's settings and for certificates. All other GIT_ variables redirect git, hide a
 * folder's repository from it, or name programs.
 */
const KEPT = /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|SSL_CA(?:INFO|PATH))$/;

/** The arguments of one git process. */
export interface GitCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * @param args - settings (`-c`, `name=value`), then the command
 * @param network - whether git may contact a remote
 * @throws Error if git is not installed, or the folder is inside a bare repository
 */
export function gitCall(cwd: string, args: readonly string[], network = false): GitCall {
  if (isInBareRepository(cwd)) throw new Error("fatal: cannot use bare repository");
  return {
    program: gitProgram(),
    args: [...SAFE, ...withSafeOptions(args)],
    env: { ...inherited(), ...NEUTRAL, ...(network ? NETWORK : NO_NETWORK) },
  };
}

/** The git command, which follows the settings. */
export function verbOf(args: readonly string[]): string {
  return args.find((arg, at) => arg !== "-c" && args[at - 1] !== "-c") ?? "";
}

/** Options for what no setting disables: diff programs, and git processes in submodules. */
const SAFE_OPTIONS: readonly (readonly [verbs: RegExp, options: readonly string[]])[] = [
  [/^(?:diff(?:-\w+)?|log|show)$/, ["--no-ext-diff", "--no-textconv"]],
  [/^status$/, ["--ignore-submodules=dirty"]],
];

function withSafeOptions(args: readonly string[]): string[] {
  const verb = verbOf(args);
  const options = SAFE_OPTIONS.find(([verbs]) => verbs.test(verb))?.[1] ?? [];
  const at = args.indexOf(verb) + 1;
  return [...args.slice(0, at), ...options, ...args.slice(at)];
}

/** The environment without GIT_ variables. Inside a git hook, these point to another repository or index. */
function inherited(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of Object.keys(process.env)) {
    if (!name.toUpperCase().startsWith("GIT_") || KEPT.test(name)) env[name] = process.env[name];
  }
  return env;
}

/**
 * Git's absolute path. A bare name could also be found in the current folder: on Windows always, elsewhere if PATH has a
 * relative entry.
 */
function gitProgram(): string {
  const name = process.platform === "win32" ? "git.exe" : "git";
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (isAbsolute(folder) && isProgram(path)) return path;
  }
  throw new Error("git is not installed.");
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * A folder in a project can be a bare repository with settings that name programs. Git refuses these from 2.38 on
 * (`safe.bareRepository`); this check is for older versions.
 */
function isInBareRepository(cwd: string): boolean {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return false;
    if (["HEAD", "objects", "refs"].every((name) => existsSync(join(folder, name)))) return basename(folder) !== ".git";
    if (folder === dirname(folder)) return false;
  }
}
