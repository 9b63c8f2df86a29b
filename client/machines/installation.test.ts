import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { nameClash, readInstallation } from "./installation.ts";
import { saveMachines } from "./machines-cache.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "photon installation ")), "not yet there");
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(join(home, ".."), { recursive: true, force: true }));

describe("an installation", () => {
  it("is the same for every process, even if all start at once for the first time", async () => {
    const script = `
      const { readInstallation } = await import(process.argv[1]);
      console.log(readInstallation({ installation: process.env.FILE }).id);`;
    const module = new URL("./installation.ts", import.meta.url).href;
    const run = () =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, module], {
        env: { PATH: process.env.PATH ?? "", FILE: paths.installation },
      });
    const ids = (await Promise.all(Array.from({ length: 8 }, run))).map(({ stdout }) => stdout.trim());
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(readInstallation(paths)?.id).toBe(ids[0]);
  });

  it("is created again if its file is damaged, and is null if the disk cannot be written", () => {
    readInstallation(paths);
    writeFileSync(paths.installation, "{");
    expect(readInstallation(paths)?.id).toMatch(/^[0-9a-f]{8}$/);
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
