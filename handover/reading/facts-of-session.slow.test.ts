import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyTranscript } from "../../test/support/transcript/any-session.ts";
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

/** What can happen to a transcript or a checkpoint between two readings; the number is at least 0 and less than 1. */
const EVENTS: Readonly<Record<string, (text: Buffer, at: number) => void>> = {
  grows: (text, at) => {
    const before = readFileSync(path);
    if (!text.subarray(0, before.length).equals(before)) writeFileSync(path, text);
    else appendFileSync(path, text.subarray(before.length, placeIn(text, before.length, at)));
  },
  "is cut": (text, at) => writeFileSync(path, text.subarray(0, placeIn(text, 0, at))),
  "is replaced by another file": (text, at) => {
    writeFileSync(`${path}.new`, text.subarray(0, placeIn(text, 0, at)));
    renameSync(`${path}.new`, path);
  },
  "loses its first line": () => blankLine(() => 0),
  "loses its last line": () => blankLine((text) => text.lastIndexOf("\n", text.length - 2) + 1),
  "has another beginning": (text) => writeFileSync(path, Buffer.concat([Buffer.from("{}\n"), text])),
  "has another content of the same size": () => {
    const { size } = statSync(path);
    writeFileSync(
      path,
      `${JSON.stringify({ type: "user", message: { content: "Other" } })}\n`.repeat(99).slice(0, size),
    );
  },
  "has a damaged checkpoint": (_, at) => {
    const bytes = readFileSync(checkpoint, { flag: "a+" });
    const index = Math.floor(at * bytes.length);
    bytes[index] = (bytes[index] ?? 0) ^ 1;
    writeFileSync(checkpoint, bytes);
  },
  "has half a checkpoint": (_, at) => {
    const bytes = readFileSync(checkpoint, { flag: "a+" });
    writeFileSync(checkpoint, bytes.subarray(0, Math.floor(at * bytes.length)));
  },
};

/** Overwrites a line without changing the file in any other way. */
function blankLine(beginIn: (text: string) => number): void {
  const text = readFileSync(path, "latin1");
  const begin = beginIn(text);
  const end = text.indexOf("\n", begin);
  if (end !== -1) writeFileSync(path, text.slice(0, begin) + " ".repeat(end - begin) + text.slice(end), "latin1");
}

/** A place behind an offset: in any line with the same chance, half of them at its end. */
function placeIn(text: Buffer, from: number, at: number): number {
  const ends = [from];
  for (let end = text.indexOf("\n", from); end !== -1; end = text.indexOf("\n", end + 1)) ends.push(end + 1);
  const place = at * ends.length;
  const [begin = from, end = text.length] = ends.slice(Math.floor(place));
  return begin + Math.round(Math.max(0, 2 * (place % 1) - 1) * (end - begin));
}

describe("factsOfSession", () => {
  it("has the facts of the whole transcript, whatever happened to it since the last time", () => {
    const event = fc.tuple(
      fc.constantFrom("grows", "grows", "grows", ...Object.keys(EVENTS)),
      fc.nat({ max: 999 }).map((n) => n / 1_000),
    );
    fc.assert(
      fc.property(
        anyTranscript(),
        fc.array(event, { minLength: 1, maxLength: 8, size: "max" }),
        fc.nat({ max: 3 }),
        (text, events, other) => {
          for (const file of [path, checkpoint]) rmSync(file, { force: true });
          writeFileSync(path, "");
          let written: Buffer | null = null;
          for (const [index, [name, at]] of events.entries()) {
            EVENTS[name]?.(Buffer.from(text), at);
            expect(continued()).toEqual(whole());
            // Another hook of the same session may read less and write its checkpoint later.
            if (index === other) written = readFileSync(checkpoint, { flag: "a+" });
            if (index === other + 2 && written !== null) writeFileSync(checkpoint, written);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps a small private checkpoint of a long session, and none of one with very much to remember", () => {
    const session = new SessionLines();
    for (let count = 0; count < 20_000; count++) session.edits(`/home/dev/demo/a-long-folder-name/part-${count}.ts`);
    writeFileSync(path, `${session.lines.join("\n")}\n`);
    const facts = continued();
    expect(facts.files.length + facts.olderFiles).toBe(20_000);
    expect(statSync(checkpoint).size).toBeLessThan(1_000_000);
    if (process.platform !== "win32") expect(statSync(checkpoint).mode & 0o777).toBe(0o600);
    for (let count = 0; count < 2_000; count++) session.asks({ [`${count}${"?".repeat(500)}`]: "yes" });
    writeFileSync(path, `${session.lines.join("\n")}\n`);
    expect(continued().decisions).toHaveLength(2_000);
    expect(() => statSync(checkpoint)).toThrow(/ENOENT/);
  });
});
