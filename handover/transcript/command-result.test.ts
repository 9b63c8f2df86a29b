import { describe, expect, it } from "vitest";
import { judge, MAX_SUMMARY_CHARS } from "./command-result.ts";
import { toolCall } from "./tool-call.ts";

const call = (command: string) => toolCall("Bash", { command }, {});

describe("a test run that the client calls a success", () => {
  it.each([
    [
      "vitest",
      " ✓ a.test.ts (3 tests) 4ms\n\n Test Files  1 passed (1)\n      Tests  3 passed (3)\n   Duration  1.2s (tests 94%)",
      "Tests 3 passed (3)",
    ],
    [
      "jest",
      "PASS a.test.js\n\nTest Suites: 1 passed, 1 total\nTests:       3 passed, 3 total\nSnapshots:   0 total\nTime: 1 s",
      "Tests: 3 passed, 3 total",
    ],
    ["mocha", "  parser\n    ✔ works\n\n  3 passing (20ms)\n", "3 passing (20ms)"],
    ["pytest", "tests/test_a.py ...    [100%]\n\n===== 3 passed in 0.12s =====\n", "3 passed in 0.12s"],
    [
      "cargo",
      "running 3 tests\ntest a ... ok\n\ntest result: ok. 3 passed; 0 failed",
      "test result: ok. 3 passed; 0 failed",
    ],
    ["go", "ok  \texample.com/demo\t0.3s", "ok example.com/demo 0.3s"],
    ["unittest", "...\n-----\nRan 3 tests in 0.001s\n\nFine", "Ran 3 tests in 0.001s"],
    ["rspec", "...\n\nFinished in 0.1 seconds\n3 examples, 0 failures\n", "3 examples, 0 failures"],
    ["node", "TAP version 13\nok 1 - a\n# tests 3\n# pass 3\n# fail 0\n# cancelled 0", "pass 3, fail 0"],
    ["node in a terminal", "✔ a (1ms)\nℹ tests 3\nℹ pass 3\nℹ fail 0\nℹ duration_ms 50", "pass 3, fail 0"],
    [
      "maven",
      "[INFO] Tests run: 3, Failures: 0, Errors: 0\n[INFO] BUILD",
      "[INFO] Tests run: 3, Failures: 0, Errors: 0",
    ],
    [
      "in colours",
      "\u001b[2m  Tests \u001b[22m \u001b[1m\u001b[32m3 passed\u001b[39m\u001b[22m (3)",
      "Tests 3 passed (3)",
    ],
    ["with a table after it", `  Tests  3 passed (3)\n${"file.ts | 100 | 100 |\n".repeat(60)}`, "Tests 3 passed (3)"],
    ["that redraws its line", "1/3\r2/3\r3 passed", "3 passed"],
  ])("is summarised by its counts: %s", (_, output, summary) => {
    expect(judge(call("npm test"), output)).toEqual({ outcome: "passed", summary });
  });

  it("has no summary if there are no counts", () => {
    expect(judge(call("npm test"), "all fine")).toEqual({ outcome: "passed", summary: null });
  });

  it.each([
    ["npm test | tail -5", "      Tests  1 failed | 2 passed (3)"],
    ["pytest || true", "=== 1 failed, 2 passed in 0.1s ==="],
    ["node --test; true", "# pass 2\n# fail 1"],
    ["npx mocha; true", "  2 passing\n  1 failing\n"],
    ["go test ./... | tail", "--- FAIL: TestParse (0.00s)\nFAIL\tdemo/a\t0.003s\nok  \tdemo/b\t0.1s\nFAIL"],
  ])("failed if its counts say so: %s", (command, output) => {
    expect(judge(call(command), output).outcome).toBe("failed");
  });
});

describe("a test run whose exit code is hidden", () => {
  it.each([
    ["cargo test 2>&1 | tail -1", "error: test failed, to rerun pass `--lib`"],
    ["npm test 2>&1 | tail -2", "npm error Test failed.  See above for more details."],
    ["npm test 2>&1 | tail -2", "npm ERR! Lifecycle script `test` failed with error: code 1"],
    ["make test 2>&1 | tail -1", "make: *** [Makefile:3: test] Error 1"],
    ["npx vitest run 2>&1 | tail -3", "sh: 1: vitest: not found"],
    ["pytest 2>&1 | tail -2", "ModuleNotFoundError: No module named 'app'"],
  ])("failed if its end says so: %s, %s", (command, output) => {
    expect(judge(call(command), output).outcome).toBe("failed");
  });

  it.each([
    ["npm test > test.txt 2>&1 || true", ""],
    ["[ -f x ] && npm test || echo no", "no"],
    ["npm test; npm run build", "built in 2s"],
    ["npm test; echo ok", "ok"],
    ["npm test | tail -1", "ok 3 - adds"],
    ["npm test | tee test.txt", ""],
    ["if [ -f x ]; then npm test; fi", ""],
    ["bash -c 'npm test | tail -1'", ""],
    ["npx tsc --noEmit | head", ""],
  ])("has no known outcome without counts: %s", (command, output) => {
    expect(judge(call(command), output)).toEqual({ outcome: "unknown", summary: null });
  });

  it.each([
    ["npm test && npm run build", "built in 2s"],
    ["npm test > test.txt", ""],
    ["cd web && npm test", ""],
    ["npm run build; npm test", ""],
  ])("is known from the line's exit code: %s", (command, output) => {
    expect(judge(call(command), output).outcome).toBe("passed");
  });
});

describe("a command that prints its own outcome", () => {
  it.each([
    ["npm test; echo $?", "x\n1", "failed"],
    ['npm test; echo "exit: $?"', "x\nexit: 12\n", "failed"],
    ["make | tee log; echo exit=$PIPESTATUS", "exit=2", "failed"],
    ["npm test; echo $?", "x\n0", "passed"],
    ["echo $HOME; ls", "x\n1", "passed"],
  ])("%s: %j", (command, output, outcome) => {
    expect(judge(call(command), output).outcome).toBe(outcome);
  });
});

describe("a failed command", () => {
  it.each([
    [
      "npx tsc",
      "\nsrc/a.ts(3,4): error TS2322: Type 'x'.\nsrc/b.ts(1,1): error TS1.\n",
      "src/a.ts(3,4): error TS2322: Type 'x'.",
    ],
    ["python x.py", "Traceback (most recent call last):\n  File x\nValueError: bad", "ValueError: bad"],
    ["npm run lint", "Found 0 errors in a.ts\nb.ts: 2 problems", "b.ts: 2 problems"],
    ["ls x", "ls: cannot access 'x': No such file or directory", "ls: cannot access 'x': No such file or directory"],
    ["false", "", "Exit code 1"],
    [
      "npm test",
      "FAIL a.test.js\n\nTests:  1 failed, 2 passed, 3 total\nTime: 1 s",
      "Tests: 1 failed, 2 passed, 3 total",
    ],
    [
      "go test ./...",
      "--- FAIL: TestParse (0.00s)\n    a_test.go:8: boom\nFAIL\nFAIL\tdemo\t0.003s\nFAIL",
      "--- FAIL: TestParse (0.00s)",
    ],
    ["npm test", "sh: vitest: command not found", "sh: vitest: command not found"],
    ["npm test", "3 passed\nUnhandled error: boom", "Unhandled error: boom"],
  ])("is summarised by the line with the reason: %s", (command, output, summary) => {
    expect(judge(call(command), output, "Exit code 1")).toEqual({ outcome: "failed", summary });
  });

  it("has a summary of one short line, however long its output is", () => {
    const { summary } = judge(call("make"), `${"fine\n".repeat(9_000)}${"error ".repeat(60)}`, "Exit code 2");
    expect(summary?.length).toBeLessThanOrEqual(MAX_SUMMARY_CHARS);
    expect(summary).toMatch(/^error error/);
  });

  it("is judged quickly, whatever it printed", () => {
    for (const part of ["=", "1", "1 ", " ", "\u001b[1", "error\n", "0 errors ", "tests:", "\r", "-"]) {
      const output = part.repeat(200_000 / part.length);
      expect(judge(call("npm test; echo $?"), `${output}x`, "Exit code 1").outcome).toBe("failed");
    }
  });
});
