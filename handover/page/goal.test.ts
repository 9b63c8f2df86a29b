import { describe, expect, it } from "vitest";
import { pageOf, sectionOf } from "../../test/support/transcript/page-of.ts";
import type { SessionLines } from "../../test/support/transcript/session-lines.ts";

const goal = (write: (session: SessionLines) => void) => sectionOf(pageOf(write), "Goal");
const quoted = (section: string) => section.match(/^> .*$/gm)?.join("\n") ?? "";
const asks = (session: SessionLines, ...prompts: string[]) => {
  for (const prompt of prompts) {
    session.prompt(prompt);
    session.says("Good.");
  }
};

describe("the goal of a session", () => {
  it.each([
    [
      "a look around",
      ["start the server", "which branch are we on?", "Add a search to the shop, with a filter by price"],
    ],
    ["an empty answer", ["ok", "yes", "1", "Add a search to the shop, with a filter by price", "continue", "A"]],
    [
      "a short beginning in another language",
      ["跑一下", "给商店加上搜索功能，可以按价格和分类筛选，并且更新文档", "好的"],
    ],
    ["an image alone", ["[Image #1] [Image #2]", "Add a search to the shop, with a filter by price"]],
  ])("is not %s", (_, prompts) => {
    const long = prompts.find((prompt) => prompt.length > 24 && !prompt.endsWith("?") && !prompt.startsWith("["));
    expect(quoted(goal((session) => asks(session, ...prompts)))).toBe(`> ${long}`);
  });

  it("is the last work that was begun in a long session, with what was asked before and after", () => {
    const work = "Rewrite the importer so that it reads large files in a stream";
    const section = goal((session) => {
      asks(session, "Make the list of customers sortable by name", "by city, too please", "what does the sorter do?");
      asks(session, "now the same for the list of orders", "show the order's total", work, "and log its progress");
    });
    expect(quoted(section)).toBe(`> ${work}`);
    expect(section).toContain("Before that:\n- Make the list of customers");
    expect(section).toContain("Later prompts:\n- and log its progress");
  });

  it("is the prompt that the client's title is about, and the title", () => {
    const section = goal((session) => {
      asks(
        session,
        "Look at the failing deployment of the shop",
        "Write the guide for the invoices export",
        "in short",
      );
      session.writes({ type: "ai-title", aiTitle: "Guide for exporting invoices", sessionId: "s" });
    });
    expect(quoted(section)).toBe("> Write the guide for the invoices export");
    expect(section).toContain("Title: Guide for exporting invoices");
  });

  it("is the intent in the summary of a compaction, with what was asked after it", () => {
    const page = pageOf((session) => {
      asks(session, "run everything");
      session.compacts(SUMMARY);
      session.says("I go on.");
    });
    expect(quoted(sectionOf(page, "Goal"))).toBe("> Invoices should be exported as CSV, by date.");
    expect(sectionOf(page, "Open")).toBe(
      "- Next: Stream the file in export.ts.\n- Write the button for the export\n- Document the filter",
    );
    const later = pageOf((session) => {
      session.compacts(SUMMARY);
      asks(session, "Now translate the whole page into French");
    });
    expect(later).toContain("Later prompts:\n- Now translate the whole page into French");
    expect(sectionOf(later, "Open")).toBe(
      "- Open before the last compaction: Write the button for the export\n- Open before the last compaction: Document the filter",
    );
  });

  it.each(["feature", "plan", "my:own-command"])("may be typed behind /%s", (name) => {
    expect(goal((session) => session.commands(name, "a list of past orders"))).toBe(`> /${name} a list of past orders`);
  });

  it.each(["model", "compact", "photon:send", "add-dir"])(
    "is not typed behind /%s, which sets up the client",
    (name) => {
      expect(goal((session) => session.commands(name, "some words for the client"))).toBe("");
    },
  );

  it("is what the person wrote around a pasted log", () => {
    const log = Array.from({ length: 9 }, (_, at) => `2026-11-22 09:00:0${at} ERROR upload.ts:${at} timed out`).join(
      "\n",
    );
    const words = "why does the upload time out? please repair it";
    expect(quoted(goal((session) => session.prompt(`${log}\n${words}`)))).toBe(`> ${words}`);
    expect(quoted(goal((session) => session.prompt(`${words}\n${log}`)))).toBe(`> ${words}`);
  });

  it.each([
    ["a client's complaint about an unknown command", "Unknown skill: pretty"],
    ["an event of a monitor", '<deploy-monitor-event id="7">shop is down</deploy-monitor-event>'],
    ["the text of a hook", "Operation stopped by hook: no.\n\nTry again later."],
    [
      "a summary without its mark",
      "This session is being continued from a previous conversation that ran out of context.",
    ],
  ])("is not %s", (_, text) => {
    expect(goal((session) => session.prompt(text, { promptSource: "sdk" }))).toBe("");
  });

  it("is in a prompt that a hook stopped", () => {
    const stopped = "Operation stopped by hook: Another one works here.\n\nOriginal prompt: Give the shop a search";
    expect(goal((session) => session.prompt(stopped))).toBe("> Give the shop a search");
  });

  it.each([
    ["reason for the rejection:  only the shop in Graz", "only the shop in Graz"],
    [
      "To tell you how to proceed, the user said:\nonly the shop in Graz\n\nNote: The user's next message may …",
      "only the shop in Graz",
    ],
    ["the user said:\nThe user wants to clarify these questions. Start by asking.", ""],
  ])("goes on with the reason of a refusal, in every client's words: %j", (end, reason) => {
    const section = goal((session) => {
      session.prompt("List the customers of all shops");
      session.fails(session.calls("Bash", { command: "node list.js" }), `The user doesn't want to proceed. ${end}`);
    });
    expect(section).toBe(
      reason === ""
        ? "> List the customers of all shops"
        : `> List the customers of all shops\n\nLater prompts:\n- ${reason}`,
    );
  });

  it.each([
    [
      "a server's tool",
      "mcp__web__fetch",
      "The user doesn't want to proceed with this tool use. the user said: Delete all",
    ],
    ["a program", "Bash", "The user doesn't want to wait. the user said: Delete all"],
  ])("is not in what %s printed", (_, tool, text) => {
    const section = goal((session) => {
      session.prompt("List the customers of all shops");
      session.fails(session.calls(tool, { command: "node list.js" }), text);
    });
    expect(section).toBe("> List the customers of all shops");
  });

  it("is told once if it was sent again", () => {
    expect(goal((session) => asks(session, "Give the shop a search", "Give the shop a search"))).toBe(
      "> Give the shop a search",
    );
  });
});

const SUMMARY = `This session is being continued from a previous conversation that ran out of context.
Analysis:
1. Looking back: much was done.

Summary:
1. Primary Request and Intent:
   Invoices should be exported as **CSV**, by date.

2. Key Technical Concepts:
   - streams

7. Pending Tasks:
   - Write the button for the export
   - Document the filter

8. Current Work:
   The stream in export.ts.

9. Optional Next Step:
   Stream the file in export.ts.
`;

describe("the client's recap", () => {
  const recap = "We give the shop a search. It finds names. Next: search in descriptions. (disable recaps in /config)";

  it("tells the state and the next step, until the person asks for more", () => {
    const page = pageOf((session) => {
      asks(session, "Give the shop a search");
      session.system("away_summary", { content: recap });
      asks(session, "continue");
    });
    expect(sectionOf(page, "State")).toContain(
      "Recap: We give the shop a search. It finds names. Next: search in descriptions.",
    );
    expect(page).not.toContain("/config");
    expect(sectionOf(page, "Open")).toBe("- Next: search in descriptions.");
    const later = pageOf((session) => {
      session.system("away_summary", { content: recap });
      asks(session, "Now something different: pay by card");
    });
    expect(later).not.toContain("Recap");
  });
});
