import { describe, expect, it } from "vitest";
import { pageOf, sectionOf } from "../../test/support/transcript/page-of.ts";
import type { SessionLines } from "../../test/support/transcript/session-lines.ts";

const WORK = "Now build it on the client's side, without new routes";
const begun = (session: SessionLines) => {
  session.prompt("Write the plan of the redesign");
  session.creates("/home/dev/demo/plan.md");
  session.says("It is in plan.md.");
  session.prompt(WORK);
};
const page = (write: (session: SessionLines) => void, more: Parameters<typeof pageOf>[1] = {}) =>
  pageOf((session) => {
    begun(session);
    write(session);
  }, more);

describe("a session that Claude could not go on with", () => {
  it.each([
    ["You've hit your limit · resets 5pm (Europe/Vienna)", "You've hit your limit · resets 5pm (Europe/Vienna)"],
    ["Claude AI usage limit reached|1795806000", "Claude AI usage limit reached, resets 2026-11-27 19:00 UTC"],
    ["API Error: 529 overloaded", "API Error: 529 overloaded"],
    ["Not logged in · Please run /login", "Not logged in · Please run /login"],
  ])("says why, and what is not done: %s", (line, reason) => {
    const text = page((session) => {
      session.says("I have read everything.");
      session.cannotAnswer(line);
      session.prompt("continue");
      session.cannotAnswer(line);
    });
    expect(sectionOf(text, "State")).toContain(
      `Cut off: ${reason}, while it worked on “${WORK}”. That request is not done.`,
    );
    expect(sectionOf(text, "Open")).toBe(`- Next: ${WORK} (asked last, not finished)`);
  });

  it("does not say so once it could go on", () => {
    const text = page((session) => {
      session.cannotAnswer("You've hit your limit");
      session.prompt("continue");
      session.says("It is built.");
    });
    expect(text).not.toContain("Cut off");
    expect(sectionOf(text, "Open")).toBe("");
  });

  it("says so while the client still tries", () => {
    const text = page((session) => session.system("api_error", { level: "error", error: { status: 529 } }));
    expect(sectionOf(text, "State")).toContain("Cut off: API error: status 529");
  });
});

describe("the end of a session", () => {
  it.each<[string, (session: SessionLines) => void, string, string]>([
    ["was not answered", () => undefined, "not answered", ""],
    [
      "was stopped by the person",
      (session) => {
        session.says("I begin.");
        session.prompt("[Request interrupted by user]");
      },
      "not finished",
      "Interrupted by the person",
    ],
  ])("names a request that %s", (_, write, open, state) => {
    const text = page(write);
    expect(sectionOf(text, "Open")).toBe(`- Next: ${WORK} (asked last, ${open})`);
    expect(sectionOf(text, "State")).toContain(state);
  });

  it("names a kill, and a person who ended it", () => {
    const says = (session: SessionLines) => session.says("It is built.");
    expect(sectionOf(page(says, { wasKilled: true }), "State")).toContain("The client was killed, or it crashed.");
    expect(sectionOf(page(says, { isEndedByPerson: true }), "State")).toContain("; ended by the person.");
    const exits = (session: SessionLines) => {
      says(session);
      session.commands("exit", "");
    };
    expect(sectionOf(page(exits), "State")).toContain("; ended by the person.");
  });

  it("does not doubt a request whose turn was over when the client was killed", () => {
    const killed = (more: (session: SessionLines) => void) =>
      sectionOf(
        page(
          (session) => {
            session.says("It is built.");
            more(session);
          },
          { wasKilled: true },
        ),
        "Open",
      );
    expect(killed((session) => session.system("turn_duration", { durationMs: 1_472 }))).toBe("");
    expect(
      killed((session) => {
        session.system("turn_duration", { durationMs: 1_472 });
        session.says("I go on by myself.");
      }),
    ).toContain("the client was killed, so it may not be finished");
  });

  it("names Claude's question that nobody answered", () => {
    const asks = (session: SessionLines) =>
      session.says("It is built.\n\nThe old page is still there. Shall I remove it?");
    expect(sectionOf(page(asks), "Open")).toBe("- Claude asked, and nobody answered: Shall I remove it?");
    const inDialog = (session: SessionLines) =>
      void session.calls("AskUserQuestion", { questions: [{ question: "Which colour?", options: [] }] });
    expect(sectionOf(page(inDialog), "Open")).toContain("Claude asked, and nobody answered: Which colour?");
    const answered = (session: SessionLines) => session.asks({ "Which colour?": "Blue" });
    expect(sectionOf(page(answered), "Open")).not.toContain("nobody");
  });

  it("names the question also if a limit came after it", () => {
    const text = page((session) => {
      session.says("The fork is made. Is it the team's?");
      session.cannotAnswer("You've hit your limit");
    });
    expect(sectionOf(text, "Open")).toContain(
      "(asked last, not finished)\n- Claude asked, and nobody answered: Is it the team's?",
    );
  });

  it("names what is left running", () => {
    const text = page((session) => {
      session.runsInBackground("npm run dev");
      session.runs("nohup python train.py --epochs 200 > train.log 2>&1 &");
      session.says("Both run.");
    });
    expect(sectionOf(text, "Open")).toBe(
      "- Left running (no end was seen): `npm run dev`\n- Left running (no end was seen): `nohup python train.py --epochs 200 > train.log 2>&1 &`",
    );
  });
});

describe("a process that was ended", () => {
  it("is not left running", () => {
    const text = page((session) => {
      session.runs("npm run dev &");
      session.runs("pkill -f 'run dev'");
      session.says("It has ended.");
    });
    expect(text).not.toContain("Left running");
  });
});

describe("a task list", () => {
  it("is not told as the state once Claude has left it behind", () => {
    const text = pageOf((session) => {
      session.prompt("Move my settings to the new laptop");
      session.todos(
        ["in_progress", "Make a list of files"],
        ["pending", "First copy"],
        ["pending", "A store on the disk"],
      );
      session.creates("/home/dev/demo/list.txt");
      session.prompt("the disk is broken, use the server");
      session.runs("git push -u origin main", " * [new branch] main -> main");
      session.prompt("how do I copy it on the laptop");
      session.says("git clone …");
    });
    expect(text).not.toMatch(/First copy|Make a list|0 of 3/);
    expect(sectionOf(text, "State")).toContain("a task list was not touched for the last 2 prompts");
  });

  it("is the state while only answers came after it", () => {
    const text = pageOf((session) => {
      session.prompt("Move my settings to the new laptop");
      session.todos(["in_progress", "Make a list of files"], ["pending", "First copy"]);
      for (const answer of ["yes", "continue", "ok"]) {
        session.prompt(answer);
        session.edits("/home/dev/demo/list.txt");
      }
    });
    expect(sectionOf(text, "Open")).toContain("Make a list of files (in progress)");
  });
});
