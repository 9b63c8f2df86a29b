import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SessionLines } from "../../test/support/transcript/session-lines.ts";
import { factsOfSession } from "./facts-of-session.ts";

let folder: string;
let path: string;
let checkpoint: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon reading "));
  path = join(folder, "session.jsonl");
  checkpoint = join(folder, "s-1+read.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const continued = () => factsOfSession(path, checkpoint);
const whole = () => factsOfSession(path, null);

/** How many bytes of the transcript a reading takes. */
function bytesRead(): number {
  let bytes = 0;
  factsOfSession(path, checkpoint, (...args) => {
    const read = readSync(...args);
    bytes += read;
    return read;
  });
  return bytes;
}

describe("factsOfSession", () => {
  it("reads only what was added", () => {
    const session = new SessionLines();
    for (let count = 0; count < 500; count++) session.edits(`/home/dev/demo/part-${count}.ts`, "x".repeat(1_000));
    writeFileSync(path, `${session.lines.join("\n")}\n`);
    expect(bytesRead()).toBeGreaterThan(500_000);
    const turn = new SessionLines();
    turn.prompt("Now the docs, please");
    turn.says("They are written.");
    appendFileSync(path, `${turn.lines.join("\n")}\n`);
    expect(bytesRead()).toBeLessThan(10_000);
    expect(continued()).toMatchObject({ lastAnswer: "They are written.", edits: 500 });
  });

  it("reads everything again if the middle was rewritten in the same size", () => {
    const session = new SessionLines();
    for (let count = 0; count < 50; count++) session.says("x".repeat(200));
    session.prompt("Fix the importer");
    for (let count = 0; count < 50; count++) session.says("x".repeat(200));
    const text = `${session.lines.join("\n")}\n`;
    writeFileSync(path, text);
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    expect(continued().prompts).toEqual(["Fix the importer"]);
    writeFileSync(path, text.replace("Fix the importer", "Fix the exporter"));
    utimesSync(path, 1_700_000_000, 1_700_000_001);
    expect(continued().prompts).toEqual(["Fix the exporter"]);
  });

  it("reads a line again that was incomplete", () => {
    const line = JSON.stringify({ type: "user", message: { role: "user", content: "Fix the importer" } });
    writeFileSync(path, line.slice(0, -5));
    expect(continued().prompts).toEqual([]);
    appendFileSync(path, line.slice(-5));
    expect(continued().prompts).toEqual(["Fix the importer"]);
    appendFileSync(path, "\n");
    expect(continued().prompts).toEqual(["Fix the importer"]);
  });

  it("ignores the checkpoint of another version", async () => {
    writeFileSync(path, `${JSON.stringify({ type: "user", message: { content: "Fix it" } })}\n`.repeat(2_000));
    vi.resetModules();
    vi.doMock("../../package.json", () => ({ default: { version: "0.0.1" } }));
    const earlier = await import("./facts-of-session.ts");
    vi.doUnmock("../../package.json");
    earlier.factsOfSession(path, checkpoint);
    expect(readFileSync(checkpoint, "utf8")).toContain('"version":"0.0.1"');
    const { size } = statSync(path);
    expect(bytesRead()).toBe(size);
    expect(bytesRead()).toBeLessThan(size);
  });

  it("reads a subagent's transcript again only if it has changed", () => {
    const session = new SessionLines();
    session.prompt("Fix both parts");
    session.delegates("Fix the parts", "Done.");
    writeFileSync(path, `${session.lines.join("\n")}\n`);
    const theirs = join(folder, "session", "subagents", "agent-1.jsonl");
    mkdirSync(join(theirs, ".."), { recursive: true });
    const subagent = new SessionLines();
    subagent.edits("/home/dev/demo/a.ts");
    writeFileSync(theirs, `${subagent.lines.join("\n")}\n`);
    utimesSync(theirs, 1_700_000_000, 1_700_000_000);
    expect(continued().files.map((file) => file.path)).toEqual(["/home/dev/demo/a.ts"]);
    writeFileSync(theirs, readFileSync(theirs, "utf8").replaceAll("a.ts", "c.ts"));
    utimesSync(theirs, 1_700_000_000, 1_700_000_000);
    expect(continued().files.map((file) => file.path)).toEqual(["/home/dev/demo/a.ts"]);
    subagent.edits("/home/dev/demo/b.ts");
    writeFileSync(theirs, `${subagent.lines.join("\n")}\n`);
    session.says("Go on.");
    writeFileSync(path, `${session.lines.join("\n")}\n`);
    expect(continued()).toEqual(whole());
    expect(continued().files.map((file) => file.path)).toEqual(["/home/dev/demo/a.ts", "/home/dev/demo/b.ts"]);
  });
});
