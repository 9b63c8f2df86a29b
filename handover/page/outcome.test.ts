import { describe, expect, it } from "vitest";
import { pageOf, sectionOf } from "../../test/support/transcript/page-of.ts";
import type { SessionLines } from "../../test/support/transcript/session-lines.ts";

const done = (write: (session: SessionLines) => void, since: Parameters<typeof pageOf>[1] = {}) =>
  sectionOf(
    pageOf((session) => {
      session.prompt("Make the start quieter");
      write(session);
    }, since),
    "Done",
  );

describe("what came of a session", () => {
  it("is its commits, pushes and pull requests, newest first", () => {
    const text = done((session) => {
      session.runs("git add . && git commit -m 'Start: one line'", "[quiet 1a2b3c4] Start: one line\n 1 file changed");
      session.runs("git commit -qam 'Start: no line'");
      session.runs("git push -u origin quiet", "To git.example:dev/demo.git\n * [new branch]      quiet -> quiet");
      session.runs("gh pr create --fill", "Creating pull request\nhttps://git.example/dev/demo/pull/7");
      session.writes({ type: "pr-link", prNumber: 7, prUrl: "https://git.example/dev/demo/pull/7", sessionId: "s" });
    });
    expect(text).toBe(
      "- Pull request https://git.example/dev/demo/pull/7\n- Pushed to `origin/quiet`\n- Commit “Start: no line”\n- Commit 1a2b3c4 “Start: one line”",
    );
  });

  it("counts a commit once that was amended, and none that was undone or failed", () => {
    const text = done((session) => {
      session.runs("git commit -m One", "[main 1111111] One");
      session.runs("git commit --amend -m Two", "[main 2222222] Two");
      session.runs("git commit -m Three", "[main 3333333] Three");
      session.runs("git reset --soft HEAD~1");
      session.failsToRun("git commit -m Four", "nothing added to commit");
      session.failsToRun("git push", "error: failed to push some refs\n ! [rejected]  main -> main");
    });
    expect(text).toBe("- Commit 2222222 “Two”");
  });

  it("has git's own commits of its time, which scripts and subagents made, and git's ids", () => {
    const since = {
      files: [],
      commits: [
        { id: "aaaaaaa", subject: "By a script" },
        { id: "bbbbbbb", subject: "Own" },
      ],
    };
    const text = done((session) => session.runs("git commit -q -m Own"), { since });
    expect(text).toBe("- Commit bbbbbbb “Own”\n- Commit aaaaaaa “By a script”");
  });

  it("has the finished tasks of every list, not only of the last", () => {
    const page = pageOf((session) => {
      session.prompt("Give the shop a search");
      session.todos(["completed", "Index"], ["completed", "Query"]);
      session.todos(["in_progress", "Page of results"], ["pending", "Paging"]);
    });
    expect(sectionOf(page, "Done")).toBe("- Query\n- Index");
    expect(sectionOf(page, "State")).toContain("2 of 4 tasks done");
  });

  it("has what each subagent answered", () => {
    const text = done((session) => session.delegates("Find the noise", "Wrote noise.md with 12 lines.\n\nMore."));
    expect(text).toBe("- Subagent “Find the noise”: Wrote noise.md with 12 lines.");
  });

  it("does not count a question in return as a decision", () => {
    expect(done((session) => session.asks({ "Which port?": "what is usual?", "Which host?": "localhost" }))).toBe(
      "- Decided: Which host? → localhost",
    );
  });

  it("has a pull request that a tool of a server opened", () => {
    const address = "https://git.example/dev/demo/pull/9";
    const text = done((session) => {
      const id = session.calls("mcp__github__create_pull_request", { owner: "dev", repo: "demo", title: "x" });
      session.succeeds(id, [{ type: "text", text: `{"html_url":"${address}"}` }], []);
    });
    expect(text).toBe(`- Pull request ${address}`);
  });
});
