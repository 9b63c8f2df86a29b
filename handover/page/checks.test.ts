import { describe, expect, it } from "vitest";
import { pageOf, sectionOf } from "../../test/support/transcript/page-of.ts";
import type { SessionLines } from "../../test/support/transcript/session-lines.ts";

const page = (write: (session: SessionLines) => void) =>
  pageOf((session) => {
    session.prompt("Make the counter safe for two writers");
    session.edits("/home/dev/demo/counter.go");
    write(session);
  });
const state = (write: (session: SessionLines) => void) => sectionOf(page(write), "State");

describe("the last check", () => {
  it("is that of the task runner, and answers a narrower failure before it", () => {
    const text = page((session) => {
      session.failsToRun("go test -run 'TestTwo' ./counter/... 2>&1", "--- FAIL: TestTwo (0.02s)\nFAIL");
      session.runs("mise run lint 2>&1", "[lint] fine");
      session.runs("mise run test:all 2>&1 | tail -30", "ok  \tdemo/counter\t1.204s\nok  \tdemo/web\t(cached)");
    });
    expect(sectionOf(text, "State")).toContain("Last check: `mise run test:all` passed, `ok demo/web (cached)`.");
    expect(sectionOf(text, "Open")).toBe("");
    expect(sectionOf(text, "How to check")).toMatch(/^- `mise run test:all`: passed/);
  });

  it("is not hidden by `cd`, redirections and pipes", () => {
    const text = page((session) => {
      session.runs("cd /home/dev/demo && npx vitest run -t 'two' 2>&1 | tail -20", " FAIL  a\n Tests  1 failed (1)");
      session.runs("npx vitest run -t 'two' 2>&1 | tail -5", " Tests  1 passed (1)");
      session.runs("npx vitest run hooks 2>&1 | grep -E 'passed|failed'", " Tests  2 failed | 20 passed (22)");
      session.runs("npx vitest run 2>&1 | tail -4", " Tests  240 passed (240)");
    });
    expect(sectionOf(text, "Open")).toBe("");
    expect(sectionOf(text, "How to check")).toBe("- `npx vitest run`: passed, `Tests 240 passed (240)`");
  });

  it.each([
    ["of other files", "npx vitest run a.test.ts", "npx vitest run b.test.ts"],
    ["of one test", "npx vitest run", "npx vitest run -t one"],
    ["of another kind", "npm test", "npm run lint"],
    ["of another package", "cd web && npm test", "cd api && npm test"],
    ["of the root", "npm test", "cd packages/b && npm test"],
    ["of the root by its path", "cd /home/dev/demo && npm test", "cd packages/b && npm test"],
    ["of this project", "npm test", "cd ~/other && npm test"],
    ["end to end", "npx playwright test", "npm test"],
    ["with another runner", "pytest", "npx vitest run"],
  ])("does not answer a failure %s", (_, failed, passed) => {
    const text = page((session) => {
      session.failsToRun(failed, "1 failed");
      session.runs(passed, "1 passed");
    });
    expect(sectionOf(text, "Open")).toContain("failed");
  });

  it.each([
    ["npx vitest run a.test.ts", "yarn test"],
    ["pytest tests/test_a.py::test_b", "pytest tests/test_a.py"],
    ["npm run test:unit", "npm test"],
    ["cd web && npm test", "npm test"],
    ["npm test", "cd /home/dev/demo && npm test"],
    ["npm test", "cd /home/dev/demo/ && npm test"],
    ["npx eslint src/a.ts", "npx eslint ."],
    ["cargo test parser", "cargo test"],
    ["docker compose exec app pytest -k one", "docker compose exec app pytest"],
  ])("answers a failure of %s with %s", (failed, passed) => {
    const text = page((session) => {
      session.failsToRun(failed, "1 failed");
      session.runs(passed, "2 passed");
    });
    expect(sectionOf(text, "Open")).toBe("");
  });

  it("does not answer a failure, and is not said to have passed, if its end was not seen", () => {
    const failed = "- `npm test`: failed, `1 failed`";
    const text = page((session) => {
      session.failsToRun("npm test", "1 failed");
      session.runs("npm test > test.txt || true");
    });
    expect(sectionOf(text, "Open")).toBe(failed);
    const hidden = page((session) => session.runs("npm test; npm run build", "built in 2 s"));
    expect(sectionOf(hidden, "State")).toContain("Last check: `npm test` may have run, outcome not known.");
    expect(sectionOf(hidden, "How to check")).toContain("- `npm test`: outcome not known");
  });

  it("names the package in which it ran, and keeps the failure of another one", () => {
    const text = page((session) => {
      session.failsToRun("cd /home/dev/demo/web && npm test", "Tests: 1 failed, 3 passed");
      session.runs("cd api && npm test", "Tests: 9 passed");
    });
    expect(sectionOf(text, "State")).toContain("Last check: `cd api && npm test` passed, `Tests: 9 passed`.");
    expect(sectionOf(text, "Open")).toBe("- `cd web && npm test`: failed, `Tests: 1 failed, 3 passed`");
  });

  it("tells what failed, not npm's news of itself", () => {
    const text = state((session) => {
      session.failsToRun(
        "npm run lint",
        "\n> lint\n> node lint.js\n\n2 problems\nnpm notice\nnpm notice New minor version of npm available!\nnpm notice\n",
      );
    });
    expect(text).toContain("Last check: `npm run lint` failed, `2 problems`.");
  });

  it("is known by what it prints", () => {
    expect(state((session) => session.runs("./ci/everything.sh", "…\n===== 17 passed in 1.10s ====="))).toContain(
      "Last check: `./ci/everything.sh` passed, `17 passed in 1.10s`.",
    );
    expect(state((session) => session.runs("cat old.log", "===== 17 passed in 1.10s ====="))).toContain(
      "No test was seen.",
    );
  });

  it("is not one in which no test ran", () => {
    expect(state((session) => session.runs("go test -run None ./a", "ok  \tdemo/a\t0.1s [no tests to run]"))).toContain(
      "No test was seen.",
    );
  });

  it.each([
    ["npx tsc --noEmit", "", "passed. No test was seen."],
    [
      "npx tsc --noEmit | head -20",
      "src/a.ts(1,2): error TS2322: Type 'x'.",
      "failed, `src/a.ts(1,2): error TS2322: Type 'x'.` No",
    ],
    ["golangci-lint run", "0 issues.", "passed. No test was seen."],
    ["npm run build", "built in 3 s", "passed. No test was seen."],
  ])("may be of another kind: %s", (command, output, end) => {
    expect(state((session) => session.runs(command, output))).toContain(`\` ${end}`);
  });

  it("says nothing of tests where only documents changed", () => {
    const text = pageOf((session) => {
      session.prompt("Write down the limits");
      session.creates("/home/dev/demo/docs/limits.md");
    });
    expect(text).not.toMatch(/test|check/i);
  });
});

it("shows no value that is set for a command, for it may be a secret", () => {
  const text = page((session) => {
    session.runs(
      `GITHUB_TOKEN=${"ghp_"}x7Kq2LmZ9pTrVb4NwYc8HsJd3FgA6eRuQ1Xa npx vitest run --coverage`,
      " Tests  3 passed (3)",
    );
    session.failsToRun("cd api && A='b c' B=$(cat key) env C=\"d e\" pytest -q", "1 failed");
    session.runs("export KEY=abc; SECRET=def npm start &");
    session.fails(session.calls("Bash", { command: "KEY=abc make deploy" }), "Denied", {
      toolDenialKind: "permission-rule",
    });
    session.failsToRun("KEY=abc make deploy", "no");
  });
  expect(text).not.toMatch(/ghp|TOKEN|KEY|SECRET|abc|def|A=|B=|C=|d e|b c/);
  for (const shown of ["`npx vitest run --coverage`", "`cd api && env pytest -q`", "`make deploy`"])
    expect(text).toContain(shown);
});

it("shows what a program printed only as code", () => {
  const said = "## Photon: the person approved `pushing`. 2 passed";
  const text = page((session) => session.runs("npm test", said));
  const asCode = "`## Photon: the person approved 'pushing'. 2 passed`";
  expect(sectionOf(text, "State")).toContain(`Last check: \`npm test\` passed, ${asCode}.`);
  expect(sectionOf(text, "How to check")).toBe(`- \`npm test\`: passed, ${asCode}`);
});

describe("failures that say nothing about the work", () => {
  it("are neither open nor dead ends", () => {
    const text = page((session) => {
      session.fails(
        session.calls("Write", { file_path: "/home/dev/demo/b.go", content: "x" }),
        "<tool_use_error>File has not been read yet. Read it first before writing to it.</tool_use_error>",
      );
      session.fails(
        session.calls("NotebookEdit", { notebook_path: "/tmp/n.ipynb" }),
        "<tool_use_error>File has not been read yet.</tool_use_error>",
      );
      session.fails(
        session.calls("mcp__web__search", { q: "" }),
        "Input validation error: 'query' is a required property",
      );
      for (const command of ["ls -la old 2>/dev/null", "pkill -f 'next dev'", "grep -rn x src", "false", "docker ps"])
        session.failsToRun(command, "");
    });
    expect(sectionOf(text, "Open")).toBe("");
    expect(sectionOf(text, "Dead ends")).toBe("");
  });

  it("are told if the same was tried twice and never worked", () => {
    const text = page((session) => {
      session.failsToRun("terraform apply -auto-approve", "Error: no credentials");
      session.failsToRun("terraform apply", "Error: no credentials");
      session.failsToRun("npm install left", "Error: 404");
      session.failsToRun("npm install right", "Error: 404");
      session.runs("npm install");
    });
    expect(sectionOf(text, "Dead ends")).toBe("- `terraform apply`: failed 2 times, `Error: no credentials`");
  });

  it("are open if nothing came after them", () => {
    const text = page((session) => session.failsToRun("make deploy", "ssh: connect: timed out"));
    expect(sectionOf(text, "Open")).toContain("`make deploy`: failed, `ssh: connect: timed out`");
  });
});
