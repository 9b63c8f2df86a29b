import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { photonPaths } from "../../client/disk/paths.ts";
import { updateSession } from "../../client/sessions/session-state.ts";
import manifest from "../../package.json" with { type: "json" };
import { type Outcome, runCli } from "../../test/support/cli/built-cli.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();

const Report = z.strictObject({
  healthy: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(["ok", "warn", "fail"]),
      found: z.string(),
      advice: z.string().optional(),
    }),
  ),
  plugin: z.looseObject({ installed: z.boolean() }),
});

/** Runs the doctor. `troubles`: the names of the checks that are not ok; `found(name)`: a check. */
async function report(env: Record<string, string> = {}) {
  return understood(await mac.run(["doctor", "--json"], { env }));
}

function understood({ code, stdout }: Outcome) {
  const { healthy, checks } = Report.parse(JSON.parse(stdout));
  expect(healthy).toBe(code === 0);
  for (const { state, advice } of checks) expect(advice === undefined).toBe(state === "ok");
  const found = (name: string) => checks.find((check) => check.name === name);
  return { code, troubles: checks.filter(({ state }) => state !== "ok").map(({ name }) => name), found, stdout };
}

describe("photon doctor", () => {
  it("waits for a silent bridge once, and not again in each check", async () => {
    mac.bridge.behaviour = "hangs";
    mac.client({ plugin: manifest.version });
    const { code, troubles } = await report();
    expect({ code, troubles }).toEqual({ code: 1, troubles: expect.arrayContaining(["bridge"]) });
    expect(mac.bridge.requests).toMatchObject([{ url: "/health" }]);
  });

  it("finds nothing wrong with a working machine, and shows the source of each setting but not the key", async () => {
    mac.bridge.version = manifest.version;
    mac.client({ plugin: manifest.version });
    updateSession(photonPaths(mac.env), "s1", { hookRanAt: Date.now() });
    const { code, troubles, found, stdout } = await report();
    expect({ code, troubles }).toEqual({ code: 0, troubles: [] });
    expect(found("node")?.found).toBe(process.versions.node);
    expect(found("key")?.found).toBe("set, 8 characters, from the environment");
    expect(found("machine")?.found).toBe("mac, from the environment");
    expect(found("address")?.found).toContain(mac.bridge.url);
    expect(stdout).not.toContain("test-key");
    const text = await mac.run(["doctor"]);
    expect(text.stdout).toMatch(/^ok {4}bridge +answers in \d+ ms$/m);
    expect(text.stdout + text.stderr).not.toContain("test-key");
  });

  it("reports how the open sessions learn of mail, and that they poll if no socket can be opened", async () => {
    const paths = photonPaths(mac.env);
    const hearing = { since: Date.now() - 10 * 60_000, reader: "mac/photon", workerUrl: mac.bridge.url, hasMod: null };
    updateSession(paths, "s1", { live: { ...hearing, how: "live", pid: process.pid } });
    expect((await report()).found("sessions")).toMatchObject({ state: "ok", found: expect.stringMatching(/^1 open/) });
    mac.bridge.opensSockets = false;
    updateSession(paths, "s2", { live: { ...hearing, how: "polling", pid: process.ppid } });
    const { code, found } = await report();
    mac.bridge.opensSockets = true;
    expect(code).toBe(0);
    expect(found("socket")).toMatchObject({ state: "warn", found: expect.stringContaining("every 30 seconds") });
    expect(found("sessions")?.found).toMatch(/^2 open, 1 asks every 30 seconds for 10 min/);
  });

  it("does not blame a proxy for sessions that poll while the bridge does not answer", async () => {
    const live = { since: 0, reader: "mac/photon", workerUrl: mac.bridge.url, hasMod: null, how: "polling" } as const;
    updateSession(photonPaths(mac.env), "s1", { live: { ...live, pid: process.pid } });
    await mac.bridge.stop();
    const { troubles, found } = await report();
    expect(troubles).toEqual(expect.arrayContaining(["bridge", "sessions"]));
    expect(found("sessions")?.advice).toContain("see bridge");
    expect(found("sessions")?.found).toContain("until the bridge answers again");
    expect((await mac.run(["status"])).stdout).not.toContain("WebSocket");
  });

  it("fails if nothing is set up, and says what to do", async () => {
    const { code, troubles, found } = await report({ BRIDGE_WORKER_URL: "", BRIDGE_API_KEY: "" });
    expect({ code, troubles }).toEqual({ code: 1, troubles: ["plugin", "address", "key", "bridge"] });
    expect(found("key")).toMatchObject({
      found: "not set",
      advice: expect.stringMatching(/photon join.*on the first machine/),
    });
  });

  it("fails on an invalid key, without showing it", async () => {
    const { code, troubles, stdout } = await report({ BRIDGE_API_KEY: "se cret" });
    expect(code).toBe(1);
    expect(troubles).toEqual(expect.arrayContaining(["key", "setting"]));
    expect(stdout).not.toContain("cret");
  });

  it.each([
    ["handover", { PHOTON_HANDOVER: "sometimes" }, "until it is corrected draft is used"],
    ["machine", { BRIDGE_MACHINE_ID: "my mac" }, "until it is corrected "],
    ["project", { BRIDGE_PROJECT: "../photon" }, "until it is corrected "],
  ] as const)("does not report an invalid %s as ok", async (name, env, words) => {
    const { code, troubles, found } = await report({ ...env });
    expect(code).toBe(1);
    expect(troubles).toEqual(expect.arrayContaining([name, "setting"]));
    expect(found(name)?.found).toContain(words);
  });

  it("distinguishes an unreachable bridge, a refused key, and a server that is not a bridge", async () => {
    mac.bridge.behaviour = "refuses the key";
    expect(await report()).toMatchObject({ code: 1, troubles: expect.arrayContaining(["key accepted"]) });
    mac.bridge.behaviour = "answers garbage";
    const garbage = await report();
    expect(garbage.found("bridge")).toMatchObject({
      state: "fail",
      found: expect.stringContaining("did not answer like a Photon bridge"),
    });
    expect(garbage.stdout).not.toContain("IGNORE");
    await mac.bridge.stop();
    expect((await report()).found("bridge")).toMatchObject({
      state: "fail",
      found: expect.stringContaining("cannot be reached"),
    });
  });

  it("warns about a clock that is off, and says which way", async () => {
    mac.bridge.clockAheadMs = 10 * 60_000;
    expect((await report()).found("clock")).toMatchObject({
      state: "warn",
      found: expect.stringMatching(/^(599|600) s behind/),
    });
  });

  it("warns if bridge and plugin have different versions, or if the bridge reports no version", async () => {
    const other = await report();
    expect(other.found("version")?.found).toBe(`${manifest.version} here, 0.0.0-test on the bridge`);
    mac.bridge.version = undefined;
    expect((await report()).found("version")).toMatchObject({ state: "warn", found: expect.stringContaining("older") });
    expect(other.code).toBe(0);
  });

  it("warns about messages that are in the outbox for a long time, without sending them", async () => {
    mkdirSync(join(mac.home, "outbox"));
    const id = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";
    const queuedAt = Date.now() - 3 * 60 * 60_000;
    writeFileSync(
      join(mac.home, "outbox", `${queuedAt}-${id}.json`),
      JSON.stringify({ v: 1, queuedAt, mustEncrypt: false, draft: { id, content: "hi", from: "mac" } }),
    );
    expect((await report()).found("outbox")).toMatchObject({
      state: "warn",
      found: expect.stringMatching(/^1 .* 3 h$/),
    });
    expect(mac.bridge.messages).toEqual([]);
    expect(mac.files("outbox")).toHaveLength(1);
  });

  it("lists messages for another bridge separately", async () => {
    mkdirSync(join(mac.home, "outbox"));
    const id = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";
    const entry = { v: 1, queuedAt: 1, workerUrl: "https://other.example", mustEncrypt: false };
    const draft = { id, content: "hi", from: "mac" };
    writeFileSync(join(mac.home, "outbox", `0000000000001-${id}.json`), JSON.stringify({ ...entry, draft }));
    const { found } = await report();
    expect(found("outbox")).toMatchObject({ state: "ok", found: "empty" });
    const sentence = expect.stringMatching(
      /^1 message is held here: it was written for another bridge, https:\/\/other\.example/,
    );
    expect(found("held messages")).toMatchObject({ state: "warn", found: sentence });
    expect(JSON.parse((await mac.run(["status", "--json"])).stdout)).toMatchObject({ outbox: 0, held: [sentence] });
    expect((await mac.run(["flush"])).stderr).toContain("held here: it was written for another bridge");
    expect(mac.bridge.messages).toEqual([]);
  });

  it("fails if Photon could not keep messages on this disk", async () => {
    const file = join(mac.home, "a file");
    writeFileSync(file, "");
    expect(await report({ PHOTON_HOME: file })).toMatchObject({
      code: 1,
      troubles: expect.arrayContaining(["data folder"]),
    });
  });

  it.skipIf(process.platform === "win32")(
    "warns about a settings file that others can read (Windows has no modes)",
    async () => {
      const file = join(mac.home, "config.json");
      writeFileSync(file, "{}");
      chmodSync(file, 0o644);
      expect((await report()).found("settings file")).toMatchObject({ state: "warn", advice: `chmod 600 "${file}"` });
    },
  );

  it.skipIf(process.platform === "win32")(
    "warns about folders that others can open, with the command that closes them",
    async () => {
      const folders = ["outbox", "sessions"].map((name) => join(mac.home, name));
      for (const folder of folders) {
        mkdirSync(folder);
        chmodSync(folder, 0o750);
      }
      const keys = join(mac.home, "keys.json");
      writeFileSync(keys, "{}");
      chmodSync(keys, 0o604);
      const { code, troubles, found } = await report();
      expect(code).toBe(0);
      expect(troubles).toEqual(expect.arrayContaining(["keys file", "privacy"]));
      const advice = found("privacy")?.advice ?? "";
      expect(advice).toBe(`chmod 700 ${folders.map((folder) => `"${folder}"`).join(" ")}`);
      execFileSync("sh", ["-c", `${advice} && ${found("keys file")?.advice}`]);
      expect((await report()).found("privacy")?.state).toBe("ok");
      expect((await report()).found("keys file")?.state).toBe("ok");
    },
  );

  it("works without git, and says what is lost", async () => {
    const outcome = await runCli(mac.script, ["doctor", "--json"], { env: { ...mac.env, PATH: mac.home } });
    expect(understood(outcome).found("git")).toMatchObject({ state: "warn", found: "not found" });
  });
});
