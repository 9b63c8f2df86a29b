import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPrivateJson, writePrivateFile, writePrivateJson } from "./private-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon file "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writePrivateFile", () => {
  it("creates the folder, replaces the old file, and leaves no temporary file", () => {
    const path = join(folder, "a b", "c", "state.json");
    writePrivateFile(path, "old");
    writePrivateFile(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(join(folder, "a b", "c"))).toEqual(["state.json"]);
  });

  it.skipIf(process.platform === "win32")(
    "makes the file private, even if the old one was readable for all (Windows has no modes)",
    () => {
      const path = join(folder, "sub", "key");
      mkdirSync(join(folder, "sub"), { mode: 0o700 });
      writeFileSync(path, "old", { mode: 0o644 });
      writePrivateFile(path, "secret");
      expect(statSync(path).mode & 0o777).toBe(0o600);
    },
  );

  it("keeps the old content and leaves no temporary file if it cannot replace the old one", () => {
    const path = join(folder, "taken");
    mkdirSync(join(path, "by a folder"), { recursive: true });
    expect(() => writePrivateFile(path, "new")).toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "throws if the folder is read-only (root and Windows can write every folder)",
    () => {
      chmodSync(folder, 0o500);
      expect(() => writePrivateFile(join(folder, "x"), "new")).toThrow(/EACCES/);
    },
  );
});

describe("readPrivateJson", () => {
  it("returns the written value, and undefined for a missing file", () => {
    writePrivateJson(join(folder, "x.json"), { a: 1 });
    expect(readPrivateJson(join(folder, "x.json"))).toEqual({ a: 1 });
    expect(readPrivateJson(join(folder, "y.json"))).toBeUndefined();
  });

  it("renames a damaged file and keeps its content", () => {
    const path = join(folder, "x.json");
    writeFileSync(path, '{"a":');
    expect(readPrivateJson(path)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(`${path}.damaged`, "utf8")).toBe('{"a":');
  });
});
