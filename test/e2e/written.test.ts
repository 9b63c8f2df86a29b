import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sessionIds } from "../../client/sessions/session-file.ts";
import { BASE_ENV, CLAUDE } from "./support/environment.ts";
import type { Machine } from "./support/machine.ts";
import { type HelpRequest, TITLE } from "./support/model.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL } from "./support/terminal.ts";
import { makeWorld, TOOL, type World } from "./support/world.ts";

let world: World;
let mac: Machine;
let pc: Machine;
/** What the writing Claude was asked: requests without tools, other than the client's own. */
let asked: (HelpRequest & { readonly question: string })[] = [];

const PAGE = `## Goal
Files from Windows must parse.

## Done
- \`parser.ts\` accepts CRLF.

## Open
- Next: write the tests.`;

beforeAll(async () => {
  world = await makeWorld((question, request) => {
    if (!request.system.includes("You write a handover")) return TITLE;
    asked.push({ ...request, question });
    return PAGE;
  });
  mac = await world.readyMachine("mac");
  pc = await world.readyMachine("pc");
  const bin = join(world.folder, "bin");
  mkdirSync(bin);
  symlinkSync(CLAUDE, join(bin, "claude"));
  mac.env.PATH = [bin, BASE_ENV.PATH].join(delimiter);
  mac.env.PHOTON_HANDOVER = "written";
  for (const folder of [mac.project, join(mac.home, ".claude")]) writeFileSync(join(folder, "CLAUDE.md"), "MEMORY\n");
});
afterAll(() => world.end());
beforeEach(() => {
  asked = [];
});

const sessions = () => sessionIds({ sessions: join(mac.dataFolder, "sessions") });
const writes = (name: string) => [
  { tool: "Write", input: { file_path: join(mac.project, name), content: "export const crlf = true;\n" } },
  "The parser accepts CRLF.",
];
const handover = (text: string) =>
  eventually(text, async () => (await world.bridge.messages()).find(({ content }) => content.includes(text)) ?? null);

describe("under the policy written, a session that ended", () => {
  it("is handed over with a page that the person's own client wrote, and is read so on the other machine", async () => {
    const session = await mac.say("Make the parser accept CRLF", {
      args: ["--allowedTools", "Write"],
      model: writes("parser.ts"),
    });
    expect(session.code).toBe(0);
    const sent = await handover("written by Claude (haiku)");
    expect(sent).toMatchObject({ kind: "handover", from: "mac/demo" });
    expect(sent.content).toContain("> Files from Windows must parse.");
    expect(sent.content).toContain("- Next: write the tests.");
    for (const fact of ["## Files\n\n- `parser.ts`", "## Git\n\nBranch `main`"]) expect(sent.content).toContain(fact);

    const read = await pc.say("/photon:resume", {
      model: [{ tool: `${TOOL}resume_handover`, input: {} }, "The next step is the tests."],
    });
    expect(read.requests[1]?.toolResults).toEqual([expect.stringContaining("> Files from Windows must parse.")]);
  });

  it("was read once by a small model that has no tools, no memory and no hooks, and left no session", async () => {
    const known = sessions();
    await mac.say("Make the lexer accept CRLF", { args: ["--allowedTools", "Write"], model: writes("lexer.ts") });
    await eventually("the request", () => (asked.length > 0 ? true : null));
    const [request, ...others] = asked;
    expect(others).toEqual([]);
    expect(request?.model).toContain("haiku");
    expect(request?.question).toContain("Person: Make the lexer accept CRLF");
    expect(request?.question).toContain("Call: Write");
    expect(`${request?.system}${request?.question}`).not.toMatch(/MEMORY|Photon connects|unread/);
    await eventually(
      "the page",
      async () =>
        (await world.bridge.messages()).find(({ content }) => /written by Claude[\s\S]*lexer\.ts/.test(content)) ??
        null,
    );
    expect(sessions()).toHaveLength(known.length + 1);
    expect(mac.transcripts()).toContain("Make the lexer accept CRLF");
    expect(mac.transcripts()).not.toContain("You write a handover");
    expect(mac.transcripts()).not.toContain("the end of the conversation");
  });

  it("is handed over with the facts, which say so, if the client is not there", async () => {
    await mac.say("Make the printer accept CRLF", {
      args: ["--allowedTools", "Write"],
      model: writes("printer.ts"),
      env: { PATH: BASE_ENV.PATH ?? "" },
    });
    const sent = await handover("`claude` is not on the PATH");
    expect(sent.content).toContain("Make the printer accept CRLF");
    expect(asked).toEqual([]);
  });

  it.skipIf(NO_TERMINAL !== null)("is written so after /exit in a terminal, too", async () => {
    const terminal = await mac.open(writes("terminal.ts"), ["--allowedTools", "Write"]);
    await terminal.type("Make the terminal accept CRLF");
    await terminal.shows(/The parser accepts CRLF/);
    await terminal.exit();
    await terminal.close();
    await eventually("the request", () => (asked.length > 0 ? true : null));
    expect(asked[0]?.question).toContain("Make the terminal accept CRLF");
    const sent = await handover("`terminal.ts`");
    expect(sent).toMatchObject({ kind: "handover" });
  });
});
