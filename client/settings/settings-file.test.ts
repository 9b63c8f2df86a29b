import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../disk/paths.ts";
import { loadWakeSettings } from "../wake/wake-settings.ts";
import { isSetUp, loadConfig, whatIsMissing, whyNotSetUp } from "./config.ts";

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon settings "));
  file = photonPaths({ PHOTON_HOME: home }).config;
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const load = (env: NodeJS.ProcessEnv = {}) => loadConfig({ env, paths: { config: file }, folder: home });
const TEXT = JSON.stringify({ workerUrl: "https://file.example", apiKey: "k", machineId: "win", wake: "all" }, null, 2);

/** UTF-16 with the high byte first. */
const bigEndian = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16();

describe("a settings file that an editor or a shell on Windows saved", () => {
  it.each([
    ["a byte order mark", Buffer.from(`\uFEFF${TEXT}`)],
    ["Windows line ends", Buffer.from(TEXT.replaceAll("\n", "\r\n"))],
    ["both, and a line end after it", Buffer.from(`\uFEFF${TEXT.replaceAll("\n", "\r\n")}\r\n`)],
    ["UTF-16, as PowerShell 5 writes it", Buffer.from(`\uFEFF${TEXT}`, "utf16le")],
    ["UTF-16 with the high byte first", bigEndian(TEXT)],
  ])("is read with %s", (_, bytes) => {
    writeFileSync(file, bytes);
    expect(load()).toMatchObject({ workerUrl: "https://file.example", apiKey: "k", machine: "win", problems: [] });
    expect(loadWakeSettings({ env: {}, paths: { config: file }, project: null }).policy).toBe("all");
  });
});

describe("a settings file that cannot be used", () => {
  it.each([
    ["a folder", () => mkdirSync(file), "cannot be read (EISDIR): it is a folder."],
    ["a link to nothing", () => symlinkSync(join(home, "gone"), file), "is a link to a file that does not exist."],
    ["a link to itself", () => symlinkSync(file, file), "cannot be read (ELOOP)."],
    ["empty", () => writeFileSync(file, ""), "is not valid JSON."],
    ["a list", () => writeFileSync(file, "[1]"), "is not a JSON object."],
  ])("is reported with the reason if it is %s, and never as missing", (_, make, reason) => {
    make();
    const config = load();
    expect(isSetUp(config)).toBe(false);
    expect(whatIsMissing(config)).toBe(`${file} ${reason}`);
    expect(whyNotSetUp(config)).toBe(`${file} ${reason}`);
  });

  it("is reported too if only the machine's name might be in it, because another name is another mailbox", () => {
    mkdirSync(file);
    const env = { BRIDGE_WORKER_URL: "https://env.example", BRIDGE_API_KEY: "k" };
    expect(whatIsMissing(load(env))).toContain("EISDIR");
    expect(isSetUp(load({ ...env, BRIDGE_MACHINE_ID: "mac" }))).toBe(true);
  });

  it("lets nothing leave that it may forbid", () => {
    mkdirSync(file);
    expect(load()).toMatchObject({ handover: "draft", capsule: "off" });
    expect(load({ PHOTON_HANDOVER: "auto", PHOTON_CAPSULE: "auto" })).toMatchObject({
      handover: "auto",
      capsule: "auto",
    });
  });
});
