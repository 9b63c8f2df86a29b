import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";

/**
 * Settings and variables under which git runs nothing that a folder brings along: no hook, file system monitor, external
 * diff, pager, editor or helper, no repository that merely lies in another one, no replaced objects, no network. What can
 * only be switched off by its name is in `foreign-programs.ts`.
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
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  GIT_PAGER: "cat",
  GIT_EDITOR: ":",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: "/dev/null",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C",
};

/** A partial clone would fetch in the middle of a `git status`. Gits before 2.44 know only the list of protocols. */
const NO_NETWORK: NodeJS.ProcessEnv = { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "" };
/** Not `ext`, which is any program, nor another helper that a remote's address names. */
const NETWORK: NodeJS.ProcessEnv = { GIT_ALLOW_PROTOCOL: "file:http:https:ssh" };

/** Where the person's settings are, and how a certificate is checked. All other GIT_ variables lead elsewhere or name programs. */
const KEPT =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|SSL_CA(?:INFO|PATH))$/;

/** How to start git once. */
interface GitCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * @param args - settings (`-c`, `name=value`), then the command
 * @param network - whether it may talk to a remote
 * @throws Error when git is not installed, or the folder lies in a repository that no person opened
 */
export function gitCall(cwd: string, args: readonly string[], network = false): GitCall {
  if (isInBareRepository(cwd)) throw new Error("fatal: cannot use bare repository");
  return {
    program: gitProgram(),
    args: [...SAFE, ...withSafeOptions(args)],
    env: { ...inherited(), ...NEUTRAL, ...(network ? NETWORK : NO_NETWORK) },
  };
}

/** The command's name, behind the settings. */
export function verbOf(args: readonly string[]): string {
  return args.find((arg, at) => arg !== "-c" && args[at - 1] !== "-c") ?? "";
}

/** What no setting switches off: programs that show differences, and git started within each submodule. */
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

/** A hook of git, inside which this may run, has variables that lead to another repository or index. */
function inherited(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of Object.keys(process.env)) {
    if (!name.toUpperCase().startsWith("GIT_") || KEPT.test(name)) env[name] = process.env[name];
  }
  return env;
}

/**
 * Git's full path. A name alone would be looked for in the folder, too: on Windows always, elsewhere when PATH has a
 * relative part.
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
 * A folder of a project can be a repository's inside, with settings that name programs. Git refuses that from 2.38 on
 * (`safe.bareRepository`); this is for older ones.
 */
function isInBareRepository(cwd: string): boolean {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return false;
    if (["HEAD", "objects", "refs"].every((name) => existsSync(join(folder, name)))) return basename(folder) !== ".git";
    if (folder === dirname(folder)) return false;
  }
}
