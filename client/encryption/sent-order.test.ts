import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { numberMessage } from "./sent-order.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon order "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("the numbers of encrypted messages", () => {
  it("count per recipient, and stay the same when a message is retried", () => {
    expect(numberMessage(paths, "a", ["pc", "box"])).toEqual({ pc: 1, box: 1 });
    expect(numberMessage(paths, "b", ["pc"])).toEqual({ pc: 2 });
    expect(numberMessage(paths, "b", ["pc"])).toEqual({ pc: 2 });
    expect(numberMessage(paths, "c", ["box"])).toEqual({ box: 2 });
  });

  it("are new for a retried message after later ones, so that it does not look reordered by the bridge", () => {
    expect(numberMessage(paths, "handover", ["pc"])).toEqual({ pc: 1 });
    expect(numberMessage(paths, "note", ["pc"])).toEqual({ pc: 2 });
    expect(numberMessage(paths, "handover", ["pc"])).toEqual({ pc: 3 });
    expect(numberMessage(paths, "handover", ["pc"])).toEqual({ pc: 3 });
  });

  it("are 0 if the disk cannot be written", () => {
    const nowhere = photonPaths({ PHOTON_HOME: join("/dev/null", "photon") });
    expect(numberMessage(nowhere, "a", ["pc"])).toEqual({ pc: 0 });
  });
});
