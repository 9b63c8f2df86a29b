import { describe, expect, it, vi } from "vitest";
import { pageOf, sectionOf } from "../test/support/transcript/page-of.ts";
import type { SessionLines } from "../test/support/transcript/session-lines.ts";

// Each text once took seconds, or minutes. A page that takes so long again fails by the limit of its test.

vi.setConfig({ testTimeout: 20_000 });

type Write = (session: SessionLines, time: number) => void;

/** How often each text is in the session, each time in another call. */
const TIMES = 30;

const page = (write: Write, times = TIMES) =>
  pageOf((session) => {
    session.prompt("Please fix the login of the shop");
    for (let time = 0; time < times; time++) write(session, time);
    session.prompt("Now also fix the logout please");
    session.says("Both work.");
  });

const fails = (session: SessionLines, command: string, output: string) => session.failsToRun(command, output);
const opens = "gh pr create --fill";
const address = "https://code.example/shop/pull/7";

describe("a command that would take long to read", () => {
  it.each<[name: string, command: (time: number) => string, output?: string]>([
    ["names git again and again", (time) => `cat > f <<'E'\n${time} ${"git ".repeat(20_000)}\nE`],
    ["prints an exit code again and again", (time) => `${time};echo ${"$?".repeat(20_000)};x`],
    ["starts containers in containers", (time) => `docker exec ${"docker exec ".repeat(1_500)}${time} test`],
    ["starts a few containers in containers", (time) => `${"docker exec ".repeat(40)}unit${time}`],
    [
      "starts containers in quotes",
      (t) => `${"docker exec ".repeat(16)}${`'${"docker exec ".repeat(9)}build' `.repeat(16)}${t}`,
    ],
    ["starts shells in shells", (time) => `${"bash -c '".repeat(500)}${time} test`],
    ["starts scripts in scripts", (time) => `docker exec ${"npm ".repeat(16)}${"run ".repeat(4_000)}${time} test`],
    ["has a long message without an end", (time) => `git commit --dry-run -m '\n${time} ${"<<a".repeat(6_000)}'`],
    ["has a message of one word", (time) => `git commit --dry-run -m '\n${time} <<${"a".repeat(18_000)}'`],
    [
      "is a script that reads",
      (time) =>
        `node <<'E'\n${Array.from({ length: 20 }, (_, at) => `writeFile(a${at},`).join("\n")}\n${time}${"readFile".repeat(2_300)}\nE`,
    ],
    [
      "is a script with spaces",
      (time) =>
        `node <<'E'\n${time}\nwriteFile(a,1)\nwriteFile(read,1)\na=${" ".repeat(9_000)}\nread(${" ".repeat(9_000)}\nE`,
    ],
    [
      "is a script with lists that do not end",
      (time) => `node <<'E'\n${time}\nwriteFile(x,1)\n${"for x in [".repeat(900)}${"open(x,'r".repeat(900)}\nE`,
    ],
  ])("is read: it %s", (_, command, output) => {
    const text = page((session, time) => session.runs(command(time), output));
    expect(sectionOf(text, "Goal")).toContain("> Please fix the login of the shop");
    expect(text).toContain("> Both work.");
  });

  it("is read: it names thousands of files", () => {
    const files = Array.from({ length: 9_000 }, (_, at) => at.toString(36)).join(" ");
    const text = page((session, time) => session.runs(`rm ${time} ${files}`));
    expect(text).toContain("deleted");
  });

  it("is still known as a check in a container", () => {
    const text = page((session, time) =>
      session.runs(`docker exec -it -e A=${time} web sh -c 'cd shop && npm test'`, "Tests: 3 passed"),
    );
    expect(text).toContain("Tests: 3 passed");
  });
});

describe("an output that would take long to read", () => {
  it.each([
    ["addresses without spaces", "http://a/".repeat(22_000)],
    ["addresses that are cut", "http://a/ ".repeat(20_000)],
  ])("has %s before the pull request", (_, addresses) => {
    expect(page((session, time) => session.runs(`${opens} # ${time}`, `${addresses}\n${address}`))).toContain(address);
    const tool = "mcp__github__create_pull_request";
    const other = page((session) =>
      session.succeeds(session.calls(tool, { title: "x" }), `${address}\n${addresses}`, { result: {} }),
    );
    expect(other).toContain(address);
  });

  it("has a line full of errors and frames", () => {
    const line = `0 errors ${"=".repeat(470)} x${"fail".repeat(7_500)}`;
    const text = page((session, time) => fails(session, `npm run test:${time}`, `${line}\n━━ Error: no such shop ━━`));
    expect(text).toContain("failed, `Error: no such shop`\n");
  });

  it("has a hundred thousand lines of commits", () => {
    const text = page((session) => session.runs("git commit -am x", "[main abcdef1] Fix it\n".repeat(200_000)), 1);
    expect(text).toContain("Fix it");
  });

  it("is shown from its beginning, and counted at its end", () => {
    const middle = "one more line\n".repeat(200_000);
    const text = page((session, time) => {
      fails(session, `npm run build:${time}`, `error TS1: no such shop\n${middle}`);
      session.runs("npm test", `${middle}Tests: 3 passed`);
    }, 1);
    expect(text).toContain("error TS1: no such shop");
    expect(text).toContain("Tests: 3 passed");
  });
});

describe("a text of the person or the client that would take long to read", () => {
  const denies =
    (reason: string): Write =>
    (session, time) =>
      session.fails(
        session.calls("Bash", { command: `ls ${time}` }),
        `The user doesn't want to proceed. the user said: ${reason}`,
      );
  const summary = (part: string) =>
    `This session is being continued from a previous conversation\nSummary:\n${part}\n2. Current Work:\n   Moving the logout`;

  it.each<[name: string, write: Write, shown: string]>([
    ["a reason with line ends", denies(`use the other login form${"\n".repeat(100_000)}y`), "use the other login form"],
    [
      "a reason with line ends before the client's note",
      denies(`use the other login form${"\n".repeat(9_000)}Note: The user's next message`),
      "- use the other login form\n",
    ],
    [
      "arguments without an end",
      (session) => session.prompt(`<command-name>/plan</command-name> ${"<command-args>".repeat(200_000)}`),
      "> Please fix the login",
    ],
    [
      "arguments of a command",
      (session, time) => session.commands("plan", `the sale of shop number ${time} and its terms`),
      "/plan the sale of shop number 29",
    ],
    [
      "a long prompt",
      (session) => session.prompt(`Show the sale of the shop${" ".repeat(300_000)}soon`),
      "Show the sale of the shop",
    ],
    [
      "a title of stars",
      (session) => session.compacts(summary(`1. Primary Request${"*".repeat(14_000)}x`)),
      "> Please fix the login",
    ],
    [
      "a title of spaces",
      (session) => session.compacts(summary(`1. Primary Request${" ".repeat(14_000)}x`)),
      "> Please fix the login",
    ],
    [
      "a title before spaces",
      (session) => session.compacts(summary(`1. **Primary Request:**${" ".repeat(9_000)}Move the shop`)),
      "> Move the shop",
    ],
  ])("is read: %s", (_, write, shown) => {
    expect(page(write)).toContain(shown);
  });

  it.each([
    ["with spaces", `Moving the shop.${" ".repeat(9_000)}Next: paint it. (disable recaps in /config)`],
    ["with more spaces", `Moving the shop.${" ".repeat(300_000)}Next: paint it. (disable recaps in /config)`],
    ["with brackets", `Moving the shop. ${"(disable".repeat(2_000)} Next: paint it. (disable recaps in /config)`],
  ])("is read: a recap %s", (_, content) => {
    const text = pageOf((session) => {
      session.prompt("Please fix the login of the shop");
      session.says("It works.");
      for (let time = 0; time < TIMES; time++) session.system("away_summary", { content });
    });
    expect(sectionOf(text, "Open")).toMatch(/^- Next: paint it\.$/m);
  });

  it("is read: an answer with spaces", () => {
    const text = pageOf((session) => {
      session.prompt("Please fix the login of the shop");
      session.says(`It works.${" ".repeat(300_000)}x y`);
    });
    expect(text).toContain("> It works.");
  });
});

it("an edit with many empty lines is read", () => {
  const text = page((session) => {
    const edits = Array.from({ length: 300 }, () => ({ old_string: "a", new_string: `${"\n".repeat(1_990)}x` }));
    session.succeeds(session.calls("MultiEdit", { file_path: "/home/dev/demo/a.ts", edits }), "ok", { type: "update" });
    session.edits("/home/dev/demo/b.ts");
  });
  expect(text).toContain("a.ts");
});

it.each([
  [{ toString: 1, valueOf: 1 }, "status unknown"],
  [529, "status 529"],
  ["529", "status 529"],
])("an error of the service with the status %j is on the page", (status, shown) => {
  const text = pageOf((session) => {
    session.prompt("Please fix the login of the shop");
    session.system("api_error", { error: { status } });
  });
  expect(text).toContain(`API error: ${shown}`);
});

it("thousands of answers to one question are read", () => {
  const answers = Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`Which shop ${at}`, "this"]));
  const text = pageOf((session) => {
    session.prompt("Please fix the login of the shop");
    session.asks(answers);
  });
  expect(text).toContain("Which shop");
});
