import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
  await pc.cloneProject(mac);
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});
afterAll(() => world.end());

const handover = async () => (await world.bridge.messages()).find(({ kind }) => kind === "handover") ?? null;

/** All files of a folder except git's own, with content and executable bit. */
function treeOf(folder: string, below = ""): Record<string, string> {
  return Object.assign(
    {},
    ...readdirSync(join(folder, below), { withFileTypes: true }).map((entry) => {
      const path = join(below, entry.name);
      if (path === ".git") return {};
      if (entry.isDirectory()) return treeOf(folder, path);
      const mode = lstatSync(join(folder, path)).mode & 0o100;
      return { [path]: `${mode ? "runs " : ""}${readFileSync(join(folder, path)).toString("base64")}` };
    }),
  );
}
/** A line of a command's output. */

describe("the work of a session that ends on mac", () => {
  it("is in an automatic handover only if the person enabled that", async () => {
    mac.env.PHOTON_CAPSULE = "auto";
    await writeFile(join(mac.project, ".env"), "TOKEN=1\n");
    await writeFile(join(mac.project, "run me.sh"), "#!/bin/sh\n");
    await chmod(join(mac.project, "run me.sh"), 0o755);
    await rm(join(mac.project, "README.md"));
    const session = await mac.say("Write the parser", {
      args: ["--allowedTools", "Write"],
      model: [
        { tool: "Write", input: { file_path: join(mac.project, "src/parser.ts"), content: "export {};\n" } },
        "Written.",
      ],
    });
    expect(session.code).toBe(0);
    const left = await eventually("the handover", handover);
    expect(left.work).toMatchObject({ branch: "main", files: 3, capsule: { bytes: expect.any(Number) } });
    expect(left.content).toContain("`src/parser.ts`");
    expect(left.content).toContain("Left out: `.env`");
  });

  it("is offered to a session on pc in its first request; /photon:resume shows a dry run and, with nobody to ask, applies nothing", async () => {
    const left = await eventually("the handover", handover);
    const session = await pc.say("/photon:resume", {
      model: [
        { tool: `${TOOL}resume_handover`, input: {} },
        { tool: `${TOOL}resume_handover`, input: { message_id: left.id, apply: "worktree" } },
        "Nobody agreed.",
      ],
    });
    const [first, second, third] = session.requests;
    expect(first?.text).toMatch(/A handover waits, from mac\/demo, just now, 3 files, with capsule \(1 KB\)/);
    const [shown = ""] = second?.toolResults ?? [];
    expect(shown).toContain("Write the parser");
    expect(shown).toContain("Applying would change 3 files (2 added, 1 deleted)");
    expect(third?.toolResults.at(-1)).toContain("Not applied, nothing was changed: the person could not be asked");
    expect(await pc.git("status", "--porcelain")).toBe("");
    expect(existsSync(join(dirname(pc.project), "demo-photon-mac"))).toBe(false);
  });

  it.skipIf(NO_TERMINAL)(
    "is applied in a new folder by /photon:resume if the person agrees; the trees are equal",
    async () => {
      const left = await eventually("the handover", handover);
      terminal = await pc.open([
        { tool: `${TOOL}resume_handover`, input: {} },
        { tool: `${TOOL}resume_handover`, input: { message_id: left.id, apply: "worktree" } },
        "It is all there.",
      ]);
      await terminal.type("/photon:resume");
      await terminal.shows(/apply the work handed over by mac\/demo \(UNVERIFIED\)\? 3 files/);
      await terminal.pressUntil("Enter", /It is all there\./);
      const said = world.model.requests.at(-1)?.toolResults.at(-1) ?? "";
      const [, folder = ""] = /^Applied: .*, in (.*), branch photon\/mac-/.exec(said) ?? [];
      const { ".env": _, ...work } = treeOf(mac.project);
      expect(treeOf(folder)).toEqual(work);
      expect(await pc.git("status", "--porcelain")).toBe("");
      expect(said).toMatch(/The sender .*sees "resumed by pc"\./);
      expect((await mac.photon(["status"])).stdout).toMatch(/resumed by pc/);
      expect(said).toMatch(/^To undo it, run:\n.*worktree remove/m);
    },
  );

  it("is applied by photon resume --here only onto a clean checkout", async () => {
    const left = await eventually("the handover", handover);
    await writeFile(join(pc.project, "README.md"), "changed here\n");
    const refused = await pc.photon(["resume", left.id, "--here", "--yes"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("nothing was changed");
    await pc.git("checkout", "--quiet", ".");
    expect((await pc.photon(["resume", left.id, "--here"])).code).toBe(2);
    expect(await pc.git("status", "--porcelain")).toBe("");
    expect(await pc.photon(["resume", left.id, "--here", "--yes"])).toMatchObject({ code: 0 });
    const { ".env": _, ...work } = treeOf(mac.project);
    expect(treeOf(pc.project)).toEqual(work);
  });
});

describe("a session that is killed", () => {
  const write = (name: string) => ({
    tool: "Write",
    input: { file_path: join(mac.project, name), content: "export {};\n" },
  });
  const nextHandover = (before: string | undefined) =>
    eventually("a newer handover", async () => {
      const newest = await handover();
      return newest === null || newest.id === before ? null : newest;
    });

  it.skipIf(NO_TERMINAL)("has its handover published by the next session on that machine", async () => {
    const before = await handover();
    terminal = await mac.open([write("tests.ts"), { isSilent: true }], ["--allowedTools", "Write"]);
    await terminal.type("Write the tests");
    // The file exists before the client records it in the transcript; a killed session leaves only what was recorded.
    const isWritten = () => /"type":"create","filePath":"[^"]*tests\.ts"/.test(mac.transcripts());
    await eventually("the edit in the transcript", () => isWritten() || null);
    await terminal.killClient();
    await mac.say("/photon-setup");
    const left = await nextHandover(before?.id);
    expect(left.content).toContain("Write the tests");
    expect(left.content).toContain("`tests.ts` (created, ");
  });

  it.skipIf(NO_TERMINAL)("has its handover published while it is open if the model becomes unreachable", async () => {
    const before = await handover();
    terminal = await mac.open([write("docs.ts"), { isRefused: true }], ["--allowedTools", "Write"]);
    await terminal.type("Write the docs");
    const left = await nextHandover(before?.id);
    expect(left.content).toContain("`docs.ts` (created, ");
    await terminal.exit();
  });
});
