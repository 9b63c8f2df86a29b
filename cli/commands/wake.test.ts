import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { updateSession } from "../../client/sessions/session-state.ts";
import { WakeLedger } from "../../client/wake/wake-ledger.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const file = () => join(mac.home, "config.json");
const config = () => JSON.parse(readFileSync(file(), "utf8"));
const ledger = () => new WakeLedger(photonPaths({ PHOTON_HOME: mac.home }), "wakes");

describe("photon wake", () => {
  it("is off by default, and says so without asking the bridge", async () => {
    const { stdout, code } = await mac.run(["wake"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      / in project photon: off, by default\.\nPermission modes .*\n.* 0 of at most 30 in 24 hours\.\n$/,
    );
    expect(mac.bridge.requests).toEqual([]);
  });

  it("sets it for the machine or for this project, keeps everything else in the file, and keeps the file private", async () => {
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

  it("says why nothing can wake a session of a machine that has not joined", async () => {
    const { stdout } = await mac.run(["wake", "tasks"]);
    expect(stdout).toMatch(/\nBut .* has not joined the bridge/);
    expect(JSON.parse((await mac.run(["wake", "--json"])).stdout).reason).toContain("no sender can be verified");
    expect((await mac.run(["status"])).stdout).toMatch(/wakes .*\(tasks\), but .* has not joined/);
    expect((await mac.run(["wake", "off"])).stdout).not.toContain("joined");
  });

  it("says in which permission modes sessions are woken; auto mode is the person's choice, for the machine or a project", async () => {
    expect((await mac.run(["wake"])).stdout).toContain(": default, acceptEdits, plan. Photon knows");
    expect((await mac.run(["wake", "tasks"])).stdout).toContain(
      "\nSessions in auto mode, the mode in which a new client",
    );
    const chosen = await mac.run(["wake", "tasks", "--auto-mode"]);
    expect(chosen.stdout).toContain(
      ": default, acceptEdits, plan, auto. Photon knows a session's mode from its first prompt",
    );
    expect(chosen.stdout).not.toContain("are not woken");
    expect(config()).toEqual({ wake: "tasks", wakeInAutoMode: true });
    await mac.run(["wake", "--no-auto-mode", "--project"]);
    expect(config()).toMatchObject({ wakeInAutoMode: true, projects: { photon: { wakeInAutoMode: false } } });
    expect(JSON.parse((await mac.run(["wake", "--json"])).stdout)).toMatchObject({ policy: "tasks", autoMode: false });
    const elsewhere = await mac.run(["wake", "--json"], { env: { BRIDGE_PROJECT: "other" } });
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ autoMode: true });
  });

  it("lets no session of Claude Code allow auto mode; switching it off is always possible", async () => {
    writeFileSync(file(), '{"wakeInAutoMode":false}');
    const env = { CLAUDECODE: "1" };
    const { code, stderr } = await mac.run(["wake", "all", "--auto-mode"], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining("is for a person")]);
    expect(config()).toEqual({ wakeInAutoMode: false });
    expect((await mac.run(["wake", "--no-auto-mode"], { env })).code).toBe(0);
  });

  it("says how many open sessions run no mods, so that nothing wakes them, and so does the doctor", async () => {
    const live = { how: "live", since: 1, pid: process.pid, reader: "mac", workerUrl: "", hasMod: false } as const;
    updateSession(photonPaths({ PHOTON_HOME: mac.home }), "s1", { live });
    expect((await mac.run(["wake"])).stdout).not.toContain("mods");
    expect((await mac.run(["wake", "tasks"])).stdout).toMatch(
      /^1 open session cannot be woken .* runs no mods there\./m,
    );
    expect((await mac.run(["doctor"])).stdout).toMatch(/^warn +mods +1 open session cannot be woken/m);
  });

  it("says that the environment overrides the settings file", async () => {
    const { stdout } = await mac.run(["wake", "all"], { env: { PHOTON_WAKE: "off" } });
    expect(stdout).toMatch(/off, set by PHOTON_WAKE, which overrides/);
    expect(config()).toEqual({ wake: "all" });
  });

  it("sets quiet hours, shows them, and clears them", async () => {
    const set = await mac.run(["wake", "tasks", "--quiet", "22:00-8:00"]);
    expect(set.stdout).toMatch(/^Quiet hours: 22:00-08:00(, now)?\.$/m);
    expect((await mac.run(["wake", "--quiet", "none"])).stdout).not.toContain("Quiet");
    expect(config()).toMatchObject({ wake: "tasks" });
  });

  it("says what last woke a session, and why the last wake was held back", async () => {
    ledger().take(
      { reader: "mac", messages: [{ id: "a", timestamp: "2026-11-24T09:00:00.000Z" }] },
      "task from pc/photon",
    );
    ledger().hold("note from box: quiet hours");
    const { stdout } = await mac.run(["wake"]);
    expect(stdout).toContain("1 of at most 30 in 24 hours; the last just now, task from pc/photon.");
    expect(stdout).toMatch(/held back: just now, note from box: quiet hours\.$/m);
    const { stdout: json } = await mac.run(["wake", "--json"]);
    expect(JSON.parse(json)).toMatchObject({ policy: "off", inDay: 1, held: { what: "note from box: quiet hours" } });
  });

  it.each([
    ["an unknown policy", ["wake", "always"]],
    ["invalid hours", ["wake", "--quiet", "at night"]],
    ["hours that mean all day or never", ["wake", "--quiet", "8:00-8:00"]],
  ])("refuses %s and changes nothing", async (_, args) => {
    writeFileSync(file(), '{"wake":"tasks"}');
    expect((await mac.run(args)).code).toBe(2);
    expect(readFileSync(file(), "utf8")).toBe('{"wake":"tasks"}');
  });

  it("does not change a damaged settings file, which a person may be editing", async () => {
    writeFileSync(file(), '{"wake": "ta');
    const { code, stderr } = await mac.run(["wake", "off"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is not valid JSON")]);
    expect(readFileSync(file(), "utf8")).toBe('{"wake": "ta');
  });

  it("is off, and says why, if the setting is invalid", async () => {
    writeFileSync(file(), '{"wake":"sometimes"}');
    const { code, stdout, stderr } = await mac.run(["wake"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("must be off, tasks, all")]);
    expect(stdout).toContain("photon: off");
    expect((await mac.run(["status"])).stdout).toMatch(/^wakes {4}off, because a setting/m);
  });
});
