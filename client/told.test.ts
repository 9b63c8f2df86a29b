import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "./paths.ts";
import { readTold, saveTold } from "./told.ts";

const TIME = "2026-11-23T09:00:00.000Z";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon told "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("what a session was told", () => {
  it("is remembered for that session alone", () => {
    saveTold(paths, "s1", TIME);
    expect(readTold(paths, "s1")).toBe(TIME);
    expect(readTold(paths, "s2")).toBeNull();
  });

  it.each(["../evil", "a/b", "", ".hidden", "x".repeat(65)])("makes no file of the session id %j", (session) => {
    saveTold(paths, session, TIME);
    expect(existsSync(paths.sessions)).toBe(false);
    expect(readTold(paths, session)).toBeNull();
  });

  it("of 31 days ago is forgotten when a new session begins, not before", () => {
    saveTold(paths, "old", TIME);
    saveTold(paths, "recent", TIME);
    const longAgo = Date.now() / 1000 - 31 * 24 * 60 * 60;
    utimesSync(join(paths.sessions, "old.json"), longAgo, longAgo);
    saveTold(paths, "recent", TIME);
    expect(readTold(paths, "old")).toBe(TIME);
    saveTold(paths, "new", TIME);
    expect(readdirSync(paths.sessions).sort()).toEqual(["new.json", "recent.json"]);
  });
});
