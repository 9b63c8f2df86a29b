import { describe, expect, it } from "vitest";
import { nearestName } from "./nearest-name.ts";

const NAMES = ["mac", "pc", "box", "work-laptop"];

describe("the name that was probably meant", () => {
  it.each([
    ["a letter too many", "maac", "mac"],
    ["a letter too few", "work-lptop", "work-laptop"],
    ["another letter", "bax", "box"],
    ["two that are swapped, which is one mistake", "cp", "pc"],
    ["another case", "MCA", "mac"],
    ["two mistakes in a long name", "wrok-latop", "work-laptop"],
    ["the nearest of several", "bos", "box"],
    ["nothing near", "lamp", null],
    ["a short name of which nothing is right", "xy", null],
    ["one letter", "p", null],
  ])("for %s", (_, typed, meant) => expect(nearestName(typed, NAMES)).toBe(meant));

  it("of two names as near is the one that begins alike for longer", () => {
    expect(nearestName("vm2", ["v2", "vm-2", "um2"])).toBe("vm-2");
  });
});
