import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { transcriptLines } from "./read-transcript.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "photon transcript "));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = () => join(folder, "session.jsonl");
/** A line's bytes are only valid until the next one. */
const linesOf = (...args: Parameters<typeof transcriptLines>) => Array.from(transcriptLines(...args), String);

describe("transcriptLines", () => {
  it("gives the same lines whatever the chunks are that it reads", () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", ""));
    fc.assert(
      fc.property(
        fc.array(line),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        (lines, endsWithLineFeed, chunkBytes) => {
          const text = lines.join("\n") + (endsWithLineFeed ? "\n" : "");
          writeFileSync(file(), text);
          const expected = text.split("\n");
          if (expected.at(-1) === "") expected.pop(); // what follows the last line feed is no line
          expect(linesOf(file(), undefined, chunkBytes)).toEqual(expected);
        },
      ),
    );
  });

  it("reads a file up to where it ended when the reading began", () => {
    writeFileSync(file(), "one\ntwo\n");
    const lines = [];
    for (const line of transcriptLines(file())) {
      lines.push(String(line));
      appendFileSync(file(), "more\n");
    }
    expect(lines).toEqual(["one", "two"]);
  });

  it("ends where a file was cut short while it is read", () => {
    writeFileSync(file(), "one\ntwo\nthree\n");
    const lines = [];
    for (const line of transcriptLines(file(), undefined, 4)) {
      lines.push(String(line));
      truncateSync(file(), 6);
    }
    expect(lines).toEqual(["one", "tw"]);
  });

  it("leaves out the lines that are not wanted, wherever a chunk ends", () => {
    writeFileSync(file(), "one\nno, not two\nthree\nno");
    const isWanted = (chunk: Buffer, begin: number, end: number) => !chunk.subarray(begin, end).includes("no");
    for (let chunkBytes = 1; chunkBytes < 24; chunkBytes++) {
      expect(linesOf(file(), isWanted, chunkBytes)).toEqual(["one", "three"]);
    }
  });

  it("leaves out a line too long to hold, and goes on behind it", () => {
    writeFileSync(file(), `one\n${"x".repeat(17 * 1024 * 1024)}\nthree`);
    expect(linesOf(file())).toEqual(["one", "three"]);
  });

  it.each([
    ["missing", () => join(folder, "none.jsonl")],
    ["a folder", () => folder],
  ])("gives nothing when the file is %s", (_, path) => {
    expect(linesOf(path())).toEqual([]);
  });
});
