import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import {
  lastHookRun,
  laterAnnounced,
  listeningSessions,
  type MailConnection,
  readSession,
  sessionsWithoutMod,
  updateSession,
} from "./session-state.ts";

const TOLD = { upTo: "2026-11-23T09:00:00.000Z" };
const LATER = { upTo: "2026-11-23T09:00:01.000Z" };
const CONNECTION: MailConnection = {
  how: "live",
  since: 1,
  pid: process.pid,
  reader: "mac/photon",
  workerUrl: "http://bridge.test",
  hasMod: true,
};
const NOTHING = { told: null, unread: null, live: null, hookRanAt: null };

/** A number that no process has. */
const GONE = 2 ** 22 + 1;

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon session "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("the state of a session", () => {
  it("belongs to that session only, and a change keeps the other fields", () => {
    updateSession(paths, "s1", { told: TOLD });
    updateSession(paths, "s1", { unread: 3 });
    updateSession(paths, "s1", { live: CONNECTION });
    expect(readSession(paths, "s1")).toEqual({ told: TOLD, unread: 3, live: CONNECTION, hookRanAt: null });
    expect(readSession(paths, "s2")).toEqual(NOTHING);
  });

  it("is empty if the file is damaged", () => {
    updateSession(paths, "s1", { unread: 3 });
    writeFileSync(join(paths.sessions, "s1.json"), '{"v":1,"unr');
    expect(readSession(paths, "s1")).toEqual(NOTHING);
  });

  it.each(["../evil", "a/b", "", ".hidden", "x".repeat(65)])("is not stored for the session id %j", (session) => {
    updateSession(paths, session, { told: TOLD });
    expect(existsSync(paths.sessions)).toBe(false);
    expect(readSession(paths, session)).toEqual(NOTHING);
  });

  it("is removed after 31 days, when a new session begins", () => {
    updateSession(paths, "old", { told: TOLD });
    updateSession(paths, "recent", { told: TOLD });
    const longAgo = Date.now() / 1000 - 31 * 24 * 60 * 60;
    utimesSync(join(paths.sessions, "old.json"), longAgo, longAgo);
    updateSession(paths, "recent", { told: LATER });
    expect(readSession(paths, "old").told).toEqual(TOLD);
    updateSession(paths, "new", { told: TOLD });
    expect(readdirSync(paths.sessions).sort()).toEqual(["new.json", "recent.json"]);
  });
});

describe("listening sessions", () => {
  it("are those whose server is running", () => {
    updateSession(paths, "s1", { live: CONNECTION });
    updateSession(paths, "s2", { live: { ...CONNECTION, pid: GONE } });
    updateSession(paths, "s3", { told: TOLD });
    expect(listeningSessions(paths)).toEqual([{ ...CONNECTION, session: "s1", unread: null }]);
  });
});

describe("two announcements to a session", () => {
  it("merge to the later time", () => {
    expect([laterAnnounced(TOLD, LATER), laterAnnounced(LATER, TOLD), laterAnnounced(null, TOLD)]).toEqual([
      LATER,
      LATER,
      TOLD,
    ]);
  });
});

describe("what the files of all sessions say", () => {
  it("names the last start whose hook ran", () => {
    expect(lastHookRun(paths)).toBeNull();
    updateSession(paths, "s1", { hookRanAt: 2_000 });
    updateSession(paths, "s2", { hookRanAt: 1_000 });
    updateSession(paths, "s3", { live: CONNECTION });
    expect(lastHookRun(paths)).toBe(2_000);
  });

  it("names the open sessions whose client runs no mods, but not those that may still start them", () => {
    updateSession(paths, "s1", { live: { ...CONNECTION, hasMod: false } });
    updateSession(paths, "s2", { live: { ...CONNECTION, hasMod: null, pid: process.ppid } });
    updateSession(paths, "s3", { live: { ...CONNECTION, hasMod: false, pid: GONE } });
    expect(sessionsWithoutMod(paths).map(({ session }) => session)).toEqual(["s1"]);
  });
});
