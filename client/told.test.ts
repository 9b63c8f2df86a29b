import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "./paths.ts";
import { readTold, saveTold, toldBoth } from "./told.ts";

const TOLD = { upTo: "2026-11-23T09:00:00.000Z", ids: ["a", "b"] };

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon told "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("what a session was told", () => {
  it("goes together: the later time, and the newest thousand ids", () => {
    const later = { upTo: "2026-11-23T09:00:01.000Z", ids: ["b", "c"] };
    expect(toldBoth(TOLD, later)).toEqual({ upTo: later.upTo, ids: ["a", "b", "c"] });
    expect(toldBoth(later, TOLD).upTo).toBe(later.upTo);
    expect(toldBoth(null, TOLD)).toBe(TOLD);
    const many = Array.from({ length: 1_000 }, (_, i) => `m${i}`);
    expect(toldBoth(TOLD, { ...later, ids: many }).ids).toEqual(many);
  });

  it("is remembered for that session alone", () => {
    saveTold(paths, "s1", TOLD);
    expect(readTold(paths, "s1")).toEqual(TOLD);
    expect(readTold(paths, "s2")).toBeNull();
  });

  it.each(["../evil", "a/b", "", ".hidden", "x".repeat(65)])("makes no file of the session id %j", (session) => {
    saveTold(paths, session, TOLD);
    expect(existsSync(paths.told)).toBe(false);
    expect(readTold(paths, session)).toBeNull();
  });

  it("of 31 days ago is forgotten when a new session begins, not before", () => {
    saveTold(paths, "old", TOLD);
    saveTold(paths, "recent", TOLD);
    const longAgo = Date.now() / 1000 - 31 * 24 * 60 * 60;
    utimesSync(join(paths.told, "old.json"), longAgo, longAgo);
    saveTold(paths, "recent", TOLD);
    expect(readTold(paths, "old")).toEqual(TOLD);
    saveTold(paths, "new", TOLD);
    expect(readdirSync(paths.told).sort()).toEqual(["new.json", "recent.json"]);
  });
});
