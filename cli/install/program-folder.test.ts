import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installCommands, installPlugin } from "./plugin-in-client.ts";
import { programFolder } from "./program-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon program "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text = ""): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
}

describe("the program's folder", () => {
  it("is the clone, whose root is the marketplace", () => {
    write("photon/.claude-plugin/marketplace.json");
    write("photon/bin/photon");
    write("photon/dist/bin/photon");
    const clone = join(folder, "photon");
    expect(programFolder(join(clone, "dist"))).toEqual({ bin: join(clone, "bin"), marketplace: clone });
  });

  it("is the client's clone of the marketplace, not its copy of one version", () => {
    const copy = dirname(write("plugins/cache/photon/photon/0.7.0/photon.mjs"));
    write("plugins/cache/photon/photon/0.7.0/bin/photon");
    expect(programFolder(copy)).toEqual({ bin: join(copy, "bin"), marketplace: null });
    write("plugins/marketplaces/photon/bin/photon");
    expect(programFolder(copy)).toEqual({ bin: join(folder, "plugins/marketplaces/photon/bin"), marketplace: null });
  });
});

describe("the plugin in the client", () => {
  it("is installed by commands that can be copied", () => {
    expect(installCommands("/home/me/photon")[0]).toBe("claude plugin marketplace add /home/me/photon");
    expect(installCommands("/home/my $work/photon")[0]).toBe('claude plugin marketplace add "/home/my \\$work/photon"');
  });

  it("passes on why the client did not install it", () => {
    expect(installPlugin(join(folder, "no such client"), folder, {})).toContain("ENOENT");
  });
});
