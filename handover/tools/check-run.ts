import { afterOptions, nameOf, onlyLooks, type Program, programIn, withoutOptions, wordSet } from "./programs.ts";
import { type SimpleCommand, simpleCommands } from "./simple-commands.ts";

export type CheckKind = "test" | "types" | "lint" | "build";

/** A command that checks the work. */
export interface CheckRun {
  readonly kind: CheckKind;
  /** The command alone: without `cd`, redirections and what its output goes through. */
  readonly text: string;
  /** The folder that it changes to before; empty if it does not. */
  readonly folder: string;
  /** The program, such as `vitest`; the name of a script, such as `test:unit`. */
  readonly runner: string;
  /** Whether the runner is the project's own script or task, which may run any program. */
  readonly isScript: boolean;
  /** What narrows it: names of tests, in sorted order. */
  readonly filters: readonly string[];
  /** Files and folders to which it is limited. */
  readonly paths: readonly string[];
  /** Whether the line's exit code tells the outcome of the check: it is not piped, and nothing hides its failure. */
  readonly hasExitCode: boolean;
}

const TESTS = wordSet(
  "vitest jest mocha ava tap tape jasmine karma pytest py.test tox nox unittest nosetests nose2 rspec phpunit",
  "pest ctest gotestsum ginkgo bats invoke-pester behave robot cucumber testcafe nextest cypress playwright trial",
  "stestr paratest minitest busted prove bun:test",
);
const LINTS = wordSet(
  "eslint biome prettier ruff flake8 pylint black isort golangci-lint clippy shellcheck stylelint rubocop",
  "swiftlint ktlint hadolint markdownlint-cli2 markdownlint-cli markdownlint oxlint tslint standard xo knip",
  "clang-tidy phpcs phpstan psalm credo actionlint yamllint detekt checkstyle vale djlint staticcheck revive",
);
const TYPES = wordSet("tsc vue-tsc mypy pyright basedpyright pyre flow svelte-check pytype tsgo sorbet attw");
const BUILDS = wordSet(
  "tsup webpack rollup esbuild cmake ninja xcodebuild msbuild javac gcc g++ clang latexmk hugo mkdocs",
);
const PACKAGE_MANAGERS = wordSet(
  "npm pnpm yarn bun deno hatch pdm poetry pipenv rye uv pixi bundle composer conda mamba micromamba",
);
/** Programs that run tasks; several may be named at once. */
const TASK_RUNNERS = wordSet(
  "mise rtx task go-task just make gmake nx turbo lerna rush moon gulp grunt rake invoke inv ant gradle gradlew",
  "mvn mvnw sbt bazel bazelisk buck2 buck pants earthly dagger mage tusk doit lein rebar3 wireit vp vite-plus ng",
);
const TOOLCHAINS = wordSet(
  "cargo go dotnet swift flutter dart mix zig stack cabal rails artisan manage node vite next ng crystal nim",
  "forge hardhat anchor sui elixir melos dune gleam sfdx sf",
);
const CONTAINERS = wordSet(
  "docker docker-compose podman podman-compose nerdctl kubectl devcontainer lxc vagrant wsl ssh nix nix-shell",
  "direnv devbox flox fly heroku distrobox toolbox",
);
const SHELLS = wordSet("bash sh zsh dash fish pwsh powershell cmd");
const INTERPRETERS = /^(?:python[\d.]*|py|pypy3?|php|ruby|perl|elixir|tsx|ts-node|node|deno|bun)$/;
/** Words between a program that starts another one and that one. */
const BETWEEN =
  /^(?:run|run-script|rum|urn|exec|x|dlx|foreach|shell|affected|run-many|develop|watch|compose|-c|rum|do|tasks?)$/;
const NO_RUN =
  /^(?:--version|-v|--help|-h|--list|--listtests|--collect-only|--co|--showconfig|--init|install|show-report|codegen|open)$/i;

/** The check in a command line: its test, else its type check, lint or build. */
export function checkIn(line: string, commands = simpleCommands(line), started?: Started): CheckRun | null {
  if (!MAY_CHECK.test(line)) return null;
  let folder = "";
  const found: CheckRun[] = [];
  for (const command of commands) {
    const { program } = command;
    if (program === null) continue;
    if (/^(?:cd|pushd|set-location)$/.test(program.name)) folder = program.args.at(-1) ?? "~";
    else found.push(...checksOf(program, command, folder, started ?? { depth: 0, tries: { left: MAX_TRIES } }));
  }
  return RANKS.flatMap((kind) => found.findLast((check) => check.kind === kind) ?? [])[0] ?? null;
}

const RANKS: readonly CheckKind[] = ["test", "types", "lint", "build"];

/** Quickly excludes most commands. */
const MAY_CHECK =
  /test|spec|jest|pytest|tox|nox|mocha|ava|tap|lint|tsc|check|build|compile|e2e|mypy|pyright|biome|prettier|ruff|black|verify|clippy|\bt\b|make|cypress|playwright|karma|jasmine|bats|ginkgo|pester|behave|robot|cucumber|prove|rubocop|vet|package|assemble|gradle|mvn|webpack|rollup|tsup|cmake|ninja|xcodebuild|knip|validate|flake8|isort|types|phpstan|psalm|unit/i;

/** How a program came to run: how many programs started it, and how many more may be looked for in its command. */
interface Started {
  readonly depth: number;
  readonly tries: { left: number };
}

const MAX_DEPTH = 4;
const MAX_TRIES = 64;

/** @returns null if it is not worth looking further */
function oneMore({ depth, tries }: Started): Started | null {
  return depth < MAX_DEPTH && tries.left-- > 0 ? { depth: depth + 1, tries } : null;
}

function checksOf(program: Program, command: SimpleCommand, folder: string, started: Started): CheckRun[] {
  const { name, args } = program;
  const inner = SHELLS.has(name)
    ? args[args.findIndex((word) => /^-\w*c$|^-command$|^\/c$/i.test(word)) + 1]
    : undefined;
  if (inner !== undefined && args.some((word) => /^-\w*c$|^-command$|^\/c$/i.test(word))) {
    const check = checkWithin(inner, started);
    if (check === null) return [];
    const hasExitCode = check.hasExitCode && command.end === "succeeded";
    return [{ ...check, text: command.text, folder: folder || check.folder, hasExitCode }];
  }
  const kind = kindOf(program, started);
  if (kind === null || args.some((word) => NO_RUN.test(word) && !(word === "-v" && kind.kind === "test"))) return [];
  return [{ ...kind, ...scopeOf(kind.rest), text: command.text, folder, hasExitCode: command.end === "succeeded" }];
}

type Kind = Pick<CheckRun, "kind" | "runner" | "isScript"> & { readonly rest: readonly string[] };

function kindOf({ name, path, args }: Program, started: Started): Kind | null {
  const rest = [...args];
  const runner = (kind: CheckKind, more = rest): Kind => ({ kind, runner: name, isScript: false, rest: more });
  if (TESTS.has(name))
    return isListed(name, rest)
      ? runner(
          "test",
          rest.filter((word) => !/^(?:run|test)$/.test(word)),
        )
      : null;
  if (name === "biome" || name === "ruff")
    return /^(?:format)$/.test(rest[0] ?? "") ? null : runner("lint", rest.slice(1));
  if (/^(?:prettier|black|isort)$/.test(name))
    return rest.some((word) => /^(?:-c|--check|--check-only|-l|--list-different)$/.test(word)) ? runner("lint") : null;
  if (LINTS.has(name)) return runner("lint");
  if (TYPES.has(name)) return runner("types");
  if (name === "cmake") return rest.includes("--build") ? runner("build") : null;
  if (name === "xcodebuild") return runner(rest.some((word) => /^test/.test(word)) ? "test" : "build");
  if (BUILDS.has(name)) return runner("build");
  if (CONTAINERS.has(name)) return inContainer(name, rest, started);
  if (INTERPRETERS.test(name)) {
    const module = rest.indexOf("-m");
    if (module !== -1 && /^py/.test(name)) return inner(rest.slice(module + 1), started);
    if (/^node|^tsx/.test(name) && rest.includes("--test")) return { ...runner("test"), runner: "node --test" };
    if (/^(?:python|py|php|ruby|perl)/.test(name)) return fromScript(withoutOptions(rest));
    if (name !== "bun" && name !== "deno" && name !== "node") return null;
  }
  if (SHELLS.has(name)) return fromScript(withoutOptions(rest));
  if (PACKAGE_MANAGERS.has(name)) {
    const words = afterVerbs(rest);
    const first = words[0] ?? "";
    if (/^(?:test|t)$/.test(first) && /^(?:bun|deno)$/.test(name))
      return { kind: "test", runner: name, isScript: false, rest: words.slice(1) };
    return inner(words, started) ?? named(words, 1);
  }
  if (TASK_RUNNERS.has(name)) {
    const words = afterVerbs(rest);
    return (
      inner(words, started) ??
      named(targetsOf(rest, words), 5) ??
      (/^g?make$/.test(name) && words.length === 0 ? runner("build") : null)
    );
  }
  if (TOOLCHAINS.has(name)) return ofToolchain(name, rest);
  if (/\.(?:sh|bash|zsh|py|rb|php|pl)$/.test(name) || /^\.{0,2}\/.*test/.test(path)) return fromScript([name, ...rest]);
  // A program that is not known may run one that is.
  return STARTED.some((names) => names.has(nameOf(rest[0] ?? ""))) && !onlyLooks({ name, path, args })
    ? inner(rest, started)
    : null;
}

const STARTED = [TESTS, PACKAGE_MANAGERS, TASK_RUNNERS];

function isListed(name: string, words: readonly string[]): boolean {
  return !/^(?:cypress|playwright)$/.test(name) || /^(?:run|test)$/.test(words[0] ?? "");
}

/** A program that was started by a package manager, a container and the like. */
function inner(words: readonly string[], started: Started): Kind | null {
  const more = oneMore(started);
  const program = more && programIn(withoutOptions(words));
  return program && kindOf(program, more);
}

/** `docker exec -it web npm test`: options, their values and the container's name come before the program. */
function inContainer(name: string, words: readonly string[], started: Started): Kind | null {
  const verb = words.findIndex((word) => /^(?:exec|run|-c|--command|--|develop|ssh)$/.test(word));
  if (verb === -1 && /^(?:docker|docker-compose|podman|podman-compose|nerdctl|kubectl|lxc)$/.test(name)) return null;
  const rest = words.slice(verb + 1);
  for (let at = 0; at < Math.min(rest.length, MAX_BEFORE); at++) {
    const word = rest[at] ?? "";
    const kind = word.includes(" ") ? checkKind(word, started) : inner(rest.slice(at), started);
    if (kind !== null && !(kind.isScript && kind.runner === nameOf(word))) return kind;
  }
  return null;
}

/** How many words may stand before the program. */
const MAX_BEFORE = 16;

function checkWithin(line: string, started: Started): CheckRun | null {
  const more = oneMore(started);
  return more && checkIn(line, simpleCommands(line), more);
}

function checkKind(line: string, started: Started): Kind | null {
  const check = checkWithin(line, started);
  return check === null ? null : { ...check, rest: [...check.filters, ...check.paths] };
}

/** After `run`, `exec`, `workspace NAME` and the like, and their options. */
function afterVerbs(words: readonly string[]): readonly string[] {
  let at = afterOptions(words, 0);
  for (;;) {
    const first = words[at] ?? "";
    if (first === "workspace") at = afterOptions(words, at + 2);
    else if (BETWEEN.test(first) || first === "workspaces") at = afterOptions(words, at + 1);
    else return words.slice(at);
  }
}

/** `nx affected -t test`, `nx run web:test`, `nx run-many --target=test` */
function targetsOf(all: readonly string[], words: readonly string[]): string[] {
  const given = all.flatMap((word, at) => {
    const [, value] = /^--targets?=(.+)$/.exec(word) ?? [];
    return value?.split(",") ?? (/^(?:-t|--targets?)$/.test(word) ? [all[at + 1] ?? ""] : []);
  });
  return [...given, ...words.filter((word) => !word.startsWith("-") && !word.includes("="))];
}

/** @param count - how many of the words may name a script; a test comes first */
function named(words: readonly string[], count: number): Kind | null {
  const kinds = words.slice(0, count).flatMap((word, at): Kind[] => {
    const kind = kindOfName(word);
    return kind === null ? [] : [{ kind, runner: word, isScript: true, rest: words.slice(at + 1) }];
  });
  return RANKS.flatMap((rank) => kinds.find(({ kind }) => kind === rank) ?? [])[0] ?? null;
}

/** `./run-tests.sh`, `ci/test` */
function fromScript(words: readonly string[]): Kind | null {
  const [file = "", ...rest] = words;
  const name = nameOf(file).replace(/\.(?:sh|bash|zsh|py|rb|php|pl|t)$/, "");
  if (/^(?:artisan|manage|setup)$/.test(name)) return ofToolchain(name, rest);
  return kindOfName(name) === "test" ? { kind: "test", runner: name, isScript: true, rest } : null;
}

const NOT_A_RUN = wordSet(
  "install deps data seed setup prepare create reset clean server db env utils util watch fixtures fixture",
  "reports report start serve update generate gen init helpers helper docs doc deploy publish up down logs log",
);

/** What a script or task does, by the parts of its name. */
function kindOfName(name: string): CheckKind | null {
  if (!/^[@\w:./+-]+$/.test(name) || name.startsWith("-")) return null;
  const parts = name
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[:_./@+-]+/)
    .filter(Boolean);
  const has = (pattern: RegExp) => parts.some((part) => pattern.test(part));
  if (parts.some((part) => NOT_A_RUN.has(part))) return null;
  if (has(/^(?:types?|typecheck|typings|tsc|mypy|pyright)$/) && !has(/^install$/)) return "types";
  if (
    has(/^(?:lint|lints|eslint|linting|stylelint|biome|ruff|clippy|vet)$/) ||
    /^(?:fmt|format|style|prettier)[:_-]check$/.test(name)
  )
    return "lint";
  if (has(/^(?:build|compile|assemble|package|bundle)$/)) return "build";
  if (has(/^(?:tests?|e2e|specs?|unit|vitest|jest|pytest|playwright|cypress|nextest|integration)$/)) return "test";
  if (parts.length === 1 && has(/^(?:t|check|verify)$/)) return "test";
  return parts[0] === "check" || has(/^(?:validate)$/) ? "lint" : null;
}

function ofToolchain(name: string, words: readonly string[]): Kind | null {
  const rest = withoutOptions(words.filter((word) => !/^\+/.test(word)));
  const verb = rest[0] ?? "";
  const of = (kind: CheckKind): Kind => ({
    kind,
    runner: `${name} ${verb}`,
    isScript: name === "rails",
    rest: rest.slice(1),
  });
  if (/^(?:.*:)?(?:test|tests|nextest|t|spec)$/.test(verb)) return { ...of("test"), runner: `${name} test` };
  if (/^(?:clippy|vet|lint|analyze|credo|format|fmt)$/.test(verb)) {
    const writes = /^(?:format|fmt)$/.test(verb) && !words.some((word) => /check|verify|exit/.test(word));
    return writes ? null : of("lint");
  }
  if (verb === "check") return of("types");
  return /^(?:build|compile|publish)$/.test(verb) ? of("build") : null;
}

const FILTER =
  /^(?:-t|-k|-m|-run|-g|-e|-n|-l|--testNamePattern|--run|--grep|--filter|--only|--tests|--spec|--example|--test|--package|-p|--suite|-Dtest|--case|--tag|--tags|--project|--testPathPattern|-only-testing)$/;
const FLAGS_WITHOUT_VALUE = /^(?:--run|--test|-e|-m|-n|-l|-p|-g)$/;
/** Every test there is. */
const EVERYTHING = /^(?:\.|\.\/|\.\/\.\.\.|tests?\/?|\.\/tests?\/?|all|src\/?|--)$/;

/** What limits a run: names of tests, and paths. */
function scopeOf(words: readonly string[]): Pick<CheckRun, "filters" | "paths"> {
  const filters: string[] = [];
  const paths: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, option = "", value] = /^(-[-\w]+?)=(.*)$/.exec(word) ?? [];
    if (value !== undefined && FILTER.test(option)) filters.push(`${option} ${value}`);
    else if (
      FILTER.test(word) &&
      words[at + 1] !== undefined &&
      !words[at + 1]?.startsWith("-") &&
      !(FLAGS_WITHOUT_VALUE.test(word) && /[/.]/.test(words[at + 1] ?? ""))
    )
      filters.push(`${word} ${words[++at]}`);
    else if (!word.startsWith("-") && !EVERYTHING.test(word) && !/^\d+$/.test(word))
      paths.push(word.replace(/^\.\//, ""));
  }
  return { filters: filters.sort(), paths };
}

/** Whether a run that passed answers an earlier one that failed: the same one, or a wider one. */
export function covers(later: CheckRun, earlier: CheckRun): boolean {
  if (later.kind !== earlier.kind || !isSameFolder(later.folder, earlier.folder)) return false;
  const isNarrower = later.filters.some((filter) => !earlier.filters.includes(filter));
  const misses =
    later.paths.length > 0 &&
    (earlier.paths.length === 0 || !earlier.paths.every((path) => later.paths.some((wider) => isBelow(path, wider))));
  if (isNarrower || misses) return false;
  if (later.runner === earlier.runner) return true;
  if (later.filters.length + later.paths.length > 0) return false;
  // A script without limits runs what the project's runner runs; `test:e2e` and `test` are different ones.
  const isEndToEnd = ({ runner }: CheckRun) => /e2e|playwright|cypress|integration/i.test(runner);
  if (!later.isScript && !earlier.isScript) return false;
  if (isEndToEnd(later) !== isEndToEnd(earlier)) return false;
  if (earlier.isScript && later.isScript)
    return (
      earlier.runner.startsWith(`${later.runner}:`) ||
      earlier.runner.startsWith(`${later.runner}-`) ||
      later.runner.startsWith(`${earlier.runner}:`)
    );
  return true;
}

/** Whether a run in the later folder covers the earlier one: the root covers all. */
function isSameFolder(a: string, b: string): boolean {
  const [later = "", earlier = ""] = [a, b].map((folder) => folder.replace(/^\.(?:\/|$)|\/+$/g, ""));
  return later === "" || isBelow(earlier, later) || (earlier !== "" && isSameEnd(later, earlier));
}

/** One of them may be absolute. */
function isSameEnd(a: string, b: string): boolean {
  return a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/$/, "")}/`) || path.startsWith(`${folder}::`);
}
