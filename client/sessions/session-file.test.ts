import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SmallDisk } from "../../test/faults/small-disk.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { changeSessionFile, openSessionIds, readSessionFile, sessionIds } from "./session-file.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon session file "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const put = (session: string, fields: Record<string, unknown>) =>
  changeSessionFile(paths, session, (before) => ({ ...before, ...fields }));
const settle = (session: string) => changeSessionFile(paths, session, ({ open: _, ...others }) => others);
const names = () => readdirSync(paths.sessions).sort();

describe("the file of a session", () => {
  it("keeps the data of several parts of Photon", () => {
    put("s-1", { told: { upTo: "x" } });
    put("s-1", { draft: { text: "Go on." } });
    expect(readSessionFile(paths, "s-1")).toEqual({ told: { upTo: "x" }, draft: { text: "Go on." } });
    expect(readSessionFile(paths, "s-2")).toEqual({});
    expect(names()).toEqual(["s-1.json"]);
  });

  it("shows in its name whether the handover is settled, and is always a single file", () => {
    put("s-1", { told: 1 });
    put("s-1", { open: { pid: 7 } });
    put("s-2", { open: { pid: 8 } });
    put("s-1", { told: 2 });
    expect([names(), openSessionIds(paths)]).toEqual([
      ["s-1+open.json", "s-2+open.json"],
      ["s-1", "s-2"],
    ]);
    settle("s-1");
    settle("never seen");
    expect([names(), openSessionIds(paths)]).toEqual([["s-1.json", "s-2+open.json"], ["s-2"]]);
    expect(sessionIds(paths)).toEqual(["s-2", "s-1"].sort());
    expect(readSessionFile(paths, "s-1")).toEqual({ told: 2 });
  });

  it.each(["../evil", "a/b", "", ".hidden", "x".repeat(65), "a\\b", "c:d", "s-1+open"])(
    "does not exist for the id %j",
    (session) => {
      put(session, { told: 1 });
      expect(readSessionFile(paths, session)).toEqual({});
      expect(readdirSync(home)).toEqual([]);
    },
  );

  it("is left unchanged if a newer Photon wrote it, and renamed if it is damaged", () => {
    mkdirSync(paths.sessions);
    const newer = JSON.stringify({ v: 2, told: "otherwise" });
    writeFileSync(join(paths.sessions, "s-1.json"), newer);
    writeFileSync(join(paths.sessions, "s-2+open.json"), '{"v":1,"open');
    put("s-1", { told: 1 });
    put("s-2", { told: 1 });
    expect(readFileSync(join(paths.sessions, "s-1.json"), "utf8")).toBe(newer);
    expect(readSessionFile(paths, "s-2")).toEqual({ told: 1 });
    expect(names()).toEqual(["s-1.json", "s-2+open.json.damaged", "s-2.json"]);
  });

  it("is removed after 30 days without a change, when a new session begins", () => {
    put("old", { told: 1 });
    put("younger", { told: 1 });
    const daysAgo = (days: number) => Date.now() / 1000 - days * 24 * 60 * 60;
    utimesSync(join(paths.sessions, "old.json"), daysAgo(31), daysAgo(31));
    utimesSync(join(paths.sessions, "younger.json"), daysAgo(29), daysAgo(29));
    put("younger", { told: 1 }); // no change, so nothing is written
    put("new", { told: 1 });
    expect(names()).toEqual(["new.json", "younger.json"]);
  });

  it.skipIf(process.platform === "win32")("is private to its owner (Windows has no modes)", () => {
    put("s-1", { told: 1 });
    expect(statSync(join(paths.sessions, "s-1.json")).mode & 0o777).toBe(0o600);
    expect(statSync(paths.sessions).mode & 0o777).toBe(0o700);
  });

  it("is unchanged if it cannot be written, which throws", () => {
    writeFileSync(paths.sessions, "a file where the folder should be");
    expect(() => put("s-1", { told: 1 })).toThrow();
    expect(readSessionFile(paths, "s-1")).toEqual({});
  });
});

describe("on a disk", () => {
  it.for<[string, (disk: SmallDisk) => void, (disk: SmallDisk) => void]>([
    ["is full", (disk) => disk.fill(), (disk) => disk.free()],
    [
      "is read-only",
      (disk) => {
        disk.isReadOnly = true;
      },
      (disk) => {
        disk.isReadOnly = false;
      },
    ],
  ])("that %s, a change fails at once and leaves the file unchanged", ([, spoil, repair], { skip }) => {
    const whyNot = SmallDisk.whyNot();
    if (whyNot !== null) skip(whyNot);
    const disk = SmallDisk.make();
    try {
      const small = photonPaths({ PHOTON_HOME: disk.path });
      const change = (fields: Record<string, unknown>) =>
        changeSessionFile(small, "s-1", (before) => ({ ...before, ...fields }));
      change({ open: { pid: 1 } });
      writeFileSync(join(small.sessions, "s-1.lock"), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
      spoil(disk);
      expect(() => change({ told: "x".repeat(10_000) })).toThrow();
      expect(() => changeSessionFile(small, "s-2", () => ({ told: "x".repeat(10_000) }))).toThrow();
      expect(readSessionFile(small, "s-1")).toEqual({ open: { pid: 1 } });
      expect([openSessionIds(small), readSessionFile(small, "s-2")]).toEqual([["s-1"], {}]);
      repair(disk);
      change({ told: 2 });
      expect(readSessionFile(small, "s-1")).toEqual({ open: { pid: 1 }, told: 2 });
      expect(readdirSync(small.sessions)).toEqual(["s-1+open.json"]);
    } finally {
      disk.remove();
    }
  });
});

describe("processes that change a session at the same time", () => {
  it.each([
    ["a process that has ended", JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() })],
    ["a process that hangs", JSON.stringify({ pid: process.pid, host: hostname() })],
    ["a process that was killed before it wrote its number", ""],
    ["another computer", JSON.stringify({ pid: 1, host: "elsewhere" })],
  ])("do not wait forever for the lock of %s", (_, holder) => {
    mkdirSync(paths.sessions);
    writeFileSync(join(paths.sessions, "s-1.lock"), holder);
    put("s-1", { told: 1 });
    expect(readSessionFile(paths, "s-1")).toEqual({ told: 1 });
    expect(names()).toEqual(["s-1.json"]);
  });

  it("start again if another process removed their lock before they replaced anything", () => {
    put("s-1", { a: 1 });
    let calls = 0;
    changeSessionFile(paths, "s-1", (before) => {
      calls++;
      if (calls === 2) {
        // Called under the lock. Another process removes the lock, because this one seems to hang, and writes the file:
        writeFileSync(join(paths.sessions, "s-1.lock"), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
        writeFileSync(join(paths.sessions, "s-1.json"), JSON.stringify({ v: 1, a: 1, other: 1 }));
      }
      return { ...before, b: 1 };
    });
    expect(readSessionFile(paths, "s-1")).toEqual({ a: 1, other: 1, b: 1 });
    expect(names()).toEqual(["s-1.json"]);
  });
});
