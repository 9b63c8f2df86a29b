import { describe, expect, it } from "vitest";
import { deletionBy, isTestRun } from "./shell-command.ts";

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
  ])("recognises %s", (command) => {
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
  ])("does not recognise %s", (command) => {
    expect(isTestRun(command)).toBe(false);
  });

  it("is fast for any command", () => {
    for (const beginning of ["", "npm ", "npm run ", "go ", "A=1 "]) {
      for (const part of ["a=", "x ", "npm ", "--", "- ", "a-", "a:", "-a ", "a/", "a= "]) {
        expect(isTestRun(`${beginning}${part.repeat(2_000 / part.length)}!`)).toBe(false);
      }
    }
  });
});

const FOLDER = "/home/dev/demo";

describe("deletionBy", () => {
  it.each([
    ["rm a.txt", ["/home/dev/demo/a.txt"]],
    ["rm -v ./src/a.ts ../b.ts", ["/home/dev/demo/src/a.ts", "/home/dev/b.ts"]],
    [
      "rm /etc/x 'with space.txt' \"and 'this'\"",
      ["/etc/x", "/home/dev/demo/with space.txt", "/home/dev/demo/and 'this'"],
    ],
    ["git rm -q a.txt", ["/home/dev/demo/a.txt"]],
    ["git rm -f -- a.txt", ["/home/dev/demo/a.txt"]],
  ])("lists the files that a plain command deleted: %s", (command, paths) => {
    expect(deletionBy(command, FOLDER)).toEqual({ paths, wereThere: true });
  });

  it("does not know whether a forced deletion removed anything", () => {
    expect(deletionBy("rm -f a.txt", FOLDER)).toEqual({ paths: ["/home/dev/demo/a.txt"], wereThere: false });
  });

  it.each([
    "rm -r src",
    "rm -rf build",
    "rm *.log",
    "rm $FILE",
    'rm "$FILE"',
    "rm `ls`",
    "rm a.txt; ls",
    "rm a.txt && ls",
    "rm a.txt > log",
    "rm ~/a.txt",
    "rm {a,b}.txt",
    "rm a\\ b",
    "rm 'a",
    "rm build/",
    "rm ''",
    "rm",
    "git rm --cached a.txt",
    "git rm -n a.txt",
    "cd src && rm a.txt",
    "sudo rm a.txt",
    "rmdir a",
    "echo rm a.txt",
    "rm a.txt\nrm b.txt",
    "rm a.txt # old",
    "rm a.txt b.tx…",
  ])("does not guess: %s", (command) => {
    expect(deletionBy(command, FOLDER).paths).toEqual([]);
  });

  it("leaves a path unchanged if the folder is unknown", () => {
    expect(deletionBy("rm a.txt", undefined).paths).toEqual(["a.txt"]);
  });
});
