/** What may stand before the program itself: variables, and programs that run another. */
const BEFORE =
  /^(?:(?:\w+=\S*|time|sudo|env|npx|bunx|timeout \S+|(?:npm|pnpm|yarn|bun|uv|poetry|pdm|bundle) (?:exec|dlx|run|x)|python[\d.]* -m|-\S+) +)+/;
const SCRIPT = /^(?:npm|pnpm|yarn|bun) (?:-\S+ )*(?:run(?:-script)? )?(?:\w+[:-]+)*(?:t|tests?|e2e)\b/;
const RUNNER =
  /^(?:\S*\/)?(?:vitest|jest|mocha|ava|tap|pytest|tox|nox|unittest|rspec|phpunit|pest|ctest|(?:cypress|playwright) (?:run|test)|node (?:\S+ +)*--test|(?:go|cargo|dotnet|swift|deno|bun|flutter|dart|mix|rake|rails|bazel|zig|sbt|xcodebuild|artisan|manage\.py|mvnw?|gradlew?|make|just) (?:\S+ +)*?(?:\S*:)?(?:test|nextest|verify|check))(?![\w.])/;

/** Whether a command runs tests, as far as its text tells. */
export function isTestRun(command: string): boolean {
  return command.split(/&&|[;|&\n]/).some((part) => {
    const program = part.trim();
    return SCRIPT.test(program) || RUNNER.test(program.replace(BEFORE, ""));
  });
}
