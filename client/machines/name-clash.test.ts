import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { writePrivateJson } from "../disk/private-file.ts";
import { addReceipts, hasReceipts, queuedReadIds } from "../mail/receipts.ts";
import { presentInstallation, readInstallation } from "../settings/installation.ts";
import { saveMachines } from "./machines-cache.ts";
import { clashReminder, nameClash } from "./name-clash.ts";

const computer = (id: string | null) => ({ id, host: "mac" });
const [FIRST, SECOND] = [computer("aaaaaaaa"), computer("bbbbbbbb")];

/** The files of the installations in a home: one for each computer. */
const installationFiles = (folder: string) => readdirSync(folder).filter((name) => /^installation.*json$/.test(name));

let home: string;
let paths: Paths;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "photon installation ")), "not yet there");
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(join(home, ".."), { recursive: true, force: true }));

describe("an installation", () => {
  it("is created again if its file is damaged, and is null if the disk cannot be written", () => {
    const before = readInstallation(paths)?.id;
    const [name = ""] = installationFiles(home);
    writeFileSync(join(home, name), "{");
    expect(presentInstallation(paths)).toBeNull();
    expect(readInstallation(paths)?.id).toMatch(/^[0-9a-f]{8}$/);
    expect(readInstallation(paths)?.id).not.toBe(before);
    const file = join(home, "a file");
    writeFileSync(file, "");
    expect(readInstallation(photonPaths({ PHOTON_HOME: file }))).toBeNull();
  });
});

describe("two computers with one name", () => {
  const CREATED = Date.parse("2026-11-23T09:00:00.000Z");
  const seen = (id: string, seenAt: string) => ({ id, seenAt });
  const known = (...installations: { id: string; seenAt: string }[]) =>
    saveMachines(paths, [{ machine: "Mac", seenAt: "2026-11-23T10:00:00.000Z", installations }]);

  it("are noticed when the other one was active after this one was set up", () => {
    const own = readInstallation(paths, CREATED);
    known(seen(own?.id ?? "", "2026-11-23T10:00:00.000Z"));
    expect(nameClash(paths, "mac")).toBeNull();
    known(seen("00000001", "2026-11-23T08:59:00.000Z")); // this one, before its files were deleted
    expect(nameClash(paths, "mac")).toBeNull();
    known(seen("00000001", "2026-11-23T09:01:00.000Z"));
    expect(nameClash(paths, "mac")).toContain('also named "mac"');
    expect(nameClash(paths, "pc")).toBeNull();
  });

  it("are not noticed before the bridge was ever asked", () => {
    readInstallation(paths, CREATED);
    expect(nameClash(paths, "mac")).toBeNull();
  });
});

describe("files that were copied to another computer", () => {
  const CREATED = Date.parse("2026-11-23T09:00:00.000Z");
  const LATER = Date.parse("2026-11-24T09:00:00.000Z");
  const copied = () => {
    const copy = join(home, "..", "copy");
    cpSync(home, copy, { recursive: true });
    return photonPaths({ PHOTON_HOME: copy });
  };

  it.each([
    ["another computer", "bbbbbbbb"],
    ["a computer with the same system, or another folder", "aaaaaaaa"],
    ["a computer without an id", null],
  ])("are another installation there, which is said at once: %s", (_, id) => {
    const there = computer(id);
    const own = readInstallation(paths, CREATED, id === null ? there : FIRST);
    const copy = copied();
    expect(presentInstallation(copy, there)).toBeNull();
    const other = readInstallation(copy, LATER, there);
    expect(other?.id).not.toBe(own?.id);
    expect(readInstallation(copy, LATER + 1, there)?.id).toBe(other?.id);
    expect(nameClash(copy, "mac", LATER, there)).toMatch(/^Photon's files here are a copy/);
    expect(nameClash(copy, "mac", LATER + 8 * 24 * 60 * 60 * 1000, there)).toBeNull(); // the original is not in use
  });

  it("are reported on both computers once the bridge has seen both", () => {
    const own = readInstallation(paths, CREATED);
    const copy = copied();
    const other = readInstallation(copy, LATER);
    expect(clashReminder(copy)).not.toBe(clashReminder(paths));
    for (const each of [paths, copy]) {
      const installations = [own, other].map((one) => ({ id: one?.id ?? "", seenAt: "2026-11-25T09:00:00.000Z" }));
      saveMachines(each, [{ machine: "mac", seenAt: "2026-11-25T09:00:00.000Z", installations }]);
      expect(nameClash(each, "mac", LATER)).toContain('nother computer is also named "mac"');
    }
    writePrivateJson(copy.keys, { v: 1, keys: { "https://bridge.example": {} } });
    expect(nameClash(copy, "mac", LATER)).toContain("delete keys.json, then join again");
  });

  it("stay the same installation if they are moved, and that of Photon 0.6.0 is kept", () => {
    const own = readInstallation(paths, CREATED);
    renameSync(home, join(home, "..", "moved"));
    const moved = photonPaths({ PHOTON_HOME: join(home, "..", "moved") });
    expect(readInstallation(moved, LATER)).toEqual(own);
    writePrivateJson(paths.installation, { v: 1, id: "0123abcd", createdAt: CREATED });
    expect(readInstallation(paths, LATER)).toMatchObject({ id: "0123abcd", createdAt: CREATED, isCopy: false });
  });
});

describe("two computers that share a home", () => {
  it("have their own installations and names, and keep them", () => {
    const first = readInstallation(paths, undefined, { ...FIRST, host: "one" });
    const second = readInstallation(paths, undefined, { ...SECOND, host: "two" });
    expect(second?.id).not.toBe(first?.id);
    expect(readInstallation(paths, undefined, SECOND)).toMatchObject({ id: second?.id, name: "two" });
    expect(readInstallation(paths, undefined, FIRST)).toMatchObject({ id: first?.id, name: "one" });
    expect(installationFiles(home)).toHaveLength(2);
  });

  it("keep their first name when their file is restored from a backup, which counts as a copy", () => {
    const before = readInstallation(paths, undefined, { ...FIRST, host: "one" });
    const [name = ""] = installationFiles(home);
    cpSync(join(home, name), join(home, "backup"));
    renameSync(join(home, "backup"), join(home, name));
    const after = readInstallation(paths, undefined, { ...FIRST, host: "renamed" });
    expect(after).toMatchObject({ name: "one", isCopy: true });
    expect(after?.id).not.toBe(before?.id);
  });

  it("do not take over the other's receipts, which count for its name", () => {
    const BRIDGE = "https://bridge.example";
    const [own = "", other = ""] = ["5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11", "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c12"];
    addReceipts(paths, { workerUrl: BRIDGE, reader: "two", read: [other] }, undefined, "0ther000");
    expect(hasReceipts(paths, BRIDGE, "mac")).toBe(false);
    addReceipts(paths, { workerUrl: BRIDGE, reader: "mac", read: [own] });
    expect([...queuedReadIds(paths, BRIDGE, "mac")]).toEqual([own]);
    // In a copied home, the new computer has the old one's name, and sends what that had not sent.
    expect([...queuedReadIds(paths, BRIDGE, "two")]).toEqual([other, own]);
  });
});
