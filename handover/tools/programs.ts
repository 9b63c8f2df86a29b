/** Programs that run another one: their options, and the number of other words before it. */
const WRAPPERS: ReadonlyMap<string, number> = new Map([
  ...[
    "sudo",
    "env",
    "nohup",
    "command",
    "exec",
    "npx",
    "bunx",
    "uvx",
    "pipx",
    "xvfb-run",
    "cross-env",
    "corepack",
    "nice",
  ].map((name) => [name, 0] as const),
  ...["doas", "stdbuf", "winpty", "caffeinate", "unbuffer", "dotenv", "xargs", "time", "eval", "poe"].map(
    (name) => [name, 0] as const,
  ),
  ...["timeout", "gtimeout"].map((name) => [name, 1] as const),
]);

/** Options whose value is the next word. */
const VALUED =
  /^(?:-[CFnpwPfeu]|--(?:filter|with|with-editable|extra|group|python|package|workspace|prefix|cwd|dir|directory|project|manifest-path|env|env-file|file|user|workdir|profile|node-options|scope))$/;

/** A program with its words, whatever starts it. */
export interface Program {
  /** Without a path and the ending of Windows; lower case. */
  readonly name: string;
  /** As it was written. */
  readonly path: string;
  /** The words after it. */
  readonly args: readonly string[];
}

/** The program that runs; null for assignments alone. */
export function programIn(words: readonly string[]): Program | null {
  let rest = words.slice(words.findIndex((word) => !/^(?:\w+=|\$env:)/.test(word)));
  if (words.every((word) => /^\w+=/.test(word))) return null;
  for (let round = 0; round < 5; round++) {
    const name = nameOf(rest[0] ?? "");
    const wrapped = WRAPPERS.get(name);
    if (wrapped === undefined) return name === "" ? null : { name, path: rest[0] ?? "", args: rest.slice(1) };
    rest = withoutOptions(rest.slice(1)).slice(wrapped);
  }
  return null;
}

/** Without leading options, their values and assignments. */
export function withoutOptions(words: readonly string[]): readonly string[] {
  return words.slice(afterOptions(words, 0));
}

/** The index of the first word that is neither. @param at - where to begin */
export function afterOptions(words: readonly string[], at: number): number {
  let next = at;
  for (; next < words.length; next++) {
    const word = words[next] ?? "";
    if (word === "--") return next + 1;
    if (VALUED.test(word)) next++;
    else if (!/^-|^\w+=/.test(word)) break;
  }
  return next;
}

/** The command line without `NAME=value` before its programs: a value may be a secret, and a cut one is not recognised. */
export function withoutAssignments(line: string): string {
  return line.replace(ASSIGNMENTS, "$1").trim();
}

const ASSIGNMENTS =
  /(^|[;&|\n(][ \t]*|\b(?:env|export)[ \t]+)(?:\w+=(?:"(?:[^"\\]|\\[\s\S])*(?:"|$)|'[^']*(?:'|$)|\$\([^()]*\)|\$(?!\([^()]*\))|[^\s"';&|$])*(?:[ \t]+|(?=[;&|\n)]|$)))+/g;

export function nameOf(word: string): string {
  return (word.split(/[\\/]/).at(-1) ?? "").replace(/\.(?:exe|cmd|bat|ps1)$/i, "").toLowerCase();
}

/** For long lists, a set is much faster than a pattern. @param lines - words with spaces between them */
export function wordSet(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(" ")));
}

/** Programs that only look, wait or end something: they change no file, and their failure means nothing for the work. */
const LOOKS = wordSet(
  "ls ll dir cat bat head tail less more grep egrep fgrep rg ag find fd tree which where type wc sort uniq cut tr",
  "jq yq diff cmp stat file du df pwd cd pushd popd echo printf test [ [[ true false : sleep wait pgrep pkill",
  "kill killall taskkill ps top lsof ss netstat ping env export set source . date whoami hostname uname id",
  "history man open xdg-open ping nc dig nslookup exit return test-path stop-process resolve-path set-location",
  "fuser jobs fg bg read seq basename dirname realpath readlink md5sum sha256sum xxd od strings for done fi esac",
  "case in local declare unset trap ulimit alias nl column paste comm",
);
const LOOKING_CMDLETS = /^(?:get-\w+|select-\w+|write-(?:output|host)|measure-\w+)$/;
const LOOKING_VERBS: ReadonlyMap<string, RegExp> = new Map([
  [
    "git",
    /^(?:status|diff|log|show|branch|remote|rev-parse|ls-files|ls-tree|blame|describe|reflog|config|shortlog|fetch|grep|cat-file|worktree|stash|check-ignore|add|tag)$/,
  ],
  ["gh", /^(?:pr|issue|run|api|repo|auth|search|workflow)$/],
  ["docker", /^(?:ps|images|logs|inspect|stats|version|info|port|top|stop|kill|rm|rmi)$/],
  ["kubectl", /^(?:get|describe|logs|top|version)$/],
  ["npm", /^(?:ls|list|view|outdated|audit|config|root|prefix|why|explain|-v|--version)$/],
  ["systemctl", /^(?:status|is-active|list-units)$/],
]);

/** Whether a program is known to change no file. */
export function onlyLooks({ name, args }: Program): boolean {
  if (LOOKS.has(name) || LOOKING_CMDLETS.test(name) || args.some((word) => word === "--version" || word === "--help"))
    return true;
  if (name === "sed") return !args.some((word) => /^(?:-[a-zA-Z]*i|--in-place)/.test(word));
  if (name === "awk" || name === "curl") return !args.some((word) => /^(?:-[sSfLk]*[oO]$|--output|-i$)/.test(word));
  return LOOKING_VERBS.get(name)?.test(withoutOptions(args)[0] ?? "") ?? false;
}
