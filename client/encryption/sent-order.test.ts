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
  it("count for each receiver alone, and are the same for a message that is tried again", () => {
    expect(numberMessage(paths, "a", ["pc", "box"])).toEqual({ pc: 1, box: 1 });
    expect(numberMessage(paths, "b", ["pc"])).toEqual({ pc: 2 });
    expect(numberMessage(paths, "b", ["pc"])).toEqual({ pc: 2 });
    expect(numberMessage(paths, "c", ["box"])).toEqual({ box: 2 });
  });

  it("are later ones for a message that others have overtaken: it was not put behind them by the bridge", () => {
    expect(numberMessage(paths, "handover", ["pc"])).toEqual({ pc: 1 });
    expect(numberMessage(paths, "note", ["pc"])).toEqual({ pc: 2 });
    expect(numberMessage(paths, "handover", ["pc"])).toEqual({ pc: 3 });
    expect(numberMessage(paths, "handover", ["pc"])).toEqual({ pc: 3 });
  });

  it("are none on a disk that takes nothing", () => {
    const nowhere = photonPaths({ PHOTON_HOME: join("/dev/null", "photon") });
    expect(numberMessage(nowhere, "a", ["pc"])).toEqual({ pc: 0 });
  });
});
