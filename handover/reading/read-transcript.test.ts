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
/** Copies each line, because its bytes are only valid until the next one. */
const linesOf = (...args: Parameters<typeof transcriptLines>) => Array.from(transcriptLines(...args), String);

describe("transcriptLines", () => {
  it("yields the same lines for any chunk size", () => {
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
          if (expected.at(-1) === "") expected.pop(); // nothing after the last line feed is a line
          expect(linesOf(file(), undefined, chunkBytes)).toEqual(expected);
        },
      ),
    );
  });

  it("reads a file up to its end at the start of reading", () => {
    writeFileSync(file(), "one\ntwo\n");
    const lines = [];
    for (const line of transcriptLines(file())) {
      lines.push(String(line));
      appendFileSync(file(), "more\n");
    }
    expect(lines).toEqual(["one", "two"]);
  });

  it("stops where a file is truncated during reading", () => {
    writeFileSync(file(), "one\ntwo\nthree\n");
    const lines = [];
    for (const line of transcriptLines(file(), undefined, 4)) {
      lines.push(String(line));
      truncateSync(file(), 6);
    }
    expect(lines).toEqual(["one", "tw"]);
  });

  it("skips unwanted lines, wherever a chunk ends", () => {
    writeFileSync(file(), "one\nno, not two\nthree\nno");
    const isWanted = (chunk: Buffer, begin: number, end: number) => !chunk.subarray(begin, end).includes("no");
    for (let chunkBytes = 1; chunkBytes < 24; chunkBytes++) {
      expect(linesOf(file(), isWanted, chunkBytes)).toEqual(["one", "three"]);
    }
  });

  it("skips a line that is too long, and continues after it", () => {
    writeFileSync(file(), `one\n${"x".repeat(17 * 1024 * 1024)}\nthree`);
    expect(linesOf(file())).toEqual(["one", "three"]);
  });

  it.each([
    ["missing", () => join(folder, "none.jsonl")],
    ["a folder", () => folder],
  ])("yields nothing if the file is %s", (_, path) => {
    expect(linesOf(path())).toEqual([]);
  });
});
