import { describe, expect, it } from "vitest";
import { isTestRun } from "./test-run.ts";

describe("isTestRun", () => {
  it.each([
    "npm test",
    "npm t",
    "npm run test:unit -- --run",
    "npm --silent run e2e",
    "pnpm -r test",
    "yarn unit-tests",
    "npx vitest run src",
    "./node_modules/.bin/jest --ci",
    "CI=1 FORCE_COLOR=0 pytest -q tests/",
    "python3 -m pytest",
    "uv run pytest",
    "cd src && go test ./... 2>&1 | tail -5",
    "cargo nextest run",
    "cargo test --all",
    "dotnet test",
    "./gradlew :app:test",
    "mvn -q verify",
    "make -j4 check",
    "bundle exec rspec",
    "node --experimental-strip-types --test src/",
    "timeout 60 npx playwright test",
    "git stash; npm test",
  ])("knows %s", (command) => {
    expect(isTestRun(command)).toBe(true);
  });

  it.each([
    "npm install",
    "npm run build",
    "npm run latest",
    "cat vitest.config.ts",
    "ls test",
    "git commit -m 'go test'",
    "grep -rn jest package.json",
    "test -f package.json",
    "node test.js",
    "npx vitest.config",
    "make testing",
    "go build ./test",
    "",
  ])("does not take %s for one", (command) => {
    expect(isTestRun(command)).toBe(false);
  });

  it("is quick for whatever a command may be", () => {
    for (const beginning of ["", "npm ", "npm run ", "go ", "A=1 "]) {
      for (const part of ["a=", "x ", "npm ", "--", "- ", "a-", "a:", "-a ", "a/", "a= "]) {
        expect(isTestRun(`${beginning}${part.repeat(2_000 / part.length)}!`)).toBe(false);
      }
    }
  });
});
