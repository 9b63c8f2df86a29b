import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { WakeLedger } from "../../client/wake/wake-ledger.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const file = () => join(mac.home, "config.json");
const config = () => JSON.parse(readFileSync(file(), "utf8"));
const ledger = () => new WakeLedger(photonPaths({ PHOTON_HOME: mac.home }), "wakes");

describe("photon wake", () => {
  it("says that nobody is woken where nobody switched it on, and asks no bridge", async () => {
    const { stdout, code } = await mac.run(["wake"]);
    expect([code, stdout]).toEqual([
      0,
      "Mail may wake an idle session in project photon: off, by default.\nWoken on this machine: 0 of at most 30 in 24 hours.\n",
    ]);
    expect(mac.bridge.requests).toEqual([]);
  });

  it("sets it for the machine or for this project, and keeps everything else in the file, for its owner alone", async () => {
    const others = { apiKey: "k", projects: { Lamp: { wake: "off" }, PHOTON: { colour: "red", wake: "off" } } };
    writeFileSync(file(), JSON.stringify(others));
    expect((await mac.run(["wake", "tasks"])).stdout).toContain("photon: off, set for this project.");
    expect((await mac.run(["wake", "all", "--project"])).stdout).toContain("photon: all, set for this project.");
    expect(config()).toEqual({
      apiKey: "k",
      wake: "tasks",
      projects: { Lamp: { wake: "off" }, photon: { colour: "red", wake: "all" } },
    });
    if (process.platform !== "win32") expect(statSync(file()).mode & 0o777).toBe(0o600);
    const elsewhere = await mac.run(["wake"], { env: { BRIDGE_PROJECT: "other" } });
    expect(elsewhere.stdout).toContain("in project other: tasks, set for this machine.");
  });

  it("says why nothing wakes a session of a machine that has not joined", async () => {
    const { stdout } = await mac.run(["wake", "tasks"]);
    expect(stdout).toContain("\nBut nothing wakes a session here: this machine has not joined the bridge");
    expect(JSON.parse((await mac.run(["wake", "--json"])).stdout).reason).toContain("no sender can be verified");
    expect((await mac.run(["status"])).stdout).toContain("switched on (tasks), but nothing wakes a session here");
    expect((await mac.run(["wake", "off"])).stdout).not.toContain("joined");
  });

  it("says when the environment has the last word", async () => {
    const { stdout } = await mac.run(["wake", "all"], { env: { PHOTON_WAKE: "off" } });
    expect(stdout).toContain("off, as PHOTON_WAKE says, which wins here.");
    expect(config()).toEqual({ wake: "all" });
  });

  it("sets quiet hours, shows them, and takes them away", async () => {
    const set = await mac.run(["wake", "tasks", "--quiet", "22:00-8:00"]);
    expect(set.stdout).toMatch(/^Quiet hours: 22:00-08:00(, now)?\.$/m);
    expect((await mac.run(["wake", "--quiet", "none"])).stdout).not.toContain("Quiet");
    expect(config()).toMatchObject({ wake: "tasks" });
  });

  it("says what woke a session last, and why one was not woken", async () => {
    ledger().take(
      { reader: "mac", messages: [{ id: "a", timestamp: "2026-11-24T09:00:00.000Z" }] },
      "task from pc/photon",
    );
    ledger().hold("note from box: quiet hours");
    const { stdout } = await mac.run(["wake"]);
    expect(stdout).toContain("1 of at most 30 in 24 hours; last just now, task from pc/photon.");
    expect(stdout).toContain("Held back last: just now, note from box: quiet hours.");
    const { stdout: json } = await mac.run(["wake", "--json"]);
    expect(JSON.parse(json)).toMatchObject({ policy: "off", inDay: 1, held: { what: "note from box: quiet hours" } });
  });

  it.each([
    ["a policy that is none", ["wake", "always"]],
    ["hours that are none", ["wake", "--quiet", "at night"]],
    ["hours that are all day or never", ["wake", "--quiet", "8:00-8:00"]],
  ])("refuses %s and changes nothing", async (_, args) => {
    writeFileSync(file(), '{"wake":"tasks"}');
    expect((await mac.run(args)).code).toBe(2);
    expect(readFileSync(file(), "utf8")).toBe('{"wake":"tasks"}');
  });

  it("leaves a settings file alone that a person is writing", async () => {
    writeFileSync(file(), '{"wake": "ta');
    const { code, stderr } = await mac.run(["wake", "off"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is not valid JSON")]);
    expect(readFileSync(file(), "utf8")).toBe('{"wake": "ta');
  });

  it("says that a wrong value switches it off, and the machine goes on", async () => {
    writeFileSync(file(), '{"wake":"sometimes"}');
    const { code, stdout, stderr } = await mac.run(["wake"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("must be off, tasks, all")]);
    expect(stdout).toContain("photon: off");
    expect((await mac.run(["status"])).stdout).toContain("wakes    off, because a setting is invalid");
  });
});
