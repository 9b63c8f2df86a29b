import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { letters } from "../support/secrets/letters.ts";
import type { Machine } from "./support/machine.ts";
import { NO_TERMINAL, type Terminal } from "./support/terminal.ts";
import { makeWorld, type World } from "./support/world.ts";

const TOKEN = `${"gh"}p_${letters("conversation", 36)}`;

let world: World;
let mac: Machine;
let pc: Machine;
let terminal: Terminal | undefined;
/** Mac's session. */
let session = "";

beforeAll(async () => {
  world = await makeWorld();
  mac = await world.joinedMachine("mac");
  pc = await world.joinedMachine("pc", mac);
  await pc.cloneProject(mac);
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => world.end());

/** The output of a command in the person's terminal. */
async function photon(machine: Machine, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await machine.photon(args);
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
  return stdout;
}

function transcriptsOf({ home }: Machine): string[] {
  const folder = join(home, ".claude/projects");
  if (!existsSync(folder)) return []; // no session was ever started here
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));
}

describe("mac's conversation", () => {
  it("goes along, encrypted, without its secrets, and only if the person says so", async () => {
    await writeFile(join(mac.project, "notes.txt"), "the colour is mauve\n");
    const talk = await mac.say(`Write the parser, the token is ${TOKEN}`, {
      args: ["--allowedTools", "Write,Read,Agent"],
      model: [
        { tool: "Read", input: { file_path: join(mac.project, "notes.txt") } },
        {
          tool: "Agent",
          input: {
            description: "count",
            prompt: "COUNT-THE-FILES",
            subagent_type: "general-purpose",
            run_in_background: false,
          },
        },
        "There are 41 files.",
        { tool: "Write", input: { file_path: join(mac.project, "src/parser.ts"), content: "export {};\n" } },
        "The parser is written, CRLF is next.",
      ],
    });
    expect(talk.result).toBe("The parser is written, CRLF is next.");
    [session = ""] = transcriptsOf(mac).flatMap((name) => /^[^/]+\/([0-9a-f-]{36})\.jsonl$/.exec(name)?.[1] ?? []);
    const shown = await photon(mac, "handover", session, "--conversation");
    expect(shown).toMatch(/Conversation\n+\d+ messages, 1 subagent, \d+ KB, \d+ KB compressed; \d secrets? masked/);
    const sent = await photon(mac, "handover", session, "--send", "--conversation");
    expect(sent).toMatch(/Encrypted for pc\.\nWith a capsule.*\nWith the conversation: \d+ messages/s);
  });

  it("is placed on pc together with the uncommitted work, and nothing is replaced", async () => {
    const dry = await photon(pc, "resume", "--dry-run", "--here");
    expect(dry).toMatch(/Conversation: \d+ messages, 1 subagent.*placed as session/s);
    const before = transcriptsOf(pc);
    const done = await photon(pc, "resume", "--here", "--yes");
    expect(done.replace(/\s+/g, " ")).toContain(`cd '${pc.project}' && claude --resume ${session}`);
    const name = pc.project.replace(/[^A-Za-z0-9]/g, "-");
    expect(
      transcriptsOf(pc)
        .filter((each) => !before.includes(each))
        .sort(),
    ).toEqual([join(name, `${session}.jsonl`), expect.stringMatching(/subagents\/agent-\w+\.jsonl$/)].sort());
    expect(readFileSync(join(pc.project, "src/parser.ts"), "utf8")).toBe("export {};\n");
    expect(pc.transcripts()).not.toContain(mac.home);
    expect(pc.transcripts()).not.toContain(TOKEN);
  });

  it("goes on in claude -p --resume: the model reads its history with pc's paths", async () => {
    const { result, requests } = await pc.say("Go on with CRLF", { args: ["--resume", session], model: ["Going on."] });
    expect(result).toBe("Going on.");
    const [first] = requests;
    expect(first?.text).toContain("Write the parser, the token is [a GitHub token, left out by Photon]");
    expect(first?.text).toContain("the colour is mauve");
    expect(first?.text).toContain("There are 41 files.");
    expect(first?.text).toContain("The parser is written, CRLF is next.");
    expect(first?.text).toContain(join(pc.project, "src/parser.ts"));
    expect(first?.text).not.toContain(mac.home);
  });

  it.skipIf(NO_TERMINAL)("goes on in an interactive session", async () => {
    terminal = await pc.open(["Still going on."], ["--resume", session]);
    await terminal.shows(/The parser is written, CRLF is next\./);
    await terminal.type("And the tests?");
    await terminal.shows(/Still going on\./);
    expect(world.model.requests.at(-1)?.text).toContain("the colour is mauve");
    await terminal.exit();
  });

  it("gets a new id where its own is taken, in the folder that the resume makes", async () => {
    const done = await photon(pc, "resume", "--yes");
    const [, folder = "", id = ""] =
      /cd '([^']+)' && claude --resume ([0-9a-f-]{36})/.exec(done.replace(/\s+/g, " ")) ?? [];
    expect(id).not.toBe(session);
    world.model.script(["Here, too."]);
    expect(await pc.claude(["-p", "Go on", "--resume", id], folder)).toMatchObject({ stdout: "Here, too.\n" });
    expect(world.model.requests[0]?.text).toContain(join(folder, "src/parser.ts"));
  });
});
