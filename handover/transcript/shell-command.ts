import { isAbsolute, resolve } from "node:path";

/** May precede the program: variables, and programs that run another one. */
const PREFIX =
  /^(?:(?:\w+=\S*|time|sudo|env|npx|bunx|timeout \S+|(?:npm|pnpm|yarn|bun|uv|poetry|pdm|bundle) (?:exec|dlx|run|x)|python[\d.]* -m|-\S+) +)+/;
const SCRIPT = /^(?:npm|pnpm|yarn|bun) (?:-\S+ )*(?:run(?:-script)? )?(?:\w+[:-]+)*(?:t|tests?|e2e)\b/;
const RUNNER =
  /^(?:\S*\/)?(?:vitest|jest|mocha|ava|tap|pytest|tox|nox|unittest|rspec|phpunit|pest|ctest|(?:cypress|playwright) (?:run|test)|node (?:\S+ +)*--test|(?:go|cargo|dotnet|swift|deno|bun|flutter|dart|mix|rake|rails|bazel|zig|sbt|xcodebuild|artisan|manage\.py|mvnw?|gradlew?|make|just) (?:\S+ +)*?(?:\S*:)?(?:test|nextest|verify|check))(?![\w.])/;

/** Whether a command looks like a test run. */
export function isTestRun(command: string): boolean {
  return command.split(/&&|[;|&\n]/).some((part) => {
    const program = part.trim();
    return SCRIPT.test(program) || RUNNER.test(program.replace(PREFIX, ""));
  });
}

/** A shell word without expansions, and without the ellipsis of a command that was cut. */
const WORD = /'[^'\n]*'|"[^"$`\\!\n]*"|[^\s'"\\$`*?[\]{}~;&|<>()#!…]+/g;
const DELETION = new RegExp(`^(git +rm|rm)((?: +(?:${WORD.source}))+)$`);
const OPTION = /^-(?:[fqv]+|-force|-quiet|-verbose|-)$/;

interface Deletion {
  /** Absolute if the folder is absolute. */
  readonly paths: readonly string[];
  /** False if the command also succeeds for files that do not exist. */
  readonly wereThere: boolean;
}

const NOTHING: Deletion = { paths: [], wereThere: false };

/**
 * The files that a successful command deleted, if it is a plain `rm` or `git rm` with their names.
 *
 * @param folder - where the command ran
 * @returns no paths for other commands, and for those whose words the shell would expand
 */
export function deletionBy(command: string, folder: string | undefined): Deletion {
  const [, program, rest = ""] = DELETION.exec(command) ?? [];
  if (program === undefined) return NOTHING;
  const words = (rest.match(WORD) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, "$2"));
  const options = words.filter((word) => word.startsWith("-"));
  const paths = words.filter((word) => !word.startsWith("-"));
  if (!options.every((option) => OPTION.test(option)) || paths.some((path) => /^$|\/$/.test(path))) return NOTHING;
  return {
    paths: paths.map((path) => (folder !== undefined && isAbsolute(folder) ? resolve(folder, path) : path)),
    wereThere: program !== "rm" || !options.some((option) => /^-[qv]*f|^--force/.test(option)),
  };
}
