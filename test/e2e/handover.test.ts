import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listDrafts } from "../../handover/draft/draft-store.ts";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { NO_TERMINAL, type Terminal } from "./support/terminal.ts";
import { makeWorld, TOOL, type World } from "./support/world.ts";

let world: World;
let mac: Machine;
let pc: Machine;
let terminal: Terminal | undefined;

beforeAll(async () => {
  world = await makeWorld();
  mac = await world.readyMachine("mac");
  pc = await world.readyMachine("pc");
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => world.end());

function drafts(machine: Machine): string[] {
  return listDrafts({ sessions: join(machine.dataFolder, "sessions") }).map(({ session }) => session);
}

describe("the work of a session", () => {
  it("leaves nothing if there was none", async () => {
    expect((await mac.say("hello")).code).toBe(0);
    expect(drafts(mac)).toEqual([]);
  });

  it("is saved as a draft at the end of a turn, and published at the end of the session", async () => {
    const file = join(mac.project, "parser.ts");
    const session = await mac.say("Make the parser accept CRLF", {
      args: ["--allowedTools", "Write"],
      model: [
        { tool: "Write", input: { file_path: file, content: "export const crlf = true;\n" } },
        "The parser accepts CRLF; the tests are still to be written.",
      ],
    });
    expect(session.code).toBe(0);
    expect(existsSync(file)).toBe(true);
    expect(drafts(mac)).toHaveLength(1);
    const handover = await eventually("a handover on the bridge", async () => {
      const stored = await world.bridge.messages();
      return stored.find(({ kind }) => kind === "handover") ?? null;
    });
    expect(handover).toMatchObject({ from: "mac/demo", to: "*/demo", project: "demo" });
    for (const fact of ["Make the parser accept CRLF", "tests are still to be written", "parser.ts", "`main`"]) {
      expect(handover.content).toContain(fact);
    }
  });

  it("is offered to the other machine's next session, and resumed there with /photon:resume", async () => {
    const [handover] = await world.bridge.messages();
    const session = await pc.say("/photon:resume", {
      model: [
        { tool: `${TOOL}resume_handover`, input: {} },
        { tool: `${TOOL}resume_handover`, input: { message_id: handover?.id, apply: "none" } },
        "The next step is the tests.",
      ],
    });
    const [first, second, third] = session.requests;
    expect(first?.text).toContain("1 handover from mac/demo");
    expect(first?.text).toContain("A handover waits");
    expect(first?.text).not.toContain("Make the parser accept CRLF");
    expect(second?.toolResults).toEqual([expect.stringContaining("Make the parser accept CRLF")]);
    expect(third?.toolResults).toEqual([
      expect.stringMatching(/^Not resumed, .* could not be asked in this session\./),
    ]);
    const resumed = await pc.photon(["resume", "--yes"]);
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(/The sender .*sees "resumed by pc"/) });
    expect(await world.bridge.messages()).toMatchObject([{ kind: "handover", read: true }]);
  });

  it("is not what a new session's /photon:handover shows: that is its own, which Claude improves and sends", async () => {
    const session = await mac.say("/photon:handover pc", {
      model: [
        { tool: `${TOOL}hand_over`, input: {} },
        { tool: `${TOOL}hand_over`, input: { content: "In better words.", to: "pc", send: true } },
        "Handed over to pc.",
      ],
    });
    const [, second, third] = session.requests;
    expect(second?.toolResults).toEqual([
      expect.stringMatching(/^Handover draft of this session[\s\S]*Untracked: `parser\.ts`/),
    ]);
    expect(second?.toolResults[0]).not.toContain("Make the parser accept CRLF");
    expect(third?.toolResults).toEqual([expect.stringContaining("Stored on the bridge")]);
    expect(await world.bridge.messages()).toContainEqual(
      expect.objectContaining({
        kind: "handover",
        from: "mac/demo",
        to: "pc",
        content: expect.stringMatching(/^In better words\.\n/),
      }),
    );
  });

  it("stays on the machine under the policy draft", async () => {
    const before = (await world.bridge.messages()).length;
    mac.env.PHOTON_HANDOVER = "draft";
    const known = drafts(mac);
    await mac.say("Write the tests", {
      args: ["--allowedTools", "Write"],
      model: [
        { tool: "Write", input: { file_path: join(mac.project, "parser.test.ts"), content: "//\n" } },
        "Written.",
      ],
    });
    const [draft, ...others] = drafts(mac).filter((name) => !known.includes(name));
    expect([draft, others]).toEqual([expect.any(String), []]);
    // A later message arrives, so an earlier queued one would have arrived too.
    await mac.say("/photon-send pc after");
    expect(await world.bridge.messages()).toHaveLength(before + 1);

    const byId = await mac.photon(["handover", draft ?? "", "--send", "--to", "pc"]);
    expect(byId).toMatchObject({ code: 0, stdout: expect.stringContaining("Handed over to pc") });
    expect(await world.bridge.messages()).toContainEqual(
      expect.objectContaining({ kind: "handover", to: "pc", content: expect.stringContaining("Write the tests") }),
    );
  });

  it("is never another session's: /photon-handover --as-is in a new one sends its own state, and names the other", async () => {
    await writeFile(join(mac.project, "by-hand.ts"), "//\n");
    const sent = await mac.say("/photon-handover pc --as-is");
    expect(sent).toMatchObject({ result: expect.stringContaining("Handed over to pc"), requests: [] });
    expect(sent.result).toMatch(/earlier session of this project [\s\S]*^ *photon handover [0-9a-f-]+ --send$/m);
    const [newest] = (await world.bridge.messages()).filter(({ kind }) => kind === "handover");
    expect(newest?.content).toContain("`by-hand.ts`");
    expect(newest?.content).not.toContain("Write the tests");
  });

  it.skipIf(NO_TERMINAL)(
    "is sent as it is now by /photon-handover --as-is, after an edit that no hook has seen",
    async () => {
      const write = { tool: "Write", input: { file_path: join(mac.project, "lexer.ts"), content: "//\n" } };
      terminal = await mac.open([write, "The lexer is written."], ["--allowedTools", "Write"]);
      await terminal.type("Write the lexer");
      await terminal.shows(/The lexer is written\./);
      const sessions = { sessions: join(mac.dataFolder, "sessions") };
      await eventually("the draft of the turn's end", async () => {
        return listDrafts(sessions).find(({ text }) => text.includes("Write the lexer")) ?? null;
      });
      await writeFile(join(mac.project, "since-then.ts"), "//\n");
      await mac.git("switch", "--quiet", "--create", "lexer");
      await terminal.type("/photon-handover pc --as-is");
      await terminal.shows(/Handed over to pc/);
      const [newest] = (await world.bridge.messages()).filter(({ kind }) => kind === "handover");
      for (const fact of [
        "Write the lexer",
        "`lexer.ts`",
        "`since-then.ts`",
        "Branch `lexer`",
        "The lexer is written.",
      ])
        expect(newest?.content).toContain(fact);
      expect(newest?.content).not.toContain("not answered");
      await terminal.exit();
    },
  );
});

describe("the mod in a session without a person", () => {
  it("does not claim to start a command that needs a turn of Claude", async () => {
    const session = await mac.say("/photon-resume");
    expect(session.result).toContain("/photon:resume");
    expect(session.requests).toEqual([]);
  });
});
