import { describe, expect, it } from "vitest";
import { sealedLine } from "./sealed-line.ts";

describe("what a sender is told of the seal", () => {
  it.each([
    ["nothing by a machine that has not joined", null, null],
    ["nothing where another process has sent it", undefined, null],
    ["that the bridge can read it", [], "Not sealed, the bridge can read it: whom it is for has not joined."],
    ["who else can open it", ["mac", "pc", "box"], "Sealed for pc, box."],
    ["that it is a note to itself", ["Mac"], "Sealed for this machine alone."],
  ])("is %s", (_, sealedFor, line) => expect(sealedLine(sealedFor, "mac")).toBe(line));
});
